import { expect, test } from 'vitest';
import { conv2d, convFilterGrad, convInputGrad, convTranspose2d, type ConvOptions } from '../../src/tf/conv.ts';
import { tf } from '../../src/tf/tfjs.ts';
import { centralDifference, difference, seeded4d } from './tensors.ts';

const plain: ConvOptions = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 };
const toNhwc = (x: tf.Tensor4D): tf.Tensor4D => tf.transpose(x, [0, 2, 3, 1]);
const toNchw = (x: tf.Tensor4D): tf.Tensor4D => tf.transpose(x, [0, 3, 1, 2]);
const toHwio = (filter: tf.Tensor4D): tf.Tensor4D => tf.transpose(filter, [2, 3, 1, 0]);

test('by hand: a 2 x 2 filter over 3 x 3, padded at the top and left', () => {
  const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]);
  const filter = tf.tensor4d([1, 10, 100, 1000], [1, 1, 2, 2]);
  const y = conv2d(x, filter, { ...plain, pads: [1, 1, 0, 0], strides: [2, 2] });
  // Windows: [0 0 / 0 1], [0 0 / 2 3], [0 4 / 0 7], [5 6 / 8 9]
  expect(y.arraySync()).toEqual([
    [
      [
        [1000, 3200],
        [7040, 9865],
      ],
    ],
  ]);
});

test.each([
  { strides: [2, 1], pads: [1, 0, 2, 1], dilations: [1, 1] },
  { strides: [1, 1], pads: [2, 1, 0, 3], dilations: [2, 3] },
] as const)('equals TensorFlow.js where it has the operation: %j', (options) => {
  const x = seeded4d([2, 3, 9, 8], 1);
  const filter = seeded4d([4, 3, 3, 2], 2);
  const [top, left, bottom, right] = options.pads;
  const pad = [[0, 0], [top, bottom], [left, right], [0, 0]] as [[0, 0], [number, number], [number, number], [0, 0]]; // prettier-ignore
  const expected = tf.conv2d(toNhwc(x), toHwio(filter), [...options.strides], pad, 'NHWC', [...options.dilations]);
  expect(difference(conv2d(x, filter, { ...options, groups: 1 }), toNchw(expected))).toBeLessThan(1e-5);
});

test('groups equal separate convolutions side by side', () => {
  const options: ConvOptions = { strides: [2, 2], pads: [1, 1, 1, 1], dilations: [2, 1], groups: 2 };
  const x = seeded4d([2, 6, 9, 9], 1);
  const filter = seeded4d([4, 3, 3, 3], 2);
  const [xs, filters] = [tf.split<tf.Tensor4D>(x, 2, 1), tf.split<tf.Tensor4D>(filter, 2, 0)];
  const halves = [0, 1].map((group) => conv2d(xs[group]!, filters[group]!, { ...options, groups: 1 }));
  expect(difference(conv2d(x, filter, options), tf.concat(halves, 1))).toBeLessThan(1e-6);
});

test('one filter per channel equals a depthwise convolution', () => {
  const x = seeded4d([1, 3, 7, 7], 1);
  const filter = seeded4d([6, 1, 3, 3], 2);
  const hwcm = tf.transpose<tf.Tensor4D>(tf.reshape(filter, [3, 2, 3, 3]), [2, 3, 0, 1]);
  const expected = toNchw(tf.depthwiseConv2d(toNhwc(x), hwcm, [2, 2], 'valid'));
  expect(difference(conv2d(x, filter, { ...plain, strides: [2, 2], groups: 3 }), expected)).toBeLessThan(1e-5);
});

const general: ConvOptions = { strides: [2, 3], pads: [1, 2, 0, 1], dilations: [2, 1], groups: 2 };

test('the gradients equal central differences, groups, strides, dilations and uneven pads together', () => {
  const x = seeded4d([2, 4, 9, 10], 1);
  const filter = seeded4d([6, 2, 3, 2], 2);
  const score = (input: tf.Tensor, weights: tf.Tensor): tf.Tensor => {
    const y = conv2d(input as tf.Tensor4D, weights as tf.Tensor4D, general);
    return tf.sum(tf.mul(y, seeded4d(y.shape, 3)));
  };
  const [dx, dfilter] = tf.grads((a: tf.Tensor, b: tf.Tensor) => score(a, b))([x, filter]);
  const alongX = seeded4d(x.shape, 4);
  const alongFilter = seeded4d(filter.shape, 5);
  // The score is linear in each: only rounding of the differences is left.
  const expectedX = centralDifference((a) => score(a, filter), x, alongX, 0.5);
  const expectedFilter = centralDifference((b) => score(x, b), filter, alongFilter, 0.5);
  expect(tf.sum(tf.mul(dx!, alongX)).arraySync()).toBeCloseTo(expectedX, 3);
  expect(tf.sum(tf.mul(dfilter!, alongFilter)).arraySync()).toBeCloseTo(expectedFilter, 3);
});

test('the gradients differentiate again', () => {
  const x = seeded4d([1, 4, 9, 10], 1);
  const filter = seeded4d([6, 2, 3, 2], 2);
  const dy = conv2d(x, filter, general);
  const other = seeded4d(dy.shape, 3);
  const inputShape = x.shape;
  const filterShape = filter.shape;
  // <convInputGrad(dy, w), x> = <dy, conv2d(x, w)> = <convFilterGrad(x, dy), w>, so each derivative is known.
  const byDy = tf.grad((d: tf.Tensor) =>
    tf.sum(tf.mul(convInputGrad(d as tf.Tensor4D, filter, { ...general, inputShape }), x)),
  );
  expect(difference(byDy(other), dy)).toBeLessThan(1e-5);
  const byFilter = tf.grad((w: tf.Tensor) =>
    tf.sum(tf.mul(convInputGrad(other, w as tf.Tensor4D, { ...general, inputShape }), x)),
  );
  expect(difference(byFilter(filter), convFilterGrad(x, other, { ...general, filterShape }))).toBeLessThan(1e-5);
  const byX = tf.grad((a: tf.Tensor) =>
    tf.sum(tf.mul(convFilterGrad(a as tf.Tensor4D, other, { ...general, filterShape }), filter)),
  );
  expect(difference(byX(x), convInputGrad(other, filter, { ...general, inputShape }))).toBeLessThan(1e-5);
  const byOther = tf.grad((d: tf.Tensor) =>
    tf.sum(tf.mul(convFilterGrad(x, d as tf.Tensor4D, { ...general, filterShape }), filter)),
  );
  expect(difference(byOther(other), dy)).toBeLessThan(1e-5);
});

test('a transposed convolution by hand: stride 2 interleaves, output padding adds a row', () => {
  const x = tf.tensor4d([1, 2], [1, 1, 2, 1]);
  const filter = tf.tensor4d([1, 10, 100], [1, 1, 3, 1]);
  const y = convTranspose2d(x, filter, { ...plain, strides: [2, 1], outputPadding: [1, 0] });
  expect(y.shape).toEqual([1, 1, 6, 1]);
  expect([...y.dataSync()]).toEqual([1, 10, 102, 20, 200, 0]);
});

test('a transposed convolution is the adjoint of the convolution', () => {
  const filter = seeded4d([4, 3, 3, 3], 2);
  const options = { strides: [2, 2], pads: [1, 0, 1, 2], dilations: [1, 2], groups: 2 } as const;
  const x = seeded4d([1, 4, 4, 4], 1);
  const y = convTranspose2d(x, filter, { ...options, outputPadding: [1, 0] });
  const back = seeded4d(y.shape, 3);
  const forward = tf.sum(tf.mul(y, back)).arraySync() as number;
  expect(tf.sum(tf.mul(x, conv2d(back, filter, options))).arraySync()).toBeCloseTo(forward, 4);
});

test('misfits are refused with the shapes', () => {
  expect(() => conv2d(seeded4d([1, 3, 5, 5]), seeded4d([4, 2, 3, 3]), plain)).toThrow(/\[1, 3, 5, 5\].*\[4, 2, 3, 3\]/);
  expect(() => conv2d(seeded4d([1, 2, 2, 5]), seeded4d([4, 2, 3, 3]), plain)).toThrow(/window/);
  const transposed = { ...plain, outputPadding: [1, 0] } as const;
  expect(() => convTranspose2d(seeded4d([1, 2, 2, 5]), seeded4d([2, 2, 3, 3]), transposed)).toThrow(/output padding/);
});
