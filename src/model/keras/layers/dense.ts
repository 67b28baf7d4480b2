// Fully connected layers.
import { tf } from '../../../tf/tfjs.ts';
import { activationOf } from '../activations.ts';
import { flagOf } from '../config.ts';
import { inputOf, maybeWeightOf, variables, weightOf, type LayerCall, type LayerClass } from '../layer.ts';

export const denseLayers: Readonly<Record<string, LayerClass>> = {
  Dense: { variables: (layer) => variables('kernel', flagOf(layer, 'use_bias', true) && 'bias'), apply: dense },
};

/** [..., in] -> [..., units] */
function dense(call: LayerCall): tf.Tensor {
  const product = tf.matMul(inputOf(call), weightOf(call, 'kernel'));
  const bias = maybeWeightOf(call, 'bias');
  return activationOf(call)(bias === null ? product : tf.add(product, bias));
}
