// Layers that apply an activation function.
import * as ops from '../../../trace/forward.ts';
import type { Value } from '../../../trace/forward.ts';
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

function prelu(call: LayerCall): Value {
  const x = inputOf(call);
  const negative = ops.mul(weightOf(call, 'alpha'), ops.minimum(x, 0));
  return ops.add(ops.relu(x), negative);
}

/** One axis or several, over which the values add up to 1 together. */
function softmaxOver(x: Value, axes: readonly number[]): Value {
  if (axes.length === 1) return softmax(x, axes[0]!);
  const exponentials = ops.exp(ops.sub(x, ops.max(x, [...axes], true)));
  return ops.div(exponentials, ops.sum(exponentials, [...axes], true));
}

function axesOf(layer: Configured): number[] {
  const axis = layer.config.axis ?? -1;
  const axes = isList(axis) ? [...axis] : [axis];
  if (axes.length === 0 || !axes.every(isWhole)) throw badField(layer, 'axis', 'an axis or several');
  return axes;
}
