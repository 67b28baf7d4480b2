import { float } from '../../graph/attributes.ts';
import { tf } from '../../tf/tfjs.ts';
import { elementwise } from '../elementwise.ts';
import { lowering, type CaseInput } from '../op.ts';
import { filled, type Value } from '../value.ts';

const TO_NCHW = [0, 3, 1, 2];
const TO_NHWC = [0, 2, 3, 1];

const channels = (range: readonly [number, number]): CaseInput => ({ shape: [3], range, constant: true });
const image: CaseInput = { shape: [2, 4, 5, 3] };

export const fusedBatchNorm = lowering<'x' | 'scale' | 'offset' | 'mean' | 'variance', tf.FusedBatchNormAttrs>(
  'FusedBatchNorm',
  {
    lower: (recorder, { x, scale, offset, mean, variance }, { varianceEpsilon }) => {
      const epsilon = varianceEpsilon ?? 1e-3;
      const perChannel = [scale, offset, mean, variance].every(
        (value) => value === undefined || value.shape.length === 1,
      );
      if (perChannel && x.shape.length === 4) {
        const size = [x.shape[3]!];
        const parameters = [scale ?? filled(1, size, 'float32'), offset ?? filled(0, size, 'float32'), mean, variance];
        const nchw = recorder.transposed(x, TO_NCHW);
        const inputs = [recorder.at(nchw), ...parameters.map((value) => recorder.at(value))];
        const made = { shape: nchw.shape, dtype: 'float32' } as const;
        const y = recorder.make('BatchNormalization', inputs, made, { epsilon: float(epsilon) });
        return recorder.transposed(y, TO_NHWC);
      }
      const node = (op: string, ...values: Value[]): Value => elementwise(recorder, op, values);
      const deviation = node('Sqrt', node('Add', variance, filled(epsilon, [], 'float32')));
      const normal = node('Div', node('Sub', x, mean), deviation);
      const scaled = scale === undefined ? normal : node('Mul', normal, scale);
      return offset === undefined ? scaled : node('Add', scaled, offset);
    },
    cases: [
      {
        title: 'per channel',
        inputs: [image, channels([-1, 1]), channels([0.2, 2]), channels([-1, 1]), channels([0.5, 1.5])],
        compute: (x, mean, variance, offset, scale) => tf.batchNorm(x, mean, variance, offset, scale, 1e-3),
        nodes: ['Transpose', 'BatchNormalization', 'Transpose'],
      },
      {
        title: 'statistics of the batch',
        inputs: [image, { shape: [3], range: [-1, 1] }, { shape: [3], range: [0.5, 1.5] }],
        compute: (x, offset, scale) => {
          const { mean, variance } = tf.moments(x, [0, 1, 2]);
          return tf.batchNorm(x, mean, variance, offset, scale, 1e-3);
        },
        tolerance: 1e-4,
      },
      {
        title: 'per element',
        inputs: [0, 1, 2, 3, 4].map(() => ({ shape: [2, 3, 3, 2], range: [0.2, 2] as const })),
        compute: (x: tf.Tensor4D, mean: tf.Tensor4D, variance: tf.Tensor4D, offset: tf.Tensor4D, scale: tf.Tensor4D) =>
          tf.batchNorm(x, mean, variance, offset, scale),
      },
      {
        title: 'its gradient is one scale',
        inputs: [
          { shape: [2, 3, 4, 5] },
          channels([-1, 1]),
          channels([0.2, 2]),
          channels([0.5, 1.5]),
          { shape: [2, 3, 4, 5] },
        ],
        compute: (x, mean: tf.Tensor1D, variance: tf.Tensor1D, scale: tf.Tensor1D, dy) =>
          tf.grad((a: tf.Tensor) => {
            const y = tf.batchNorm(tf.transpose(a, [0, 2, 3, 1]), mean, variance, tf.zerosLike(mean), scale);
            return tf.sum(tf.mul(tf.transpose(y, [0, 3, 1, 2]), dy));
          })(x),
        gradient: false,
        nodes: ['Mul'],
      },
    ],
  },
);
