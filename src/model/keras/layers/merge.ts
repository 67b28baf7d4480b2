// Layers of several inputs.
import { tf } from '../../../tf/tfjs.ts';
import { fromZero } from '../axes.ts';
import { flagOf, wholeOf, wholesOf } from '../config.ts';
import { unsupported, type LayerCall, type LayerClass } from '../layer.ts';

type Combine = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

export const mergeLayers: Readonly<Record<string, LayerClass>> = {
  Add: { apply: (call) => merge(call, tf.add) },
  Subtract: { apply: (call) => merge(call, tf.sub) },
  Multiply: { apply: (call) => merge(call, tf.mul) },
  Average: { apply: (call) => tf.div(merge(call, tf.add), call.inputs.length) },
  Maximum: { apply: (call) => merge(call, tf.maximum) },
  Minimum: { apply: (call) => merge(call, tf.minimum) },
  Concatenate: { apply: concatenate },
  Dot: { apply: dot },
};

/** Elementwise; an input of fewer axes gets axes of size 1 after its batch. */
function merge(call: LayerCall, combine: Combine): tf.Tensor {
  const rank = Math.max(...call.inputs.map((input) => input.rank));
  const inputs = call.inputs.map((input) => {
    const missing = rank - input.rank;
    return missing === 0
      ? input
      : tf.reshape(input, [input.shape[0], ...Array<number>(missing).fill(1), ...input.shape.slice(1)]);
  });
  if (inputs.length === 0) throw unsupported(call, 'inputs', 'none');
  return inputs.reduce((a, b) => combine(a, b));
}

function concatenate(call: LayerCall): tf.Tensor {
  if (call.inputs.length === 0) throw unsupported(call, 'inputs', 'none');
  return call.inputs.length === 1 ? call.inputs[0]! : tf.concat([...call.inputs], wholeOf(call, 'axis', -1));
}

/** Products along one axis of each of two inputs: [batch, ..., ...]. */
function dot(call: LayerCall): tf.Tensor {
  const [left, right] = call.inputs;
  if (left === undefined || right === undefined || left.rank > 3 || right.rank > 3) {
    throw unsupported(
      call,
      'two inputs of 2 or 3 axes',
      call.inputs.map((input) => `[${input.shape.join(', ')}]`).join(' and '),
    );
  }
  const axes = wholesOf(call, 'axes', [-1]);
  const [leftAxis, rightAxis] = [fromZero(axes[0]!, left.rank), fromZero(axes[1] ?? axes[0]!, right.rank)];
  const [a, b] = flagOf(call, 'normalize', false) ? [unit(left, leftAxis), unit(right, rightAxis)] : [left, right];
  // [batch, rest, summed] x [batch, summed, rest]
  const rows = a.rank === 2 ? tf.expandDims(a, 1) : leftAxis === 2 ? a : tf.transpose(a, [0, 2, 1]);
  const columns = b.rank === 2 ? tf.expandDims(b, 2) : rightAxis === 1 ? b : tf.transpose(b, [0, 2, 1]);
  const product = tf.matMul(rows, columns);
  const kept = [...(a.rank === 3 ? [product.shape[1]!] : []), ...(b.rank === 3 ? [product.shape[2]!] : [])];
  return tf.reshape(product, [product.shape[0], ...(kept.length === 0 ? [1] : kept)]);
}

function unit(x: tf.Tensor, axis: number): tf.Tensor {
  return tf.mul(x, tf.rsqrt(tf.maximum(tf.sum(tf.square(x), [axis], true), 1e-12)));
}
