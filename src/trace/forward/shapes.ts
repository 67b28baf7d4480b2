// Operations that change how values are seen, cut them, or put them together. Each checks its arguments: what a damaged model
// asks for must not become a graph.
import { GradcamError } from '../../lib/errors.ts';
import { tf } from '../../tf/tfjs.ts';
import { broadcastShape } from '../shapes.ts';
import type { Value } from '../value.ts';
import { kernel, kernelOfMany, kernels } from './kernel.ts';

type Pairs = readonly (readonly [number, number])[];

/** `shape` may leave one size open as -1. */
export function reshape(x: Value, shape: readonly number[]): Value {
  return kernel('Reshape', { x }, { shape: [...shape] });
}

/** Default: the axes in reverse. */
export function transpose(x: Value, perm?: readonly number[]): Value {
  const rank = x.shape.length;
  const axes = (perm ?? x.shape.map((_, axis) => rank - 1 - axis)).map((axis) => (axis < 0 ? axis + rank : axis));
  const isWhole = axes.length === rank && x.shape.every((_, axis) => axes.includes(axis));
  if (!isWhole) throw misfit('a transpose', `every axis of [${x.shape.join(', ')}] once`, `[${axes.join(', ')}]`);
  return kernel('Transpose', { x }, { perm: axes });
}

/** A new axis of one element at `axis`, which counts from the end below zero. */
export function expandDims(x: Value, axis = 0): Value {
  const place = axisOf(axis, x.shape.length + 1);
  return reshape(x, x.shape.toSpliced(place, 0, 1));
}

/** Without these axes, or without all of one element. */
export function squeeze(x: Value, axes?: readonly number[]): Value {
  const { newShape } = tf.util.squeezeShape([...x.shape], axes === undefined ? undefined : [...axes]);
  return reshape(x, newShape);
}

export function broadcastTo(x: Value, shape: readonly number[]): Value {
  const whole = broadcastShape([x.shape, shape]);
  if (whole.join() !== shape.join()) throw misfit('a broadcast', `a shape that fits [${shape.join(', ')}]`, `[${x.shape.join(', ')}]`); // prettier-ignore
  if (x.shape.join() === shape.join()) return x;
  const padded = [...new Array<number>(shape.length - x.shape.length).fill(1), ...x.shape];
  const reps = shape.map((size, axis) => (padded[axis] === size ? 1 : size));
  return tile(reshape(x, padded), reps);
}

export function tile(x: Value, reps: readonly number[]): Value {
  if (reps.length !== x.shape.length || !reps.every(isCount)) {
    throw misfit('a tiling', `${x.shape.length} counts`, `[${reps.join(', ')}]`);
  }
  return kernel('Tile', { x }, { reps: [...reps] });
}

export function concat(values: readonly Value[], axis: number): Value {
  const [first] = values;
  if (first === undefined) throw misfit('a concatenation', 'values', 'none');
  const place = axisOf(axis, first.shape.length);
  tf.backend_util.assertParamsConsistent(
    values.map(({ shape }) => [...shape]),
    place,
  );
  return values.length === 1 ? first : kernelOfMany('Concat', values, { axis: place });
}

export function stack(values: readonly Value[], axis: number): Value {
  const [first] = values;
  if (first === undefined) throw misfit('a stack', 'values', 'none');
  const place = axisOf(axis, first.shape.length + 1);
  const other = values.find(({ shape }) => shape.join() !== first.shape.join());
  if (other !== undefined) throw misfit('a stack', `values [${first.shape.join(', ')}]`, `[${other.shape.join(', ')}]`);
  return kernelOfMany('Pack', values, { axis: place });
}

export function unstack(value: Value, axis: number): Value[] {
  return kernels('Unpack', { value }, { axis: axisOf(axis, value.shape.length) });
}

/** So many parts of one size, or parts of these sizes. */
export function split(x: Value, parts: number | readonly number[], axis: number): Value[] {
  const place = axisOf(axis, x.shape.length);
  const numOrSizeSplits = typeof parts === 'number' ? parts : [...parts];
  return kernels('SplitV', { x }, { numOrSizeSplits, axis: place });
}

/** `size` -1 along an axis: up to its end. */
export function slice(x: Value, begin: readonly number[], size: readonly number[]): Value {
  return kernel('Slice', { x }, { begin: [...begin], size: [...size] });
}

export function stridedSlice(x: Value, attributes: tf.StridedSliceAttrs): Value {
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes;
  const count = begin.length;
  // TensorFlow.js counts up to whatever a mask says.
  const masks = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask];
  const fits = end.length === count && strides.length === count && masks.every((mask) => isCount(mask) && mask < 2 ** count); // prettier-ignore
  if (!fits || count > 2 * x.shape.length + 8 || strides.includes(0)) {
    throw misfit('a slice', `a range and steps for each of [${x.shape.join(', ')}]`, JSON.stringify(attributes));
  }
  return kernel('StridedSlice', { x }, attributes);
}

export function reverse(x: Value, axes: readonly number[]): Value {
  return kernel('Reverse', { x }, { dims: [...axes] });
}

/** Cells before and after each axis. */
export function pad(x: Value, paddings: Pairs, constantValue = 0): Value {
  return kernel('PadV2', { x }, { paddings: paddingsOf(x, paddings), constantValue });
}

export function mirrorPad(x: Value, paddings: Pairs, mode: 'reflect' | 'symmetric'): Value {
  const narrow = mode === 'reflect' ? 1 : 0;
  const fits = paddings.every((pair, axis) => pair.every((cells) => cells <= (x.shape[axis] ?? 0) - narrow));
  if (!fits) throw misfit('a mirrored border', `borders within [${x.shape.join(', ')}]`, JSON.stringify(paddings));
  return kernel('MirrorPad', { x }, { paddings: paddingsOf(x, paddings), mode });
}

export function gather(x: Value, indices: Value, axis = 0, batchDims = 0): Value {
  const place = axisOf(axis, x.shape.length);
  const common = batchDims < 0 ? batchDims + indices.shape.length : batchDims;
  const fits = common <= place && indices.shape.slice(0, common).every((size, index) => size === x.shape[index]);
  if (!fits) throw misfit('a gathering', `${common} common axes`, `[${x.shape.join(', ')}], [${indices.shape.join(', ')}]`); // prettier-ignore
  return kernel('GatherV2', { x, indices }, { axis: place, batchDims: common });
}

function paddingsOf(x: Value, paddings: Pairs): [number, number][] {
  const fits = paddings.length === x.shape.length && paddings.every((pair) => pair.length === 2 && pair.every(isCount));
  if (!fits) throw misfit('a border', `${x.shape.length} pairs of cells`, JSON.stringify(paddings));
  return paddings.map(([before, after]) => [before, after]);
}

/** The axis from 0 on, of `rank`; below zero it counts from the end. Throws GradcamError `forward-shapes`. */
export function axisOf(axis: number, rank: number): number {
  const place = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(place) && place >= 0 && place < rank) return place;
  throw misfit('an operation', `an axis of ${rank}`, String(axis));
}

/** GradcamError `forward-shapes`: the operation does not fit what it is given. */
export function misfit(what: string, expected: string, found: string): GradcamError {
  return new GradcamError({ code: 'forward-shapes', what: `Shapes do not fit ${what}: expected ${expected}, found ${found}.`, expected, found }); // prettier-ignore
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
