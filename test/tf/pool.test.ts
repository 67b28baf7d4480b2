import { expect, test } from 'vitest';
import { averagePool2d, divisors, maxPool2d, type PoolOptions } from '../../src/tf/pool.ts';
import { tf } from '../../src/tf/tfjs.ts';
import { centralDifference, difference, seeded4d } from './tensors.ts';

const plain: PoolOptions = { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1], ceilMode: false };
const toNhwc = (x: tf.Tensor4D): tf.Tensor4D => tf.transpose(x, [0, 2, 3, 1]);
const toNchw = (x: tf.Tensor4D): tf.Tensor4D => tf.transpose(x, [0, 3, 1, 2]);

test('max pooling equals TensorFlow.js, overlapping and padded', () => {
  const x = seeded4d([2, 3, 9, 8]);
  const y = maxPool2d(x, { ...plain, kernel: [3, 3], pads: [1, 1, 1, 1] });
  expect(difference(y, toNchw(tf.maxPool(toNhwc(x), 3, 2, 1)))).toBe(0);
});

test('dilated max pooling by hand', () => {
  const x = tf.tensor4d([5, 1, 2, 9, 3], [1, 1, 1, 5]);
  const y = maxPool2d(x, { ...plain, kernel: [1, 2], strides: [1, 1], dilations: [1, 2] });
  expect([...y.dataSync()]).toEqual([5, 9, 3]);
});

test('average pooling: padding counted or not, ceil mode reaching beyond the padding', () => {
  const x = tf.tensor4d([1, 2, 3, 4], [1, 1, 1, 4]);
  const options = { ...plain, kernel: [1, 3], strides: [1, 3], pads: [0, 1, 0, 0] } as const;
  const average = (ceilMode: boolean, countPadding: boolean): number[] => [
    ...averagePool2d(x, { ...options, ceilMode, countPadding }).dataSync(),
  ];
  expect(average(false, false)).toEqual([1.5]);
  expect(average(false, true)).toEqual([1]);
  // The second window covers 3, 4 and one cell beyond everything, which never counts.
  expect(average(true, false)).toEqual([1.5, 3.5]);
  expect(average(true, true)).toEqual([1, 3.5]);
});

test('ceil mode drops a window that would start in the trailing padding', () => {
  // Width 3 padded to 5: windows of 2 at -1, 1 and 3; the last one starts beyond the input.
  const x = seeded4d([1, 1, 3, 3]);
  expect(maxPool2d(x, { ...plain, pads: [1, 1, 1, 1], ceilMode: true }).shape).toEqual([1, 1, 2, 2]);
});

test('divisors count cells, row by row', () => {
  const options = { ...plain, kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], countPadding: false } as const;
  expect(divisors([1, 1, 3, 3], options)).toEqual([4, 4, 4, 4]);
  expect(divisors([1, 1, 4, 4], options)).toEqual([4, 6, 6, 9]);
});

test.each([
  ['max', (x: tf.Tensor4D, options: PoolOptions) => maxPool2d(x, options)],
  ['average', (x: tf.Tensor4D, options: PoolOptions) => averagePool2d(x, { ...options, countPadding: false })],
  [
    'average with padding',
    (x: tf.Tensor4D, options: PoolOptions) => averagePool2d(x, { ...options, countPadding: true }),
  ],
] as const)('the gradient of %s pooling equals central differences', (_, pool) => {
  const options: PoolOptions = {
    kernel: [3, 2],
    strides: [2, 1],
    pads: [1, 0, 0, 1],
    dilations: [1, 2],
    ceilMode: true,
  };
  const x = seeded4d([2, 2, 8, 7], 1);
  const score = (input: tf.Tensor): tf.Tensor => {
    const y = pool(input as tf.Tensor4D, options);
    return tf.sum(tf.mul(y, seeded4d(y.shape, 2)));
  };
  const along = seeded4d(x.shape, 3);
  const slope = tf.sum(tf.mul(tf.grad(score)(x), along)).arraySync() as number;
  // The step is small enough that no window changes its greatest cell, large enough for float32.
  expect(slope).toBeCloseTo(centralDifference(score, x, along, 1e-3), 2);
});

test('of equal cells the first one gets the gradient', () => {
  const dx = tf.grad((x: tf.Tensor) => tf.sum(maxPool2d(x as tf.Tensor4D, plain)))(tf.ones([1, 1, 2, 2]));
  expect([...dx.dataSync()]).toEqual([1, 0, 0, 0]);
});

test('the mean gradient differentiates again, the max gradient says that it does not', () => {
  const x = seeded4d([1, 1, 4, 4]);
  const twice = (pool: (x: tf.Tensor4D) => tf.Tensor) => () =>
    tf.grad((a: tf.Tensor) =>
      tf.sum(tf.square(tf.grad((b: tf.Tensor) => tf.sum(tf.square(pool(b as tf.Tensor4D))))(a))),
    )(x);
  expect(twice((b) => averagePool2d(b, { ...plain, countPadding: false }))().shape).toEqual([1, 1, 4, 4]);
  expect(twice((b) => maxPool2d(b, plain))).toThrow(/differentiated again/);
});

test('misfits are refused with the shapes', () => {
  expect(() => maxPool2d(seeded4d([1, 1, 1, 1]), plain)).toThrow(/\[1, 1, 1, 1\]/);
  expect(() => maxPool2d(seeded4d([1, 1, 5, 5]), { ...plain, pads: [2, 0, 0, 0] })).toThrow(/narrower/);
});
