// The kernels that batch normalisation in training stands on (src/tf/batch-norm.ts).
import { float, int, ints } from '../../graph/attributes.ts';
import { batchNormalize, channelAffine, channelDot } from '../../tf/batch-norm.ts';
import { runOwn } from '../../tf/kernels.ts';
import { tf } from '../../tf/tfjs.ts';
import { elementwise } from '../elementwise.ts';
import { lowering, type CaseInput, type OpLowering } from '../op.ts';
import type { Recorder } from '../recorder.ts';
import { filled, type Value } from '../value.ts';

/** From so many places on a depthwise convolution of 1 x 1 takes less time than a normalisation node, below more. */
const LARGE = 400;

/** a * x + b per channel, x NCHW: one pass. */
function scaledByChannel(recorder: Recorder, x: Value, a: Value, b: Value): Value {
  const [, channels, height, width] = x.shape as [number, number, number, number];
  const made = { shape: x.shape, dtype: 'float32' } as const;
  if (height * width >= LARGE) {
    const inputs = [x, recorder.reshaped(a, [channels, 1, 1, 1]), b].map((input) => recorder.at(input));
    return recorder.make('Conv', inputs, made, { kernel_shape: ints([1, 1]), group: int(channels) });
  }
  const inputs = [x, a, b, filled(0, [channels], 'float32'), filled(1, [channels], 'float32')];
  const names = inputs.map((input) => recorder.at(input));
  return recorder.make('BatchNormalization', names, made, { epsilon: float(0) });
}

function sumOfProducts(recorder: Recorder, a: Value, b: Value): Value {
  const product = elementwise(recorder, 'Mul', [a, b]);
  const inputs = [recorder.at(product), recorder.integers([0, 2, 3])];
  return recorder.make('ReduceSum', inputs, { shape: [a.shape[1]!], dtype: 'float32' }, { keepdims: int(0) });
}

const map: CaseInput = { shape: [3, 4, 5, 2] };
const perChannel: CaseInput = { shape: [4], range: [0.5, 1.5] };

export const batchNormTraining: readonly OpLowering[] = [
  lowering<'a' | 'b'>('ChannelDot', {
    lower: (recorder, { a, b }) => sumOfProducts(recorder, a, b),
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
  lowering<'x' | 'a' | 'b'>('ChannelAffine', {
    lower: (recorder, { x, a, b }) => scaledByChannel(recorder, x, a, b),
    cases: [
      {
        title: 'a small map and a large one',
        inputs: [map, perChannel, { shape: [4] }, { shape: [1, 4, 25, 20] }],
        compute: (x, a, b, large) => [x, large].map((of) => runOwn(channelAffine, { x: of, a, b }, {})),
        gradient: false,
      },
    ],
  }),
  lowering<'x' | 'y' | 'a' | 'b' | 'c'>('ChannelMix', {
    lower: (recorder, { x, y, a, b, c }) => {
      const none = filled(0, [x.shape[1]!], 'float32');
      return elementwise(recorder, 'Add', [scaledByChannel(recorder, x, a, c), scaledByChannel(recorder, y, b, none)]);
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
