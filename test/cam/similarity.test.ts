// The target of embeddings, by hand: z = (3, 4) and r = (4, 3) are both of length 5.
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { methods } from '../../src/cam/methods.ts';
import { similarity } from '../../src/cam/targets/similarity.ts';
import { chooseEngine } from '../../src/engine/engines.ts';
import { decodePicture } from '../../src/image/codec.ts';
import { prepareInput } from '../../src/image/prepare.ts';
import { plainTarget } from '../../src/run-target.ts';
import { openRun } from '../../src/runs.ts';
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

test('of a model: the reference has similarity 1 and, being the most similar there is, no gradient; another picture has', async () => {
  const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
  const run = await openRun(path('test/fixtures/tiny-resnet/torchscript.onnx'), 'tiny', {
    ...{ batch: 2, methods: [methods.gradcam], signed: true, voting: false, engine: await chooseEngine('cpu') },
    explains: { ...plainTarget, similarTo: path('samples/SYN_0001.jpg') },
  });
  const inputs = await Promise.all(
    ['SYN_0001', 'SYN_0002'].map(async (name) => {
      const picture = await decodePicture(path(`samples/${name}.jpg`));
      return prepareInput(picture, run.prepared.prepare).data;
    }),
  );
  const { scores } = await run.score(inputs, 2, -1);
  const [[own, other]] = (await (await run.infer(inputs, [-1, -1])).maps([-1, -1])) as [[Float32Array, Float32Array]];
  await run.close();
  expect(scores[0]).toBeCloseTo(1, 6);
  expect(scores[1]).toBeLessThan(1);
  const top = (map: Float32Array): number => Math.max(...map.map(Math.abs));
  expect(top(own)).toBeLessThan(1e-4 * top(other));
});
