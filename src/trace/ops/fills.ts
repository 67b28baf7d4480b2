// Kernels that repeat a value. The repetition stays pending until a consumer needs it carried out.
import { tf } from '../../tf/tfjs.ts';
import { repeated } from '../algebra.ts';
import { lowering, type OpLowering } from '../op.ts';
import type { Recorder } from '../recorder.ts';
import { filled, type Value, type ValueType } from '../value.ts';

/** Axes of extent 1 repeat by a pending repetition, others by reading them as [times, extent] and merging the two. */
function tiled(recorder: Recorder, x: Value, reps: readonly number[]): Value {
  if (reps.every((times, axis) => times === 1 || x.shape[axis] === 1)) {
    return { ...x, shape: x.shape.map((extent, axis) => extent * reps[axis]!) };
  }
  const split = recorder.reshaped(
    x,
    x.shape.flatMap((extent) => [1, extent]),
  );
  const wide = repeated(
    recorder,
    split,
    x.shape.flatMap((extent, axis) => [reps[axis]!, extent]),
  );
  return recorder.reshaped(
    wide,
    x.shape.map((extent, axis) => extent * reps[axis]!),
  );
}

export const fills: readonly OpLowering[] = [
  lowering<never, tf.FillAttrs>('Fill', {
    constants: 'lower',
    lower: (_, __, { shape, value, dtype }) => filled(value as number, shape, (dtype ?? 'float32') as ValueType),
    cases: [
      {
        title: 'a sum with it',
        inputs: [{ shape: [2, 3] }],
        compute: (x) => tf.add(x, tf.fill([2, 3], 7)),
        nodes: ['Add'],
      },
    ],
  }),
  lowering<'x'>('ZerosLike', {
    constants: 'lower',
    lower: (_, { x }) => filled(0, x.shape, x.dtype),
    cases: [
      { title: 'adds nothing', inputs: [{ shape: [2, 3] }], compute: (x) => tf.add(x, tf.zerosLike(x)), nodes: [] },
    ],
  }),
  lowering<'x'>('OnesLike', {
    constants: 'lower',
    lower: (_, { x }) => filled(1, x.shape, x.dtype),
    cases: [
      {
        title: 'multiplies by nothing',
        inputs: [{ shape: [2, 3] }],
        compute: (x) => tf.mul(tf.onesLike(x), x),
        nodes: [],
      },
      {
        title: 'repeats what it is multiplied by',
        inputs: [{ shape: [2, 1] }, { shape: [2, 3] }],
        compute: (x, y) => tf.add(tf.mul(x, tf.onesLike(y)), y),
        nodes: ['Add'],
      },
    ],
  }),
  lowering<'x', tf.TileAttrs>('Tile', {
    constants: 'lower',
    lower: (recorder, { x }, { reps }) => tiled(recorder, x, reps),
    cases: [
      {
        title: 'an axis of one element',
        inputs: [{ shape: [2, 1] }],
        compute: (x) => tf.tile(x, [1, 3]),
        nodes: ['Expand'],
      },
      {
        title: 'whole axes',
        inputs: [{ shape: [2, 3] }],
        compute: (x) => tf.tile(x, [2, 2]),
        nodes: ['Reshape', 'Expand', 'Reshape'],
      },
      {
        title: 'broadcastTo',
        inputs: [{ shape: [3] }],
        compute: (x) => tf.broadcastTo(x, [2, 3]),
        nodes: ['Reshape', 'Expand'],
      },
    ],
  }),
];
