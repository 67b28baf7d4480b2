// Array operations that several operators share: axes, broadcasting, interleaving, picking, and computing off the tape.
// Each composes TensorFlow.js operations whose gradients are right where those of the obvious ones are not.
import { sizeOf } from '../graph/tensor.ts';
import { tf } from '../tf/tfjs.ts';

export type Shape = readonly number[];

/** An axis counted from the front; `rank` itself is allowed where an operator takes a place between axes. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** [0, 1, ..., count - 1] */
export const indices = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** The permutation that moves the axes at the places `axes` to the end, in that order. */
export function movedLast(rank: number, axes: readonly number[]): number[] {
  return [...indices(rank).filter((axis) => !axes.includes(axis)), ...axes];
}

/** The permutation that undoes `perm`. */
export const inverse = (perm: readonly number[]): number[] => indices(perm.length).map((axis) => perm.indexOf(axis));

/** The common shape of several by ONNX's (NumPy's) broadcasting. */
export function broadcastShape(...shapes: Shape[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return indices(rank).map((axis) => {
    const dims = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    return dims.find((dim) => dim !== 1) ?? 1;
  });
}

/**
 * `x` broadcast with `shape`. Adds zeros that are as small as broadcasting lets them be: the gradient is a sum, where that
 * of tf.tile, which tf.broadcastTo stands on, is a slice per repetition.
 */
export function expand(x: tf.Tensor, shape: Shape): tf.Tensor {
  const target = broadcastShape(x.shape, shape);
  if (sizeOf(target) === x.size && target.length === x.rank) return x;
  const repeated = target.map((dim, axis) => ((x.shape[axis - target.length + x.rank] ?? 1) === dim ? 1 : dim));
  if (x.dtype === 'bool') return tf.logicalOr(x, tf.zeros(repeated, 'bool'));
  return tf.add(x, tf.zeros(repeated, x.dtype));
}

/** `x` repeated `repeats[axis]` times along each axis. */
export function tile(x: tf.Tensor, repeats: readonly number[]): tf.Tensor {
  const split = x.shape.flatMap((dim, axis) => (repeats[axis] === 1 ? [dim] : [1, dim]));
  const repeated = x.shape.flatMap((dim, axis) => (repeats[axis] === 1 ? [dim] : [repeats[axis] ?? 1, dim]));
  const shape = x.shape.map((dim, axis) => dim * (repeats[axis] ?? 1));
  return tf.reshape(expand(tf.reshape(x, split), repeated), shape);
}

/** tf.slice along one axis. */
export function sliceAxis(x: tf.Tensor, axis: number, begin: number, size: number): tf.Tensor {
  if (begin === 0 && size === x.shape[axis]) return x;
  return tf.slice(
    x,
    x.shape.map((_, index) => (index === axis ? begin : 0)),
    x.shape.map((dim, index) => (index === axis ? size : dim)),
  );
}

/**
 * Elements begin, begin + step, ... along an axis, `count` of them, step > 0. By reshaping into rows of `step`:
 * tf.stridedSlice has no gradient.
 */
export function everyNth(x: tf.Tensor, axis: number, begin: number, count: number, step: number): tf.Tensor {
  if (step === 1 || count <= 1) return sliceAxis(x, axis, begin, count);
  const available = (x.shape[axis] ?? 0) - begin;
  const length = Math.min(available, count * step);
  const paddings = x.shape.map((_, index): [number, number] => [0, index === axis ? count * step - length : 0]);
  const part = sliceAxis(x, axis, begin, length);
  const whole = length === count * step ? part : tf.pad(part, paddings);
  const rows = tf.reshape(whole, [...x.shape.slice(0, axis), count, step, ...x.shape.slice(axis + 1)]);
  const shape = x.shape.map((dim, index) => (index === axis ? count : dim));
  return tf.reshape(sliceAxis(rows, axis + 1, 0, 1), shape);
}

/**
 * A value that gradients do not flow into: comparisons and the like have none, and their kernels may lack even a zero one.
 * Off the tape because nothing computed inside tf.customGrad is on it, and this call of it has no inputs.
 */
export function constantly<T extends tf.Tensor>(compute: () => T): T {
  return tf.customGrad<T>(() => ({ value: compute(), gradFunc: () => [] }))();
}

/**
 * Rows of `x` [rows, ...] by int32 `picked` [count] -> [count, ...]; its gradient adds into rows. tf.gather's own gradient
 * passes over everything once per row on the `cpu` backend.
 */
export function takeRows(x: tf.Tensor, picked: tf.Tensor1D): tf.Tensor {
  const take = tf.customGrad((...args) => {
    const [source, save] = args as [tf.Tensor, tf.GradSaveFunc];
    save([picked]);
    return {
      value: tf.gather(source, picked),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => addRows(dy, saved[0] as tf.Tensor1D, x.shape),
    };
  });
  return take(x);
}

/** Zeros of `shape` with `updates` [count, ...] added at rows `places` [count]; the transpose of `takeRows`. */
export function addRows(updates: tf.Tensor, places: tf.Tensor1D, shape: Shape): tf.Tensor {
  const add = tf.customGrad((...args) => {
    const [rows, save] = args as [tf.Tensor, tf.GradSaveFunc];
    save([places]);
    return {
      value: tf.scatterND(tf.reshape(places, [-1, 1]), rows, [...shape]),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => takeRows(dy, saved[0] as tf.Tensor1D),
    };
  });
  return add(updates);
}
