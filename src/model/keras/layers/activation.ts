// Layers that apply an activation function.
import { tf } from '../../../tf/tfjs.ts';
import { activationLayer, activationOf, softmax } from '../activations.ts';
import { badField, isList, isWhole, type Configured } from '../config.ts';
import { inputOf, unsupported, variables, weightOf, type LayerCall, type LayerClass } from '../layer.ts';

/** A class whose configuration alone says what it computes. */
const configured: LayerClass = {
  apply(call) {
    const activation = activationLayer(call);
    if (activation === null) throw unsupported(call, 'an activation layer', call.className);
    return activation(inputOf(call));
  },
};

export const activationLayers: Readonly<Record<string, LayerClass>> = {
  Activation: { apply: (call) => activationOf(call)(inputOf(call)) },
  ReLU: configured,
  LeakyReLU: configured,
  ELU: configured,
  ThresholdedReLU: configured,
  PReLU: { variables: () => variables('alpha'), apply: prelu },
  Softmax: { apply: (call) => softmaxOver(inputOf(call), axesOf(call)) },
};

function prelu(call: LayerCall): tf.Tensor {
  const x = inputOf(call);
  const negative = tf.mul(weightOf(call, 'alpha'), tf.minimum(x, 0));
  return tf.add(tf.relu(x), negative);
}

/** One axis or several, over which the values add up to 1 together. */
function softmaxOver(x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  if (axes.length === 1) return softmax(x, axes[0]!);
  const exponentials = tf.exp(tf.sub(x, tf.max(x, [...axes], true)));
  return tf.div(exponentials, tf.sum(exponentials, [...axes], true));
}

function axesOf(layer: Configured): number[] {
  const axis = layer.config.axis ?? -1;
  const axes = isList(axis) ? [...axis] : [axis];
  if (axes.length === 0 || !axes.every(isWhole)) throw badField(layer, 'axis', 'an axis or several');
  return axes;
}
