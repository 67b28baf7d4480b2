// Means, intervals and paired tests of map metrics on samples small enough to count.
import { describe, expect, test } from 'vitest';
import { testMaps, type TestedSample } from '../../../src/metrics/maps/tests.ts';

/** Samples with one number a run, `rows[sample][run]`, and a centred spot of 0.5. */
function samples(rows: readonly (readonly (number | null)[])[], groups?: readonly string[]): TestedSample[] {
  return rows.map((row, i) => ({
    masked: true,
    group: groups?.[i] ?? null,
    pairs: [],
    cells: row.map((value, run) => ({
      run: `r${run}`,
      method: 'gradcam',
      metrics: { 'energy-in-mask': value },
      random: { 'energy-in-mask': 0.125 },
      centred: { 'energy-in-mask': 0.5 },
      zero: value === null,
      emptyMask: false,
    })),
  }));
}
const names = (count: number) => ({ runs: Array.from({ length: count }, (_, i) => `r${i}`), methods: ['gradcam'] });
const options = { bootstrap: 500, seed: 1 };

describe('two runs', () => {
  const { columns, tests, masks } = testMaps(
    samples([0.0625, 0.125, 0.25, 0.375, 0.5625, 0.75].map((x, i) => [x + 0.01 * (i + 1), x])),
    names(2),
    options,
  );
  test('differences picture by picture: six of six above, two-sided p of 2 in 64', () => {
    const [pair] = tests[0]!.pairs;
    expect(pair).toMatchObject({ first: 'r0', second: 'r1', n: 6, p: 2 / 64, adjustedP: 2 / 64, rankBiserial: 1 });
    expect(pair!.difference).toBeCloseTo(0.035, 12);
    expect(tests[0]!.friedman).toBeNull();
  });
  test('the mean lies in its interval, beside the baselines over the same samples', () => {
    const metric = columns[1]!.metrics['energy-in-mask']!;
    expect(metric.mean).toBeCloseTo(2.125 / 6, 12);
    expect(metric.interval![0]).toBeLessThan(metric.mean);
    expect(metric.interval![1]).toBeGreaterThan(metric.mean);
    expect(metric).toMatchObject({ n: 6, random: 0.125, centred: 0.5, aboveCentred: 2 });
    // Below the spot by 7/16, 3/8, 1/4, 1/8, above it by 1/16 and 1/4: ranks 6, 5, 3.5, 2 against 1 and 3.5.
    expect(metric.beside!.rankBiserial).toBeCloseTo((4.5 - 16.5) / 21, 12);
    expect(masks).toEqual({ usable: 6, empty: 0, missing: 0 });
  });
});

test('three runs: Friedman over all, Holm over the three pairs', () => {
  const { tests } = testMaps(
    samples([1, 2, 3, 4, 5, 6].map((i) => [0.1 * i, 0.1 * i + 0.01 * i, 0.1 * i + 0.05 * i])),
    names(3),
    options,
  );
  const { friedman, pairs } = tests[0]!;
  // Every picture ranks the runs alike: chi square 12 n / (k (k + 1)) sum (mean rank - 2)^2 = 12, W = 1.
  expect(friedman).toMatchObject({ chiSquare: 12, df: 2, n: 6, agreement: 1 });
  expect(friedman!.p).toBeCloseTo(Math.exp(-6), 10);
  expect(pairs.map(({ p, adjustedP }) => [p, adjustedP])).toEqual([1, 2, 3].map(() => [2 / 64, 6 / 64]));
});

test('pictures of one lesion count once', () => {
  const rows = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6].map((x, i) => [x + 0.01 * (i + 1), x]);
  const doubled = rows.flatMap((row) => [row, row]);
  const lesions = rows.flatMap((_, i) => [`l${i}`, `l${i}`]);
  const once = testMaps(samples(rows), names(2), options).tests[0]!.pairs[0]!;
  const twice = testMaps(samples(doubled, lesions), names(2), options).tests[0]!.pairs[0]!;
  expect(twice).toMatchObject({ n: 6, p: once.p, rankBiserial: once.rankBiserial });
});

test('pictures without a number under one run are left out for the pair, not for the run', () => {
  const { columns, tests } = testMaps(
    samples([
      [0.5, null],
      [0.4, 0.2],
      [0.3, 0.1],
    ]),
    names(2),
    { bootstrap: 0, seed: 1 },
  );
  expect(columns.map(({ metrics, zero }) => [metrics['energy-in-mask']!.n, zero])).toEqual([
    [3, 0],
    [2, 1],
  ]);
  expect(columns[0]!.metrics['energy-in-mask']!.interval).toBeNull();
  expect(tests[0]!.pairs[0]).toMatchObject({ n: 2, rankBiserial: 1 });
});

test('equal runs have no p, and one run has no tests', () => {
  const same = testMaps(samples([[0.5, 0.5]]), names(2), options);
  expect(same.tests[0]!.pairs[0]).toMatchObject({ p: null, adjustedP: null, rankBiserial: 0 });
  expect(testMaps(samples([[0.5]]), names(1), options).tests).toEqual([]);
});
