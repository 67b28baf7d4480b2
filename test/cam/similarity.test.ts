// The target of embeddings, by hand: z = (3, 4) and r = (4, 3) are both of length 5.
import { expect, test } from 'vitest';
import { similarity } from '../../src/cam/targets/similarity.ts';
import { tf } from '../../src/tf/tfjs.ts';

const NONE = tf.tensor1d([0, 0], 'int32');
const scores = (outputs: readonly [number, number][], reference: readonly number[]): number[] => [
  ...similarity(reference)
    .score(tf.tensor2d(outputs.map((one) => [...one])), NONE)
    .dataSync(),
];
const close = (values: readonly number[]): unknown[] => values.map((value) => expect.closeTo(value, 6) as unknown);

test('the cosine, picture by picture: (12 + 12) / 25, and minus that on the other side', () => {
  expect(
    scores(
      [
        [3, 4],
        [-3, -4],
      ],
      [4, 3],
    ),
  ).toEqual(close([24 / 25, -24 / 25]));
});

test('lengths do not matter: the reference is at 1, what is at right angles to it at 0', () => {
  expect(
    scores(
      [
        [400, 300],
        [-0.3, 0.4],
      ],
      [4, 3],
    ),
  ).toEqual(close([1, 0]));
  expect(
    scores(
      [
        [3, 4],
        [4, 3],
      ],
      [0.04, 0.03],
    ),
  ).toEqual(close([24 / 25, 1]));
});

test('an output of zeros is like nothing, not NaN', () => {
  expect(
    scores(
      [
        [0, 0],
        [1, 0],
      ],
      [4, 3],
    ),
  ).toEqual(close([0, 4 / 5]));
  expect(
    scores(
      [
        [1, 1],
        [1, 0],
      ],
      [0, 0],
    ),
  ).toEqual([0, 0]);
});

test('the gradient turns z towards r and does not lengthen it: (r - cos z) / 25 = (4 - 72/25, 3 - 96/25) / 25', () => {
  const target = similarity([4, 3]);
  const gradient = tf.grad((z) => tf.sum(target.score(z as tf.Tensor2D, NONE)))(tf.tensor2d([[3, 4]]));
  expect([...gradient.dataSync()]).toEqual(close([28 / 625, -21 / 625]));
});

test('it is not linear in the output, so no method may take a closed form', () => {
  expect(similarity([1]).linear).toBe(false);
});
