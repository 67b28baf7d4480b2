import { expect, test } from 'vitest';
import { evaluateDefaults, normalizeEvaluateOptions } from '../../src/evaluation/options.ts';

const needed = { models: ['runs/ce'], data: 'samples' };

test('defaults are filled in', () => {
  expect(normalizeEvaluateOptions(needed)).toMatchObject({ ...evaluateDefaults, split: undefined });
  expect(normalizeEvaluateOptions({ ...needed, bootstrap: 0 }).bootstrap).toBe(0);
});

test('the command line is made from what was given', () => {
  expect(normalizeEvaluateOptions({ ...needed, groupCol: 'lesion id', seed: 3 }).command).toBe(
    "gradcam evaluate --models runs/ce --data samples --group-col 'lesion id' --seed 3",
  );
});

test.each([
  [{ models: [] }, 'models'],
  [{ data: '' }, 'data'],
  [{ batch: 0 }, 'batch'],
  [{ bootstrap: -1 }, 'bootstrap'],
  [{ seed: 0.5 }, 'seed'],
  [{ labels: '' }, 'labels'],
])('%j is refused, naming the option', (wrong, name) => {
  expect(() => normalizeEvaluateOptions({ ...needed, ...wrong })).toThrow(`the option ${name} is wrong`);
});

test.each([
  [{ split: 'tset' }, 'unknown split "tset"'],
  [{ interval: 'normal' }, 'unknown interval'],
  [{ engine: 'gpu' }, 'unknown engine'],
])('%j is refused, with the names there are', (wrong, message) => {
  expect(() => normalizeEvaluateOptions({ ...needed, ...wrong })).toThrow(message);
});

test('options of maps are checked before anything is loaded, and need --maps', () => {
  const { maps, command } = normalizeEvaluateOptions({
    ...needed,
    maps: true,
    method: ['gradcam', 'layercam'],
    metrics: ['road', 'spearman'],
    sanity: true,
  });
  expect(maps).toMatchObject({ metrics: ['spearman', 'road'], mapSamples: 100 });
  expect(maps!.compare).toMatchObject({ methods: ['gradcam', 'layercam'], faithfulness: ['road'], sanity: true });
  expect(command).toContain('--maps --method gradcam,layercam --metrics road,spearman --sanity');
  expect(normalizeEvaluateOptions({ ...needed, maps: true }).maps!.metrics).toContain('infidelity');
  expect(normalizeEvaluateOptions(needed).maps).toBeNull();
  expect(() => normalizeEvaluateOptions({ ...needed, sanity: true })).toThrow('--maps beside it');
  expect(() => normalizeEvaluateOptions({ ...needed, maps: true, metrics: ['rode'] })).toThrow('did you mean "road"');
  expect(() => normalizeEvaluateOptions({ ...needed, maps: true, method: ['gradcan'] })).toThrow('unknown method');
});
