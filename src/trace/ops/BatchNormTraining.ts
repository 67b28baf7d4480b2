// The kernels that batch normalisation in training stands on (src/tf/batch-norm.ts).
import { float, int } from '../../graph/attributes.ts';
import { batchNormalize, channelDot } from '../../tf/batch-norm.ts';
import { tf } from '../../tf/tfjs.ts';
import { elementwise } from '../elementwise.ts';
import { lowering, type CaseInput, type OpLowering } from '../op.ts';
import type { Recorder } from '../recorder.ts';
import { filled, type Value } from '../value.ts';

/** a * x + b per channel, x NCHW: one pass. */
function scaled(recorder: Recorder, x: Value, a: Value, b: Value): Value {
  const channels = [x.shape[1]!];
  const inputs = [x, a, b, filled(0, channels, 'float32'), filled(1, channels, 'float32')];
  return recorder.make(
    'BatchNormalization',
    inputs.map((input) => recorder.at(input)),
    { shape: x.shape, dtype: 'float32' },
    { epsilon: float(0) },
  );
}

/** Batched products of rows with columns: each is the dot product of two planes, read once. */
function dots(recorder: Recorder, a: Value, b: Value): Value {
  const [batch, channels, height, width] = a.shape as [number, number, number, number];
  const [planes, places] = [batch * channels, height * width];
  const rows = recorder.at(recorder.reshaped(a, [planes, 1, places]));
  const columns = recorder.at(recorder.reshaped(b, [planes, places, 1]));
  const products = recorder.make('MatMul', [rows, columns], { shape: [planes, 1, 1], dtype: 'float32' });
  const perPlane = recorder.at(recorder.reshaped(products, [batch, channels]));
  const inputs = [perPlane, recorder.integers([0])];
  return recorder.make('ReduceSum', inputs, { shape: [channels], dtype: 'float32' }, { keepdims: int(0) });
}

const map: CaseInput = { shape: [3, 4, 5, 2] };
const perChannel: CaseInput = { shape: [4], range: [0.5, 1.5] };

export const batchNormTraining: readonly OpLowering[] = [
  lowering<'a' | 'b'>('ChannelDot', {
    lower: (recorder, { a, b }) => dots(recorder, a, b),
    cases: [
      {
        title: 'two maps',
        inputs: [map, map],
        compute: (a, b) => channelDot(a as tf.Tensor4D, b as tf.Tensor4D),
        gradient: false,
      },
      {
        title: 'of features without places',
        inputs: [{ shape: [6, 4] }, perChannel, { shape: [4] }],
        compute: (x, scale: tf.Tensor1D, offset: tf.Tensor1D) => batchNormalize(x, scale, offset, 1e-3).y,
        gradient: false,
        tolerance: 1e-4,
      },
    ],
  }),
  lowering<'x' | 'y' | 'a' | 'b' | 'c'>('ChannelMix', {
    lower: (recorder, { x, y, a, b, c }) => {
      const none = filled(0, [x.shape[1]!], 'float32');
      return elementwise(recorder, 'Add', [scaled(recorder, x, a, c), scaled(recorder, y, b, none)]);
    },
    cases: [
      {
        title: 'batch normalisation and its gradient',
        inputs: [map, perChannel, { shape: [4] }, map],
        compute: (x, scale: tf.Tensor1D, offset: tf.Tensor1D, dy) => {
          const loss = (...args: tf.Tensor[]): tf.Scalar => {
            const [value, factor, shift] = args as [tf.Tensor, tf.Tensor1D, tf.Tensor1D];
            return tf.sum(tf.mul(batchNormalize(value, factor, shift, 1e-3).y, dy));
          };
          const { y, mean, variance } = batchNormalize(x, scale, offset, 1e-3);
          return [y, mean, variance, ...tf.grads(loss)([x, scale, offset])];
        },
        gradient: false,
        tolerance: 1e-4,
      },
    ],
  }),
];
