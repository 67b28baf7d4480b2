import { expect, it } from 'vitest';
import type { EvaluationSeeds } from '../../../src/report/evaluation/evaluation.ts';
import { dataName, pText, testSentences } from '../../../src/report/evaluation/sentences.ts';
import { exampleEvaluation } from './example.ts';

const base = exampleEvaluation();

it('claims a difference only where the corrected p is below 0.05', () => {
  const [pair] = base.tests!.pairs;
  const mcnemar = { ...pair!.mcnemar, exactP: 0.01, adjustedP: 0.06 };
  const tests = { cochran: { q: 1.5, df: 2, p: 0.47 }, pairs: [{ ...pair!, mcnemar, differences: null }] };
  const said = testSentences({ ...base, tests }).join(' ');
  expect(said).toContain("are not shown to differ (Cochran's Q 1.50, p = 0.470)");
  expect(said).toContain('Accuracy: no difference between two runs is shown (McNemar).');
  expect(said).not.toContain('Macro F1');
});

it('holds losses against the deviation between seeds', () => {
  const spread = { mean: 0.5, deviation: 0.1, values: [0.4, 0.6] };
  const numbers = { accuracy: spread, balancedAccuracy: spread, f1: spread, auroc: spread };
  const seeds: EvaluationSeeds = {
    groups: [
      { loss: 'ce', runs: ['ce-s0', 'ce-s1'], seeds: [0, 1], numbers },
      { loss: 'ldam', runs: ['ldam'], seeds: [0], numbers },
    ],
    differences: [
      { first: 'ce', second: 'lmf', value: -0.2, deviation: 0.1, exceeds: true },
      { first: 'ce', second: 'focal', value: 0.05, deviation: 0.1, exceeds: false },
    ],
  };
  const said = testSentences({ ...base, tests: null, seeds }).join(' ');
  expect(said).toContain('lmf is above ce by more than seeds differ (0.200 against 0.100)');
  expect(said).toContain('ce and focal differ by no more than seeds do (0.050 against 0.100)');
  expect(said).toContain('ldam: one seed only');
});

it('says nothing of intervals without a bootstrap', () => {
  expect(testSentences({ ...base, tests: null, options: { ...base.options, bootstrap: 0 } })).toEqual([]);
});

it('writes p as papers do', () => {
  expect([0.04567, 0.00123, 0.000001].map(pText)).toEqual(['p = 0.046', 'p = 0.0012', 'p < 0.0001']);
});

it('names data by its title where that says something', () => {
  expect(dataName(base.data)).toBe('test');
  expect(dataName({ ...base.data, dataset: 'ham10000', title: 'HAM10000' })).toBe('HAM10000');
  expect(dataName({ ...base.data, root: './' })).toBe('./');
});
