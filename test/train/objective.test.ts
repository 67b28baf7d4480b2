// From a loss by name to what a step minimises.
import { describe, expect, test } from 'vitest';
import { losses } from '../../src/losses/losses.ts';
import { tf } from '../../src/tf/tfjs.ts';
import { COSINE_SCALE, objectiveOf, type ObjectiveSpec } from '../../src/train/objective.ts';

const base: ObjectiveSpec = {
  loss: 'ce',
  lossOptions: {},
  counts: [100, 10, 1],
  head: undefined,
  multiLabel: false,
  smoothing: 0,
  drwEpoch: null,
  batch: 2,
  seed: 3,
};
const labels = tf.tensor1d([0, 2], 'int32');
const logits = tf.tensor2d([[0.9, 0.1, -0.3], [0.2, 0.5, 0.1]]); // prettier-ignore
const valueOf = (spec: Partial<ObjectiveSpec>, inputs = {}): number =>
  objectiveOf({ ...base, ...spec })
    .training(labels, logits, inputs)
    .dataSync()[0]!;

test('counts are those of the training pictures', () => {
  const { options } = objectiveOf({ ...base, loss: 'lmf' });
  expect(options).toMatchObject({ classCounts: [100, 10, 1] });
});

describe('heads and scales', () => {
  test('LDAM and LMF want cosines and have a scale of their own', () => {
    expect(objectiveOf({ ...base, loss: 'ldam' })).toMatchObject({ head: 'normed', logitScale: 30 });
    const scaled = objectiveOf({ ...base, loss: 'lmf', lossOptions: { scale: 10 } });
    expect(scaled).toMatchObject({ head: 'normed', logitScale: 10, options: { focalScale: 10 } });
  });
  test('the focal term of LMF sees z with a linear head, and what the user says with any', () => {
    expect(objectiveOf({ ...base, loss: 'lmf', head: 'linear' }).options).not.toHaveProperty('focalScale');
    expect(objectiveOf({ ...base, loss: 'lmf', lossOptions: { focalScale: 2 } }).options).toMatchObject({
      focalScale: 2,
    });
  });
  test('other losses on cosines are scaled', () => {
    expect(objectiveOf(base)).toMatchObject({ head: 'linear', logitScale: 1 });
    expect(objectiveOf({ ...base, head: 'normed' }).logitScale).toBe(COSINE_SCALE);
    const expected = losses.ce.build({})(labels, tf.mul(logits, 12)).dataSync()[0]!;
    expect(valueOf({ head: 'normed', cosineScale: 12 })).toBeCloseTo(expected, 5);
  });
});

test('label smoothing goes with every loss', () => {
  const expected = losses['label-smoothing'].build({ smoothing: 0.2 })(labels, logits).dataSync()[0]!;
  expect(valueOf({ smoothing: 0.2 })).toBeCloseTo(expected, 6);
  expect(valueOf({ loss: 'ldam', smoothing: 0.2 })).toBeGreaterThan(0);
});

test('deferred re-weighting: ones, then class-balanced weights, as an input of the step', () => {
  const objective = objectiveOf({ ...base, loss: 'ldam', drwEpoch: 3 });
  expect(objective.inputs).toEqual({ classWeights: [3] });
  expect(objective.feeds(2, 0).classWeights).toEqual(Float32Array.of(1, 1, 1));
  const weights = objective.feeds(3, 0).classWeights!;
  expect([...weights]).toEqual([0.0271587, 0.2703689, 2.7024724].map((w) => expect.closeTo(w, 6) as unknown));
  const classWeights = tf.tensor1d(weights);
  const expected = losses.ldam.build({ classCounts: [100, 10, 1], classWeights: [...weights] })(labels, logits);
  expect(objective.training(labels, logits, { classWeights }).dataSync()[0]).toBeCloseTo(expected.dataSync()[0]!, 4);
});

test('equalization gets its draws from the seed and the step', () => {
  const objective = objectiveOf({ ...base, loss: 'equalization' });
  expect(objective.inputs).toEqual({ uniform: [2, 3] });
  expect(objective.feeds(0, 5)).toEqual(objective.feeds(1, 5));
  expect(objective.feeds(0, 5)).not.toEqual(objective.feeds(0, 6));
});

test('weights by name', () => {
  const { options } = objectiveOf({ ...base, loss: 'focal', lossOptions: { classWeights: 'margins' } });
  expect(options.classWeights).toEqual([0.1581139, 0.2811707, 0.5].map((m) => expect.closeTo(m, 6) as unknown));
  expect(objectiveOf({ ...base, loss: 'focal', lossOptions: { classWeights: 'none' } }).options.classWeights).toBeUndefined(); // prettier-ignore
});

test('a loss of the caller’s own', () => {
  const mine = { ...losses.ce, id: 'mine', build: () => losses.focal.build({ gamma: 3 }) };
  const expected = losses.focal.build({ gamma: 3 })(labels, logits).dataSync()[0]!;
  expect(valueOf({ loss: mine })).toBeCloseTo(expected, 6);
});

test.each([
  ['unknown-loss', { loss: 'cee' }],
  ['loss-needs-one-label', { multiLabel: true }],
  ['unknown-option', { lossOptions: { gamma: 2 } }],
  ['unknown-weighting', { loss: 'focal', lossOptions: { classWeights: 'margin' } }],
])('%s', (code, spec) => {
  expect(() => objectiveOf({ ...base, ...spec })).toThrow(expect.objectContaining({ code }) as Error);
});
