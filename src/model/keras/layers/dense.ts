// Fully connected layers.
import * as ops from '../../../trace/forward.ts';
import type { Value } from '../../../trace/forward.ts';
import { activationOf } from '../activations.ts';
import { flagOf } from '../config.ts';
import { inputOf, maybeWeightOf, variables, weightOf, type LayerCall, type LayerClass } from '../layer.ts';

export const denseLayers: Readonly<Record<string, LayerClass>> = {
  Dense: { variables: (layer) => variables('kernel', flagOf(layer, 'use_bias', true) && 'bias'), apply: dense },
};

/** [..., in] -> [..., units] */
function dense(call: LayerCall): Value {
  const product = ops.matMul(inputOf(call), weightOf(call, 'kernel'));
  const bias = maybeWeightOf(call, 'bias');
  return activationOf(call)(bias === null ? product : ops.add(product, bias));
}
