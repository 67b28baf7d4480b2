// Our own pooling kernels (src/tf/pool.ts), which are ONNX's already.
import {
  averagePool2d,
  divisors,
  maxPool2d,
  pooledShape,
  type AveragePoolOptions,
  type PoolOptions,
} from '../../tf/pool.ts';
import { tf } from '../../tf/tfjs.ts';
import { lowering, type OpCase, type OpLowering } from '../op.ts';
import { averagePooled, averagePoolGrad, maxPooled, maxPoolGrad } from '../pools.ts';

const plain: PoolOptions = { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1], ceilMode: false };
const variants: readonly (readonly [string, readonly number[], PoolOptions])[] = [
  ['side by side', [2, 3, 6, 4], plain],
  ['side by side, a row left over', [2, 3, 5, 4], plain],
  ['overlapping', [1, 2, 7, 6], { ...plain, kernel: [3, 3], strides: [1, 2] }],
  ['padded unevenly', [1, 2, 7, 6], { ...plain, kernel: [3, 3], pads: [1, 2, 0, 1] }],
  ['ceil mode', [1, 2, 6, 7], { ...plain, kernel: [3, 3], ceilMode: true }],
  ['ceil mode, padded', [1, 2, 6, 7], { ...plain, kernel: [3, 3], pads: [1, 1, 1, 1], ceilMode: true }],
  ['dilated', [1, 2, 8, 9], { ...plain, kernel: [2, 3], dilations: [3, 2], pads: [1, 1, 0, 1] }],
];

function casesOf(compute: (x: tf.Tensor4D, options: PoolOptions) => tf.Tensor, note = ''): OpCase[] {
  return variants.map(([title, shape, options]) => ({
    title: title + note,
    inputs: [{ shape }],
    compute: (x) => compute(x as tf.Tensor4D, options),
  }));
}

/** The kernel of the gradient, as the gradient of a sum of squares reaches it. */
function gradientCases(compute: (x: tf.Tensor4D, options: PoolOptions) => tf.Tensor, note = ''): OpCase[] {
  return casesOf((x, options) => tf.grad((a: tf.Tensor) => tf.sum(tf.square(compute(a as tf.Tensor4D, options))))(x), note) // prettier-ignore
    .map((entry) => ({ ...entry, gradient: false }));
}

const average =
  (countPadding: boolean) =>
  (x: tf.Tensor4D, options: PoolOptions): tf.Tensor =>
    averagePool2d(x, { ...options, countPadding });

export const windowPools: readonly OpLowering[] = [
  lowering<'x', PoolOptions>('WindowMax2D', {
    lower: (recorder, { x }, options) => maxPooled(recorder, x, pooledShape(x.shape, options), options),
    cases: casesOf(maxPool2d),
  }),
  lowering<'x' | 'dy', PoolOptions>('WindowMax2DGrad', {
    lower: (recorder, { x, dy }, options) => maxPoolGrad(recorder, x, dy, options),
    cases: gradientCases(maxPool2d),
  }),
  lowering<'x', AveragePoolOptions>('WindowMean2D', {
    lower: (recorder, { x }, options) => averagePooled(recorder, x, pooledShape(x.shape, options), options),
    cases: [...casesOf(average(false)), ...casesOf(average(true), ', padding counted')],
  }),
  lowering<'dy', AveragePoolOptions & { readonly inputShape: readonly number[] }>('WindowMean2DGrad', {
    lower: (recorder, { dy }, options) =>
      averagePoolGrad(recorder, dy, options.inputShape, divisors(options.inputShape, options), options),
    cases: [...gradientCases(average(false)), ...gradientCases(average(true), ', padding counted')],
  }),
];
