// Parts of values taken out and put together: slices, splits, gathers, concatenations, padding.
import { intOf, stringOf } from '../../graph/attributes.ts';
import { sizeOf } from '../../graph/tensor.ts';
import { tf } from '../../tf/tfjs.ts';
import { axisOf, constantly, everyNth, indices, inverse, movedLast, sliceAxis, takeRows } from '../arrays.ts';
import { unsupported, type Call, type ReplayOp } from '../call.ts';
import { required } from './rearrangements.ts';

/** NumPy's slices: bounds counted from the end where negative, cut to the axis, steps of either sign. */
function slice(call: Call): tf.Tensor {
  const x = call.input(0);
  const [starts, ends] = [required(call, 1), required(call, 2)];
  const axes = call.numbers(3) ?? indices(starts.length);
  const steps = call.numbers(4);
  return axes.reduce<tf.Tensor>((part, given, index) => {
    const axis = axisOf(given, x.rank);
    const range = { start: starts[index] ?? 0, end: ends[index] ?? 0, step: steps?.[index] ?? 1 };
    return sliced(part, axis, range);
  }, x);
}

function sliced(x: tf.Tensor, axis: number, range: { start: number; end: number; step: number }): tf.Tensor {
  const size = x.shape[axis] ?? 0;
  const { step } = range;
  const clamp = (place: number, low: number, high: number): number =>
    Math.min(Math.max(place < 0 ? place + size : place, low), high);
  if (step > 0) {
    const [start, end] = [clamp(range.start, 0, size), clamp(range.end, 0, size)];
    return everyNth(x, axis, start, Math.max(0, Math.ceil((end - start) / step)), step);
  }
  const [start, end] = [clamp(range.start, -1, size - 1), clamp(range.end, -1, size - 1)];
  const count = Math.max(0, Math.ceil((start - end) / -step));
  return everyNth(tf.reverse(x, axis), axis, size - 1 - start, count, -step);
}

/** Sizes as given, or as equal as they go with the last one smaller. */
function split(call: Call): tf.Tensor[] {
  const x = call.input(0);
  const axis = axisOf(intOf(call.node, 'axis', 0), x.rank);
  const count = intOf(call.node, 'num_outputs', call.node.outputs.length);
  const size = x.shape[axis] ?? 0;
  const part = Math.ceil(size / count);
  const sizes = call.numbers(1) ?? indices(count).map((index) => Math.min(part, size - index * part));
  return sizes.length === 1 ? [x] : tf.split(x, [...sizes], axis);
}

function concat(call: Call): tf.Tensor {
  const parts = call.inputs();
  return tf.concat(parts, axisOf(intOf(call.node, 'axis', 0), parts[0]?.rank ?? 0));
}

/**
 * Entries along an axis, shape: the axis replaced by the indices' shape. One index, or a run of neighbours, is a slice:
 * the class token of a transformer, whose gradient then is a pad.
 */
function gather(call: Call): tf.Tensor {
  const x = call.input(0);
  const axis = axisOf(intOf(call.node, 'axis', 0), x.rank);
  const size = x.shape[axis] ?? 0;
  const picked = call.input(1);
  const shape = [...x.shape.slice(0, axis), ...picked.shape, ...x.shape.slice(axis + 1)];
  const known = call.constant(1) === undefined ? undefined : call.numbers(1)?.map((index) => axisOf(index, size));
  if (known !== undefined && known.length > 0 && known.every((index, place) => index === (known[0] ?? 0) + place)) {
    return tf.reshape(sliceAxis(x, axis, known[0] ?? 0, known.length), shape);
  }
  const flat: tf.Tensor1D = tf.reshape(fromFront(picked, size), [-1]);
  if (x.dtype !== 'float32') return tf.reshape(tf.gather(x, flat, axis), shape);
  const perm = [axis, ...indices(x.rank).filter((other) => other !== axis)];
  const rows = axis === 0 ? x : tf.transpose(x, perm);
  const taken = takeRows(rows, flat);
  return tf.reshape(axis === 0 ? taken : tf.transpose(taken, inverse(perm)), shape);
}

/** Indices with the negative ones counted from the end, int32. */
function fromFront(picked: tf.Tensor, size: number): tf.Tensor {
  return constantly(() => tf.where(tf.less(picked, 0), tf.add(picked, tf.scalar(size, 'int32')), picked));
}

/** y[i, j, ...] = x[i, index[i, j, ...], ...] along `axis`: rows of x spread out, at offsets worked out beforehand. */
function gatherElements(call: Call): tf.Tensor {
  const x = call.input(0);
  const places = elementPlaces(x.shape, call.input(1), intOf(call.node, 'axis', 0));
  return tf.reshape(takeRows(tf.reshape(x, [-1]), places), call.input(1).shape);
}

/** Offsets into a tensor of `shape`, flattened, that an index tensor along an axis means. int32 [elements of `picked`]. */
export function elementPlaces(shape: readonly number[], picked: tf.Tensor, givenAxis: number): tf.Tensor1D {
  const axis = axisOf(givenAxis, shape.length);
  const strides = shape.map((_, index) => sizeOf(shape.slice(index + 1)));
  const others = Int32Array.from(indices(picked.size), (place) => {
    let rest = place;
    let offset = 0;
    for (let other = picked.rank - 1; other >= 0; other--) {
      const dim = picked.shape[other] ?? 1;
      if (other !== axis) offset += (rest % dim) * (strides[other] ?? 1);
      rest = Math.floor(rest / dim);
    }
    return offset;
  });
  const along = tf.reshape(fromFront(picked, shape[axis] ?? 1), [-1]);
  return constantly(() => tf.add(tf.mul(along, tf.scalar(strides[axis] ?? 1, 'int32')), tf.tensor1d(others, 'int32')));
}

/** Whole sub-tensors at the places that the last axis of the indices names, after `batch_dims` common axes. */
function gatherNd(call: Call): tf.Tensor {
  const [x, picked] = [call.input(0), call.input(1)];
  const batch = intOf(call.node, 'batch_dims', 0);
  const inner = x.shape.slice(batch + (picked.shape.at(-1) ?? 1));
  const rows = tf.reshape(x, [-1, ...inner]);
  return tf.reshape(takeRows(rows, rowPlaces(x.shape, picked, batch)), [...picked.shape.slice(0, -1), ...inner]);
}

/**
 * Row numbers that index tuples `picked` [..., depth] mean among the axes of `shape` that `batch` and `depth` span. int32,
 * flat.
 */
export function rowPlaces(shape: readonly number[], picked: tf.Tensor, batch = 0): tf.Tensor1D {
  const depth = picked.shape.at(-1) ?? 1;
  const indexed = shape.slice(batch, batch + depth);
  const strides = tf.tensor1d(
    indices(depth).map((axis) => sizeOf(indexed.slice(axis + 1))),
    'int32',
  );
  const count = sizeOf(picked.shape.slice(0, -1));
  const perBatch = count / sizeOf(shape.slice(0, batch));
  const origins = Int32Array.from(indices(count), (place) => Math.floor(place / perBatch) * sizeOf(indexed));
  return constantly(() => {
    const front = tf.where(tf.less(picked, 0), tf.add(picked, tf.tensor1d(indexed, 'int32')), picked);
    return tf.add(tf.reshape(tf.sum(tf.mul(front, strides), -1), [-1]), tf.tensor1d(origins, 'int32'));
  });
}

/** The k largest (or smallest) elements along an axis, best first, and where they stood. */
function topK(call: Call): tf.Tensor[] {
  const x = call.input(0);
  const k = required(call, 1)[0] ?? 1;
  const axis = axisOf(intOf(call.node, 'axis', -1), x.rank);
  const largest = intOf(call.node, 'largest', 1) === 1;
  const perm = movedLast(x.rank, [axis]);
  const places = constantly(() => {
    const last = tf.transpose(largest ? x : tf.neg(x), perm);
    return tf.transpose(tf.topk(last, k).indices, inverse(perm));
  });
  const values = takeRows(tf.reshape(x, [-1]), elementPlaces(x.shape, places, axis));
  return [tf.reshape(values, places.shape), places];
}

/** Elements added at both ends of axes; a negative number takes some away. */
function pad(call: Call): tf.Tensor {
  const x = call.input(0);
  const pads = required(call, 1);
  const axes = (call.numbers(3) ?? indices(x.rank)).map((axis) => axisOf(axis, x.rank));
  const around = axes.map((axis, index): [number, number, number] => [
    axis,
    pads[index] ?? 0,
    pads[index + axes.length] ?? 0,
  ]);
  const kept = around.reduce<tf.Tensor>((part, [axis, before, after]) => {
    const [cut, end] = [Math.max(0, -before), Math.max(0, -after)];
    return sliceAxis(part, axis, cut, (part.shape[axis] ?? 0) - cut - end);
  }, x);
  const added = around.filter(([, before, after]) => before > 0 || after > 0);
  if (added.length === 0) return kept;
  const mode = stringOf(call.node, 'mode', 'constant');
  if (mode !== 'constant') {
    return added.reduce<tf.Tensor>(
      (part, [axis, before, after]) => continued(call, mode, part, [axis, before, after]),
      kept,
    );
  }
  const paddings = kept.shape.map((_, index): [number, number] => {
    const [, before, after] = added.find(([axis]) => axis === index) ?? [index, 0, 0];
    return [Math.max(0, before), Math.max(0, after)];
  });
  return tf.pad(kept, paddings, call.numbers(2)?.[0] ?? 0);
}

/** One axis continued at both ends by its own elements. tf.mirrorPad has no gradient on most backends. */
function continued(call: Call, mode: string, x: tf.Tensor, [axis, before, after]: readonly number[]): tf.Tensor {
  const [ahead, behind] = [Math.max(0, before ?? 0), Math.max(0, after ?? 0)];
  const place = axis ?? 0;
  const size = x.shape[place] ?? 1;
  const part = (begin: number, count: number): tf.Tensor => sliceAxis(x, place, begin, count);
  const turned = (begin: number, count: number): tf.Tensor => tf.reverse(part(begin, count), place);
  const edge = (begin: number, count: number): tf.Tensor[] => indices(count).map(() => part(begin, 1));
  const ends: Record<string, () => [tf.Tensor[], tf.Tensor[]]> = {
    reflect: () => [ahead > 0 ? [turned(1, ahead)] : [], behind > 0 ? [turned(size - 1 - behind, behind)] : []],
    edge: () => [edge(0, ahead), edge(size - 1, behind)],
    wrap: () => [ahead > 0 ? [part(size - ahead, ahead)] : [], behind > 0 ? [part(0, behind)] : []],
  };
  const reach = mode === 'reflect' ? size - 1 : size;
  const continuation = Object.hasOwn(ends, mode) ? ends[mode] : undefined;
  if (continuation === undefined || (mode !== 'edge' && Math.max(ahead, behind) > reach)) {
    throw unsupported(call, `padding by '${mode}' of this width is not covered`);
  }
  const [first, last] = continuation();
  return tf.concat([...first, x, ...last], place);
}

export const slicing: Record<string, ReplayOp> = {
  Slice: slice,
  Split: split,
  Concat: concat,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherNd,
  TopK: topK,
  Pad: pad,
};
