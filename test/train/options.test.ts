// Options of training: defaults below recipes below what is said.
import { describe, expect, test } from 'vitest';
import { samplers } from '../../src/datasets/sampler.ts';
import { losses } from '../../src/losses/losses.ts';
import { normalizeTrainOptions } from '../../src/train/options.ts';
import { trainOptionNames, type TrainSpec } from '../../src/train/spec.ts';
import { backbones } from '../../src/train/backbones.ts';
import { backboneIds, optimizerIds } from '../../src/train/ids.ts';
import { optimizers } from '../../src/train/optimizers.ts';
import { recipeIds } from '../../src/train/recipes.ts';

const settle = (spec: TrainSpec) => normalizeTrainOptions({ data: 'd', ...spec });

test('ids stand for their tables', () => {
  expect(backboneIds).toEqual(backbones.map(({ id }) => id));
  expect(optimizerIds).toEqual(Object.keys(optimizers));
});

test('defaults', () => {
  expect(settle({})).toMatchObject({
    dataset: 'imagefolder',
    losses: ['ce'],
    seeds: [0],
    backbone: 'small',
    optimizer: 'adamw',
    lr: 1e-3,
    schedule: 'cosine',
    sampler: samplers[0],
    save: 'best',
    out: './runs',
  });
  expect(settle({ optimizer: 'sgd', init: 'm.onnx' }).lr).toBeCloseTo(0.005, 12);
  expect(settle({ from: 'layer4' }).augment).toBe('none');
  expect(settle({ dataset: 'demo' }).data).toBe('d');
  expect(normalizeTrainOptions({ dataset: 'demo' }).data).toBe('./demo-data');
});

test('seeds count up from the seed, the split has the first', () => {
  expect(settle({ seed: 5, seeds: 3 })).toMatchObject({ seeds: [5, 6, 7], splitSeed: 5 });
});

describe('recipes', () => {
  test.each(recipeIds)('%s can be settled', (recipe) => expect(settle({ recipe }).recipe).toBe(recipe));
  test('the LMF authors’ own', () => {
    expect(settle({ recipe: 'lmf-official', loss: ['ce', 'lmf'] })).toMatchObject({
      optimizer: 'adam',
      lr: 1e-4,
      weightDecay: 5e-4,
      schedule: 'step',
      lrEvery: 30,
      lrFactor: 0.1,
      batch: 32,
      size: [224, 224],
      augment: 'none',
      mean: [0, 0, 0],
      std: [1, 1, 1],
      head: 'linear',
      epochs: 100,
      lossOptions: { lmf: { variant: 'official', gamma: 1.5 } },
    });
  });
  test('what is said counts more, loss by loss', () => {
    const settled = settle({ recipe: 'lmf-official', batch: 8, lossOptions: { focal: { gamma: 3 } } });
    expect(settled.batch).toBe(8);
    expect(settled.lossOptions.focal).toEqual({ classWeights: 'margins', gamma: 3 });
  });
});

test('terms of losses become their options', () => {
  const terms = { ldamWeight: 2, focalWeight: 3, gamma: 1, maxMargin: 0.3, logitScale: 20, focalScale: 4 };
  expect(settle({ loss: 'lmf', ...terms }).lossOptions).toEqual({
    lmf: { ldamWeight: 2, focalWeight: 3, gamma: 1, maxMargin: 0.3, scale: 20, focalScale: 4 },
    ldam: { maxMargin: 0.3, scale: 20 },
    focal: { gamma: 1 },
    'focal-bce': { gamma: 1 },
  });
});

test('a loss of the caller’s own, as an entry or as a function', () => {
  const mine = losses.ce.build({});
  const [first, second] = settle({ loss: [{ ...losses.ce, id: 'entry' }, function mean(l, z, e) { return mine(l, z, e); }] }).losses; // prettier-ignore
  expect([first, second]).toMatchObject([{ id: 'entry' }, { id: 'mean', title: 'mean' }]);
});

test.each([
  ['missing-option', { data: undefined }],
  ['unknown-option', { epoch: 3 }],
  ['unknown-loss', { loss: 'lfm' }],
  ['unknown-loss', { lossOptions: { lfm: {} } }],
  ['bad-option', { loss: ['ce', 'ce'] }],
  ['bad-option', { loss: [] }],
  ['bad-option', { epochs: 0 }],
  ['bad-option', { lr: -1 }],
  ['bad-option', { lr: NaN }],
  ['bad-option', { seed: 1.5 }],
  ['bad-option', { backbone: 'small', init: 'm.onnx' }],
  ['bad-option', { size: 0 }],
  ['bad-option', { ema: 1 }],
  ['unknown-head', { head: 'cosine' }],
  ['unknown-backbone', { backbone: 'resnet' }],
  ['unknown-recipe', { recipe: 'lmf' }],
  ['unknown-save', { save: 'first' }],
])('%s: %o', (code, spec) => {
  expect(() => settle(spec as TrainSpec)).toThrow(expect.objectContaining({ code }) as Error);
});

test('every option has a name that a config file may use', () => {
  expect(trainOptionNames).toContain('labelSmoothing');
  expect(new Set(trainOptionNames).size).toBe(trainOptionNames.length);
});
