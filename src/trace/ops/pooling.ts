// Pooling of TensorFlow.js, NHWC, with its gradients.
import { tf } from '../../tf/tfjs.ts';
import { span } from '../../tf/window.ts';
import { lowering, type OpCase, type OpLowering } from '../op.ts';
import { averagePooled, averagePoolGrad, maxPooled, maxPoolGrad, type Pool } from '../pools.ts';

const TO_NCHW = [0, 3, 1, 2];
const TO_NHWC = [0, 2, 3, 1];

type Placement = Pick<tf.MaxPoolAttrs, 'filterSize' | 'strides' | 'pad'> &
  Partial<Pick<tf.MaxPoolAttrs, 'dimRoundingMode'>>;
type Info = ReturnType<typeof tf.backend_util.computePool2DInfo>;

function infoOf(shape: readonly number[], attributes: Placement): Info {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  return tf.backend_util.computePool2DInfo(
    shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
}

/** The pool in ONNX's terms: rounding up is padding at the bottom and right until [.., rows, columns, ..] windows fit. */
function poolOf(info: Info, windows: readonly number[]): Pool {
  const after = (out: number, stride: number, window: number, before: number, size: number): number =>
    Math.max(0, (out - 1) * stride + span(window, 1) - before - size);
  const { padInfo, filterHeight, filterWidth, strideHeight, strideWidth } = info;
  return {
    kernel: [filterHeight, filterWidth],
    strides: [strideHeight, strideWidth],
    pads: [
      padInfo.top,
      padInfo.left,
      after(windows[1]!, strideHeight, filterHeight, padInfo.top, info.inHeight),
      after(windows[2]!, strideWidth, filterWidth, padInfo.left, info.inWidth),
    ],
    dilations: [1, 1],
    ceilMode: false,
  };
}

const nchw = (shape: readonly number[]): number[] => TO_NCHW.map((axis) => shape[axis]!);

type Pooling = (
  x: tf.Tensor,
  size: number,
  strides: number,
  pad: 'same' | 'valid' | number,
  rounding?: 'ceil',
) => tf.Tensor;

const maxPool: Pooling = (x, ...rest) => tf.maxPool(x as tf.Tensor4D, ...rest);
const averagePool: Pooling = (x, ...rest) => tf.avgPool(x as tf.Tensor4D, ...rest);

function casesOf(pool: Pooling): OpCase[] {
  const image = { shape: [2, 7, 6, 3] };
  return [
    { title: 'side by side', inputs: [{ shape: [1, 6, 4, 2] }], compute: (x) => pool(x, 2, 2, 'valid') },
    { title: 'a row left over', inputs: [image], compute: (x) => pool(x, 2, 2, 'valid') },
    { title: 'overlapping, padded unevenly', inputs: [{ shape: [1, 8, 8, 2] }], compute: (x) => pool(x, 3, 2, 'same') },
    { title: 'explicit padding', inputs: [image], compute: (x) => pool(x, 3, 1, 1) },
    { title: 'one window', inputs: [{ shape: [2, 3, 3, 2] }], compute: (x) => pool(x, 3, 1, 'valid') },
    // TensorFlow.js forgets the rounding in the gradient.
    { title: 'rounded up', inputs: [image], compute: (x) => pool(x, 3, 2, 0, 'ceil'), gradient: false },
  ];
}

/** The kernel of the gradient, as the gradient of a sum of squares reaches it. */
function gradientCases(pool: Pooling): OpCase[] {
  const differentiated: Pooling = (x, ...rest) => tf.grad((a: tf.Tensor) => tf.sum(tf.square(pool(a, ...rest))))(x);
  return casesOf(differentiated)
    .filter(({ gradient }) => gradient !== false)
    .map((entry) => ({ ...entry, gradient: false }));
}

export const pooling: readonly OpLowering[] = [
  lowering<'x', tf.MaxPoolAttrs>('MaxPool', {
    lower: (recorder, { x }, attributes) => {
      const info = infoOf(x.shape, attributes);
      const pooled = maxPooled(
        recorder,
        recorder.transposed(x, TO_NCHW),
        nchw(info.outShape),
        poolOf(info, info.outShape),
      );
      return recorder.transposed(pooled, TO_NHWC);
    },
    cases: casesOf(maxPool),
  }),
  lowering<'dy' | 'input' | 'output', tf.MaxPoolGradAttrs>('MaxPoolGrad', {
    lower: (recorder, { dy, input }, attributes) => {
      const pool = poolOf(infoOf(input.shape, attributes), dy.shape);
      const [x, back] = [recorder.transposed(input, TO_NCHW), recorder.transposed(dy, TO_NCHW)];
      return recorder.transposed(maxPoolGrad(recorder, x, back, pool), TO_NHWC);
    },
    cases: gradientCases(maxPool),
  }),
  lowering<'x', tf.AvgPoolAttrs>('AvgPool', {
    lower: (recorder, { x }, attributes) => {
      const info = infoOf(x.shape, attributes);
      const pool = { ...poolOf(info, info.outShape), countPadding: false };
      return recorder.transposed(
        averagePooled(recorder, recorder.transposed(x, TO_NCHW), nchw(info.outShape), pool),
        TO_NHWC,
      );
    },
    cases: casesOf(averagePool),
  }),
  // As TensorFlow.js has it: divided by the whole window, also at borders, where its forward pass divides by less.
  lowering<'dy' | 'input', tf.AvgPoolGradAttrs>('AvgPoolGrad', {
    lower: (recorder, { dy, input }, attributes) => {
      const pool = poolOf(infoOf(input.shape, attributes), dy.shape);
      const divisors = [pool.kernel[0] * pool.kernel[1]];
      const grad = averagePoolGrad(recorder, recorder.transposed(dy, TO_NCHW), nchw(input.shape), divisors, pool);
      return recorder.transposed(grad, TO_NHWC);
    },
    cases: gradientCases(averagePool),
  }),
];
