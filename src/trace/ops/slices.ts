// Kernels that take parts of a value, or turn it round.
import { tf } from '../../tf/tfjs.ts';
import { inverse } from '../layout.ts';
import { lowering, type CaseInput, type OpLowering } from '../op.ts';
import type { Recorder } from '../recorder.ts';
import type { Value } from '../value.ts';

/** Along one logical axis: `size` cells from `start` in steps of `step`. */
export interface Part {
  readonly axis: number;
  readonly start: number;
  readonly size: number;
  readonly step: number;
}

/** The value reduced to parts of its axes. Axes that repeat only get shorter. */
export function sliced(recorder: Recorder, x: Value, parts: readonly Part[]): Value {
  const shape = [...x.shape];
  for (const { axis, size } of parts) shape[axis] = size;
  const extents = x.extents.map((extent, axis) => (extent === x.shape[axis] ? shape[axis]! : extent));
  const real = parts.filter(
    ({ axis, start, size, step }) =>
      x.extents[axis] === x.shape[axis] && (start !== 0 || step !== 1 || size !== x.shape[axis]),
  );
  if (real.length === 0) return { ...x, shape };
  const places = inverse(x.order);
  // The end is exclusive; walking backwards to the first cell, the end before it is out of range on the far side.
  const ends = real.map(({ start, size, step }) => {
    const end = start + size * step;
    return end < 0 ? -(2 ** 31) : end;
  });
  const lists = [
    real.map((part) => part.start),
    ends,
    real.map((part) => places[part.axis]!),
    real.map((part) => part.step),
  ];
  const inputs = [recorder.stored(x, x.order), ...lists.map((list) => recorder.integers(list))];
  return recorder.make('Slice', inputs, { shape, extents, order: x.order, dtype: x.dtype });
}

const cube: CaseInput = { shape: [3, 4, 5] };

export const slices: readonly OpLowering[] = [
  lowering<'x', tf.SliceAttrs>('Slice', {
    lower: (recorder, { x }, { begin, size }) => {
      const [starts, sizes] = tf.slice_util.parseSliceParams(
        { dataId: {}, shape: [...x.shape], dtype: x.dtype },
        begin,
        size,
      );
      return sliced(recorder, x, starts!.map((start, axis) => ({ axis, start, size: sizes![axis]!, step: 1 }))); // prettier-ignore
    },
    cases: [
      { title: 'inside', inputs: [cube], compute: (x) => tf.slice(x, [1, 0, 2], [2, 4, 2]), nodes: ['Slice'] },
      { title: 'all of it', inputs: [cube], compute: (x) => tf.slice(x, [0, 0, 0], [3, 4, 5]), nodes: [] },
      {
        title: 'of a repeated axis',
        inputs: [{ shape: [3, 1] }],
        compute: (x) => tf.slice(tf.tile(x, [1, 4]), [0, 1], [3, 2]),
        nodes: ['Expand'],
      },
      {
        title: 'of an image that lies channels first',
        inputs: [{ shape: [2, 3, 4, 5] }],
        compute: (x) => tf.transpose(tf.slice(tf.transpose(x, [0, 2, 3, 1]), [0, 1, 2, 1], [2, 2, 3, 1]), [0, 3, 1, 2]),
        nodes: ['Slice'],
      },
    ],
  }),
  lowering<'x', tf.StridedSliceAttrs>('StridedSlice', {
    lower: (recorder, { x }, attributes) => {
      const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes;
      const info = tf.slice_util.sliceInfo(
        [...x.shape], begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask,
      ); // prettier-ignore
      const sizes = tf.slice_util.computeOutShape(info.begin, info.end, info.strides);
      const parts = sizes.map((size, axis) => ({ axis, start: info.begin[axis]!, size, step: info.strides[axis]! }));
      return recorder.reshaped(sliced(recorder, x, parts), info.finalShape);
    },
    cases: [
      {
        title: 'every other',
        inputs: [cube],
        compute: (x) => tf.stridedSlice(x, [0, 1, 0], [3, 4, 5], [2, 2, 1]),
        gradient: false,
      },
      {
        title: 'backwards',
        inputs: [cube],
        compute: (x) => tf.stridedSlice(x, [2, 0, 4], [0, 4, -6], [-1, 1, -2]),
        gradient: false,
      },
      {
        title: 'an axis taken away',
        inputs: [cube],
        compute: (x) => tf.stridedSlice(x, [1, 0, 0], [2, 4, 5], [1, 1, 1], 6, 6, 0, 0, 1),
        gradient: false,
      },
    ],
  }),
  lowering<'x', tf.ReverseAttrs>('Reverse', {
    lower: (recorder, { x }, { dims }) => {
      const axes = tf.util.parseAxisParam(dims, [...x.shape]);
      return sliced(recorder, x, axes.map((axis) => ({ axis, start: x.shape[axis]! - 1, size: x.shape[axis]!, step: -1 }))); // prettier-ignore
    },
    cases: [
      { title: 'two axes', inputs: [cube], compute: (x) => tf.reverse(x, [0, 2]), nodes: ['Slice'] },
      {
        title: 'an axis that repeats',
        inputs: [{ shape: [3, 1] }],
        compute: (x) => tf.reverse(tf.tile(x, [1, 2]), [1]),
        nodes: ['Expand'],
      },
    ],
  }),
];
