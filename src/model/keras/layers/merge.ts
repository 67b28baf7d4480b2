// Layers of several inputs.
import * as ops from '../../../trace/forward.ts';
import type { Value } from '../../../trace/forward.ts';
import { fromZero } from '../axes.ts';
import { flagOf, wholeOf, wholesOf } from '../config.ts';
import { unsupported, type LayerCall, type LayerClass } from '../layer.ts';

type Combine = (a: Value, b: Value) => Value;

export const mergeLayers: Readonly<Record<string, LayerClass>> = {
  Add: { apply: (call) => merge(call, ops.add) },
  Subtract: { apply: (call) => merge(call, ops.sub) },
  Multiply: { apply: (call) => merge(call, ops.mul) },
  Average: { apply: (call) => ops.div(merge(call, ops.add), call.inputs.length) },
  Maximum: { apply: (call) => merge(call, ops.maximum) },
  Minimum: { apply: (call) => merge(call, ops.minimum) },
  Concatenate: { apply: concatenate },
  Dot: { apply: dot },
};

/** Elementwise; an input of fewer axes gets axes of size 1 after its batch. */
function merge(call: LayerCall, combine: Combine): Value {
  const rank = Math.max(...call.inputs.map((input) => input.shape.length));
  const inputs = call.inputs.map((input) => {
    const missing = rank - input.shape.length;
    return missing === 0
      ? input
      : ops.reshape(input, [input.shape[0]!, ...Array<number>(missing).fill(1), ...input.shape.slice(1)]);
  });
  if (inputs.length === 0) throw unsupported(call, 'inputs', 'none');
  return inputs.reduce((a, b) => combine(a, b));
}

function concatenate(call: LayerCall): Value {
  if (call.inputs.length === 0) throw unsupported(call, 'inputs', 'none');
  return call.inputs.length === 1 ? call.inputs[0]! : ops.concat(call.inputs, wholeOf(call, 'axis', -1));
}

/** Products along one axis of each of two inputs: [batch, ..., ...]. */
function dot(call: LayerCall): Value {
  const [left, right] = call.inputs;
  if (left === undefined || right === undefined || left.shape.length > 3 || right.shape.length > 3) {
    throw unsupported(
      call,
      'two inputs of 2 or 3 axes',
      call.inputs.map((input) => `[${input.shape.join(', ')}]`).join(' and '),
    );
  }
  const axes = wholesOf(call, 'axes', [-1]);
  const [leftAxis, rightAxis] = [
    fromZero(axes[0]!, left.shape.length),
    fromZero(axes[1] ?? axes[0]!, right.shape.length),
  ];
  const [a, b] = flagOf(call, 'normalize', false) ? [unit(left, leftAxis), unit(right, rightAxis)] : [left, right];
  // [batch, rest, summed] x [batch, summed, rest]
  const rows = a.shape.length === 2 ? ops.expandDims(a, 1) : leftAxis === 2 ? a : ops.transpose(a, [0, 2, 1]);
  const columns = b.shape.length === 2 ? ops.expandDims(b, 2) : rightAxis === 1 ? b : ops.transpose(b, [0, 2, 1]);
  const product = ops.matMul(rows, columns);
  const kept = [
    ...(a.shape.length === 3 ? [product.shape[1]!] : []),
    ...(b.shape.length === 3 ? [product.shape[2]!] : []),
  ];
  return ops.reshape(product, [product.shape[0]!, ...(kept.length === 0 ? [1] : kept)]);
}

function unit(x: Value, axis: number): Value {
  return ops.mul(x, ops.rsqrt(ops.maximum(ops.sum(ops.square(x), [axis], true), 1e-12)));
}
