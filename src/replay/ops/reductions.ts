// Reductions over axes, cumulative sums, positions of extremes.
import { intOf, intsOf } from '../../graph/attributes.ts';
import { sizeOf } from '../../graph/tensor.ts';
import { tf } from '../../tf/tfjs.ts';
import { axisOf, constantly, indices, inverse, movedLast, sliceAxis } from '../arrays.ts';
import type { Call, ReplayOp } from '../call.ts';
import { absolute } from './elementary.ts';
import { matMul } from './matrices.ts';

type Reduction = (x: tf.Tensor, axes: number[], keepDims: boolean) => tf.Tensor;

/** Axes come as an input, or as an attribute in the operators that kept it. None means all, or none at all if so marked. */
const reduction =
  (compute: Reduction): ReplayOp =>
  (call) => {
    const x = call.input(0);
    const given = call.numbers(1) ?? intsOf(call.node, 'axes') ?? [];
    const nothing = given.length === 0 && intOf(call.node, 'noop_with_empty_axes', 0) === 1;
    const axes = given.length === 0 ? indices(x.rank) : given.map((axis) => axisOf(axis, x.rank));
    return compute(x, nothing ? [] : axes, intOf(call.node, 'keepdims', 1) === 1);
  };

/** tf takes an empty list of axes for all of them. */
const unlessEmpty =
  (compute: Reduction): Reduction =>
  (x, axes, keepDims) =>
    axes.length === 0 ? x : compute(x, axes, keepDims);

const sum = unlessEmpty((x, axes, keepDims) => tf.sum(x, axes, keepDims));
const max = unlessEmpty((x, axes, keepDims) => tf.max(x, axes, keepDims));

/** Halves are multiplied until one element is left: right where elements are zero, with kernels that every backend has. */
function product(x: tf.Tensor, axes: number[], keepDims: boolean): tf.Tensor {
  const rest = x.shape.filter((_, axis) => !axes.includes(axis));
  const rows = tf.reshape(tf.transpose(x, movedLast(x.rank, axes)), [sizeOf(rest), -1]);
  const only = (part: tf.Tensor): tf.Tensor => {
    const size = part.shape[1] ?? 1;
    if (size <= 1) return part;
    const half = size >> 1;
    const pairs = tf.mul(sliceAxis(part, 1, 0, half), sliceAxis(part, 1, half, half));
    return only(size % 2 === 0 ? pairs : tf.concat([pairs, sliceAxis(part, 1, size - 1, 1)], 1));
  };
  const shape = keepDims ? x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim)) : rest;
  return tf.reshape(only(rows), shape);
}

/**
 * Euclidean norm. Its gradient is x / norm, and 0 where the norm is 0 (rectified channels that see nothing), where that of
 * the square root would be infinite.
 */
export function euclideanNorm(x: tf.Tensor, axes: number[], keepDims: boolean): tf.Tensor {
  const compute = tf.customGrad((...args) => {
    const [value, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const norm = tf.sqrt(sum(tf.square(value), axes, true));
    save([value, norm]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => {
      const [source, length] = saved as [tf.Tensor, tf.Tensor];
      const divisor = tf.where(tf.equal(length, 0), tf.onesLike(length), length);
      return tf.mul(tf.div(source, divisor), tf.reshape(dy, length.shape));
    };
    return { value: keepDims ? norm : tf.reshape(norm, withoutAxes(value.shape, axes)), gradFunc };
  });
  return compute(x);
}

const withoutAxes = (shape: readonly number[], axes: readonly number[]): number[] =>
  shape.filter((_, axis) => !axes.includes(axis));

/** log(sum(exp(x))) with the largest element taken out, so that nothing overflows. */
function logSumExp(x: tf.Tensor, axes: number[], keepDims: boolean): tf.Tensor {
  const top = constantly(() => max(x, axes, true));
  const result = tf.add(tf.log(sum(tf.exp(tf.sub(x, top)), axes, true)), top);
  return keepDims ? result : tf.reshape(result, withoutAxes(x.shape, axes));
}

/** Position of the extreme along one axis: the first one, or with select_last_index the last. */
function position(call: Call, find: (x: tf.Tensor, axis: number) => tf.Tensor): tf.Tensor {
  const x = call.input(0);
  const axis = axisOf(intOf(call.node, 'axis', 0), x.rank);
  const last = intOf(call.node, 'select_last_index', 0) === 1;
  return constantly(() => {
    const found = last ? tf.sub((x.shape[axis] ?? 1) - 1, find(tf.reverse(x, axis), axis)) : find(x, axis);
    return tf.cast(intOf(call.node, 'keepdims', 1) === 1 ? tf.expandDims(found, axis) : found, 'int32');
  });
}

/** A product with a triangular matrix of ones: the gradient of tf.cumsum is wrong unless the axis is the last. */
function cumulativeSum(call: Call): tf.Tensor {
  const x = call.input(0);
  const axis = axisOf(call.numbers(1)?.[0] ?? 0, x.rank);
  const size = x.shape[axis] ?? 1;
  const exclusive = intOf(call.node, 'exclusive', 0);
  const reverse = intOf(call.node, 'reverse', 0) === 1;
  const ones = Float32Array.from({ length: size * size }, (_, place) => {
    const [from, to] = [Math.floor(place / size), place % size];
    return (reverse ? from - to : to - from) >= exclusive ? 1 : 0;
  });
  const perm = movedLast(x.rank, [axis]);
  const sums = matMul(tf.cast(tf.transpose(x, perm), 'float32'), tf.tensor2d(ones, [size, size]));
  return tf.cast(tf.transpose(sums, inverse(perm)), x.dtype);
}

export const reductions: Record<string, ReplayOp> = {
  ReduceSum: reduction(sum),
  ReduceMean: reduction(unlessEmpty((x, axes, keepDims) => tf.mean(x, axes, keepDims))),
  ReduceMax: reduction(max),
  ReduceMin: reduction(unlessEmpty((x, axes, keepDims) => tf.min(x, axes, keepDims))),
  ReduceProd: reduction(unlessEmpty(product)),
  ReduceL1: reduction((x, axes, keepDims) => sum(absolute(x), axes, keepDims)),
  ReduceL2: reduction(euclideanNorm),
  ReduceSumSquare: reduction((x, axes, keepDims) => sum(tf.square(x), axes, keepDims)),
  ReduceLogSum: reduction((x, axes, keepDims) => tf.log(sum(x, axes, keepDims))),
  ReduceLogSumExp: reduction(logSumExp),
  ArgMax: (call) => position(call, (x, axis) => tf.argMax(x, axis)),
  ArgMin: (call) => position(call, (x, axis) => tf.argMin(x, axis)),
  CumSum: cumulativeSum,
};
