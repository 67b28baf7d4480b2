import { describe, expect, it } from 'vitest';
import { multiLabelMetrics } from '../../../src/metrics/predictions/multi-label.ts';
import { compareRuns } from '../../../src/metrics/predictions/pairs.ts';
import {
  classNumbers,
  multiLabelStatistic,
  placeOfClass,
  placeOfRun,
  runNumbers,
  sideBySide,
  singleLabelStatistic,
} from '../../../src/metrics/predictions/resampled.ts';
import { seedDifferences, seedGroups, seedInName, spreadOf } from '../../../src/metrics/predictions/seeds.ts';
import { rightOf, singleLabelMetrics, type Predictions } from '../../../src/metrics/predictions/single-label.ts';
import { bootstrap } from '../../../src/stats/bootstrap.ts';
import { Random } from '../../../src/lib/random.ts';

const CLASSES = 3;
const NUMBERS = runNumbers.length + CLASSES * classNumbers.length;

/** Predictions right with the given chance, on the same labels for every seed of the run. */
function predictions(accuracy: number, seed: number, count = 120): Predictions {
  const [truth, random] = [Random.of(1, 'labels'), Random.of(seed, 'predictions')];
  const labels = Int32Array.from({ length: count }, () => truth.below(CLASSES));
  const predicted = labels.map((label) => (random.unit() < accuracy ? label : (label + 1 + random.below(2)) % CLASSES));
  const probabilities = Float64Array.from({ length: count * CLASSES }, (_, i) =>
    i % CLASSES === predicted[Math.floor(i / CLASSES)] ? 0.8 : 0.1,
  );
  return { classes: CLASSES, labels, predicted, probabilities, isDistribution: true };
}

describe('a statistic with every picture once', () => {
  it('is the metrics themselves', () => {
    const given = predictions(0.7, 3);
    const metrics = singleLabelMetrics(given);
    const values = Array.from(singleLabelStatistic(given)(new Float64Array(120).fill(1)));
    expect(values).toHaveLength(NUMBERS);
    expect(values[placeOfRun('accuracy')]).toBe(metrics.accuracy);
    expect(values[placeOfRun('f1')]).toBe(metrics.macro.f1);
    expect(values[placeOfRun('auroc')]).toBeCloseTo(metrics.auroc, 14);
    expect(values[placeOfRun('nll')]).toBeCloseTo(metrics.nll, 14);
    expect(values[placeOfClass(2, 'recall')]).toBe(metrics.perClass[2]!.recall);
  });

  it('of several labels too', () => {
    const random = Random.of(4, 'multi');
    const truth = Uint8Array.from({ length: 60 }, () => random.below(2));
    const given = { classes: 3, truth, probabilities: Float64Array.from(truth, (t) => (t + 2 * random.unit()) / 3) };
    const metrics = multiLabelMetrics(given);
    const values = Array.from(multiLabelStatistic(given)(new Float64Array(20).fill(1)));
    expect(values[placeOfRun('accuracy')]).toBe(metrics.exactMatch);
    expect(values[placeOfRun('averagePrecision')]).toBeCloseTo(metrics.averagePrecision, 14);
    expect(values[placeOfRun('nll')]).toBeNaN();
  });
});

describe('pairs of runs', () => {
  const runs = [predictions(0.9, 1), predictions(0.6, 2), predictions(0.6, 3)];
  const design = { size: 120, groups: null, strata: runs[0]!.labels };
  const draws = bootstrap(sideBySide(runs.map(singleLabelStatistic)), { ...design, seed: 0, count: 400 });
  const options = { design, seed: 0, interval: 'percentile', numbersPerRun: NUMBERS } as const;
  const { pairs, cochran } = compareRuns(runs.map(rightOf), draws, options);

  it('are every two runs, the first named first', () => {
    expect(pairs.map(({ first, second }) => [first, second])).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
  });

  it('differ where one is much better, and not where both are alike', () => {
    const [better, , alike] = pairs;
    expect(cochran!.p).toBeLessThan(0.001);
    expect(better!.mcnemar.adjustedP).toBeLessThan(0.001);
    expect(alike!.mcnemar.adjustedP).toBeGreaterThan(0.05);
    const f1 = better!.differences!.f1;
    expect(f1.value).toBeCloseTo(singleLabelMetrics(runs[0]!).macro.f1 - singleLabelMetrics(runs[1]!).macro.f1, 12);
    expect([f1.low > 0, f1.low < f1.value, f1.value < f1.high]).toEqual([true, true, true]);
    expect(f1.adjustedP).toBeLessThan(0.02);
    expect(alike!.differences!.f1.low).toBeLessThan(0);
  });

  it('have BCa intervals near the percentile ones', () => {
    const other = compareRuns(runs.map(rightOf), draws, { ...options, interval: 'bca' }).pairs[0]!.differences!.f1;
    expect(Math.abs(other.low - pairs[0]!.differences!.f1.low)).toBeLessThan(0.05);
  });

  it('are tested by groups where pictures belong together', () => {
    // Every picture ten times: McNemar counts ten times the evidence, exchanging groups does not.
    const first = Uint8Array.from({ length: 60 }, (_, i) => Number(i < 40));
    const second = Uint8Array.from({ length: 60 }, (_, i) => Number(i >= 40));
    const groups = Int32Array.from({ length: 60 }, (_, i) => Math.floor(i / 10));
    const grouped = compareRuns([first, second], null, { ...options, design: { size: 60, groups, strata: null } });
    const [{ mcnemar, differences }] = grouped.pairs as [(typeof grouped.pairs)[number]];
    expect(mcnemar.exactP).toBeLessThan(0.02);
    expect(mcnemar.groupP).toBeCloseTo(44 / 64, 10); // of six signs, all but the 20 that are three against three
    expect([differences, grouped.cochran, pairs[0]!.mcnemar.groupP]).toEqual([null, null, null]);
  });
});

describe('seeds', () => {
  it('runs of one loss and kind are a group; without any pair there are none', () => {
    const run = (loss: string | null, seed: number, kind = '') => ({ loss, kind, seed });
    expect(seedGroups([run('ce', 0), run('lmf', 0)])).toEqual([]);
    expect(seedGroups([run('ce', 0), run('lmf', 0), run('ce', 1), run(null, 1), run('ce', 0, 'resnet50')])).toEqual([
      { loss: 'ce', runs: [0, 2], seeds: [0, 1] },
      { loss: 'lmf', runs: [1], seeds: [0] },
      { loss: 'ce', runs: [4], seeds: [0] },
    ]);
  });

  it('by hand: 0.5 and 0.7 have mean 0.6 and deviation 0.1 sqrt 2', () => {
    const spread = spreadOf([0.5, 0.7]);
    expect(spread.mean).toBeCloseTo(0.6, 15);
    expect(spread.deviation).toBeCloseTo(0.1 * Math.SQRT2, 15);
    expect(spreadOf([0.5]).deviation).toBeNaN();
    const [small] = seedDifferences([spread, spreadOf([0.6, 0.8])]);
    expect(small).toMatchObject({ first: 0, second: 1, exceeds: false });
    expect(small!.value).toBeCloseTo(-0.1, 15);
    expect(seedDifferences([spread, spreadOf([0.9, 0.9])])[0]!.exceeds).toBe(true);
    expect(seedDifferences([spread, spreadOf([0.6])])).toEqual([]);
  });

  it('reads names of runs', () => {
    expect(seedInName('lmf-s2')).toEqual({ loss: 'lmf', seed: 2 });
    expect(seedInName('lmf')).toBeNull();
  });
});
