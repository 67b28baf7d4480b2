// Kernels that put values together or take them apart along an axis.
import { int } from '../../graph/attributes.ts';
import { tf } from '../../tf/tfjs.ts';
import { leadingOrder } from '../elementwise.ts';
import { lowering, type CaseInput, type OpLowering } from '../op.ts';
import type { Recorder } from '../recorder.ts';
import type { Value } from '../value.ts';
import { sliced } from './slices.ts';

/** Values one after the other along an axis, lying as the largest of them lies. */
function joined(recorder: Recorder, values: readonly Value[], axis: number): Value {
  const filledOnes = values.filter((value) => value.shape[axis] !== 0);
  if (filledOnes.length === 1) return filledOnes[0]!;
  const order = leadingOrder(filledOnes, values[0]!.shape.length);
  const shape = values[0]!.shape.with(
    axis,
    filledOnes.reduce((sum, value) => sum + value.shape[axis]!, 0),
  );
  const inputs = filledOnes.map((value) => recorder.at(value, order));
  return recorder.make('Concat', inputs, { shape, order, dtype: values[0]!.dtype }, { axis: int(order.indexOf(axis)) });
}

const parts = (count: number): CaseInput[] =>
  Array.from({ length: count }, (_, index) => ({ shape: [2, index + 1, 3] }));

export const joins: readonly OpLowering[] = [
  lowering('Concat', {
    lower: (recorder, inputs, { axis }: tf.ConcatAttrs) => {
      const values = Object.values<Value>(inputs);
      return joined(recorder, values, tf.util.parseAxisParam(axis, [...values[0]!.shape])[0]!);
    },
    cases: [
      { title: 'three', inputs: parts(3), compute: (...xs) => tf.concat(xs, 1), nodes: ['Concat'] },
      {
        title: 'with a constant',
        inputs: [...parts(1), { shape: [2, 2, 3], constant: true }],
        compute: (...xs) => tf.concat(xs, 1),
        nodes: ['Concat'],
      },
      {
        title: 'channels of images that lie channels first',
        inputs: [{ shape: [1, 2, 3, 3] }, { shape: [1, 4, 3, 3] }],
        compute: (a, b) =>
          tf.transpose(tf.concat([tf.transpose(a, [0, 2, 3, 1]), tf.transpose(b, [0, 2, 3, 1])], 3), [0, 3, 1, 2]),
        nodes: ['Concat'],
      },
    ],
  }),
  lowering('Pack', {
    lower: (recorder, inputs, { axis }: tf.PackAttrs) => {
      const values = Object.values<Value>(inputs);
      const place = axis < 0 ? values[0]!.shape.length + 1 + axis : axis;
      const columns = values.map((value) => recorder.reshaped(value, value.shape.toSpliced(place, 0, 1)));
      return joined(recorder, columns, place);
    },
    cases: [
      { title: 'in the middle', inputs: [{ shape: [2, 3] }, { shape: [2, 3] }], compute: (...xs) => tf.stack(xs, 1) },
    ],
  }),
  lowering<'value', tf.UnpackAttrs>('Unpack', {
    lower: (recorder, { value }, { axis }) => {
      const place = tf.util.parseAxisParam(axis, [...value.shape])[0]!;
      return Array.from({ length: value.shape[place]! }, (_, start) =>
        recorder.reshaped(
          sliced(recorder, value, [{ axis: place, start, size: 1, step: 1 }]),
          value.shape.toSpliced(place, 1),
        ),
      );
    },
    cases: [{ title: 'in the middle', inputs: [{ shape: [2, 3, 2] }], compute: (x) => tf.unstack(x, 1) }],
  }),
  lowering<'x', tf.SplitVAttrs>('SplitV', {
    lower: (recorder, { x }, { numOrSizeSplits, axis }) => {
      const place = tf.util.parseAxisParam(axis, [...x.shape])[0]!;
      const info = { shape: [...x.shape] } as tf.Tensor;
      let start = 0;
      return tf.backend_util.prepareSplitSize(info, numOrSizeSplits, place).map((size) => {
        const part = sliced(recorder, x, [{ axis: place, start, size, step: 1 }]);
        start += size;
        return part;
      });
    },
    cases: [
      { title: 'evenly', inputs: [{ shape: [2, 6] }], compute: (x) => tf.split(x, 3, 1) },
      { title: 'unevenly', inputs: [{ shape: [2, 6] }], compute: (x) => tf.split(x, [1, 3, 2], 1) },
    ],
  }),
];
