import { describe, expect, it } from 'vitest';
import { bcaInterval, bootstrap, bootstrapP, percentileInterval, quantile } from '../../src/stats/bootstrap.ts';
import { permutationTest, signFlipTest } from '../../src/stats/permutation.ts';
import { groupingOf, indexNames } from '../../src/stats/resampling.ts';
import { Random } from '../../src/lib/random.ts';
import { expectNear, recorded } from './recorded.ts';

const weightedMean =
  (values: ArrayLike<number>) =>
  (weights: Float64Array): number[] => {
    let [sum, total] = [0, 0];
    for (let i = 0; i < weights.length; i++) {
      sum += weights[i]! * values[i]!;
      total += weights[i]!;
    }
    return [sum / total];
  };
const plain = { groups: null, strata: null } as const;

describe('intervals', () => {
  const { data, replicates, jackknife, percentile, bca } = recorded.bootstrap;

  it('as scipy makes them of the same replicates', () => {
    const { low, high } = percentileInterval(Float64Array.from(replicates));
    expectNear(low, percentile[0]);
    expectNear(high, percentile[1]);
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    const corrected = bcaInterval(Float64Array.from(replicates), mean, Float64Array.from(jackknife));
    expectNear(corrected.low, bca[0], 1e-9);
    expectNear(corrected.high, bca[1], 1e-9);
  });

  it('the jackknife leaves out one group at a time', () => {
    const { jackknife: ours } = bootstrap(weightedMean(data), { ...plain, size: data.length, seed: 1, count: 1 });
    ours()[0]!.forEach((value, i) => expectNear(value, jackknife[i]!));
  });

  it('cover a mean as often as they say', () => {
    const random = Random.of(3, 'coverage');
    const covered = Array.from({ length: 300 }, (_, round) => {
      const sample = Float64Array.from({ length: 40 }, () => random.normal());
      const { replicates: draws } = bootstrap(weightedMean(sample), { ...plain, size: 40, seed: round, count: 300 });
      const { low, high } = percentileInterval(draws[0]!);
      return low <= 0 && 0 <= high;
    }).filter(Boolean).length;
    // 95 % nominal; percentile intervals of 40 values cover about 93.5 %, with a deviation of 1.4 % over 300 rounds.
    expect(covered / 300).toBeGreaterThan(0.89);
    expect(covered / 300).toBeLessThan(0.985);
  });

  it('quantiles are linear between neighbours', () => {
    expect(quantile([1, 2, 4], 0.75)).toBe(3);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('drop replicates that are no numbers', () => {
    expect(percentileInterval(Float64Array.of(NaN, 1, NaN, 1))).toEqual({ low: 1, high: 1 });
  });
});

describe('bootstrap', () => {
  it('draws whole groups, and keeps the size of every stratum', () => {
    const [groups, strata] = [
      [0, 0, 1, 2, 2, 3],
      [5, 5, 5, 6, 6, 6],
    ];
    const seen = new Set<string>();
    const statistic = (weights: Float64Array): number[] => {
      expect(weights[0]).toBe(weights[1]);
      expect(weights[3]).toBe(weights[4]);
      expect(weights[0]! + weights[2]!).toBe(2);
      expect(weights[3]! + weights[5]!).toBe(2);
      seen.add(weights.join());
      return [0];
    };
    bootstrap(statistic, { size: 6, groups, strata, seed: 4, count: 200 });
    expect(seen.size).toBe(9);
  });

  it('is the same for the same seed only', () => {
    const run = (seed: number): string =>
      bootstrap(weightedMean([1, 2, 3, 7]), { ...plain, size: 4, seed, count: 20 }).replicates[0]!.join();
    expect(run(1)).toBe(run(1));
    expect(run(1)).not.toBe(run(2));
  });

  it('p is twice the smaller side, never 0', () => {
    expect(bootstrapP(Float64Array.of(1, 2, 3))).toBe(0.5);
    expect(bootstrapP(Float64Array.of(-1, 1, 2, NaN))).toBe(1);
    expect(bootstrapP(new Float64Array(999).fill(0.1))).toBe(0.002);
    expect(bootstrapP(new Float64Array(5))).toBe(1);
  });
});

describe('permutation', () => {
  it('tries all exchanges where they are few: three differences of one sign', () => {
    expect(signFlipTest([1, 2, 3], { groups: null, seed: 0 })).toEqual({ difference: 2, p: 0.25, exact: true });
  });

  it('exchanges whole groups', () => {
    expect(signFlipTest([1, 2, 3], { groups: [0, 0, 0], seed: 0 }).p).toBe(1);
  });

  it('draws where they are many, and agrees with the exact test', () => {
    const differences = [0.3, -0.1, 0.5, 0.2, 0.7, -0.4, 0.6, 0.9, 0.1, 0.35];
    const exact = signFlipTest(differences, { groups: null, seed: 1, count: 1024 });
    const drawn = signFlipTest(differences, { groups: null, seed: 1, count: 1000 });
    expect([exact.exact, drawn.exact]).toEqual([true, false]);
    expect(Math.abs(exact.p - drawn.p)).toBeLessThan(0.02);
  });

  it('of a statistic that is no mean', () => {
    const [a, b] = [Float64Array.of(1, 1, 1, 1), Float64Array.of(0, 0, 0, 0)];
    const most = (exchanged: Uint8Array): number =>
      Math.max(...a.map((v, i) => (exchanged[i] ? b[i]! : v))) -
      Math.max(...b.map((v, i) => (exchanged[i] ? a[i]! : v)));
    // Only "none" and "all exchanged" leave one side without a 1: 2 of 16.
    expect(permutationTest(most, { size: 4, groups: null, seed: 0 })).toEqual({ difference: 1, p: 0.125, exact: true });
  });
});

describe('groups', () => {
  it('of names, unknown ones by themselves', () => {
    expect([...indexNames(['a', null, 'b', 'a', null])]).toEqual([0, 1, 2, 0, 3]);
  });

  it('lie in the stratum of their first picture', () => {
    const { members, strata } = groupingOf({ size: 4, groups: [7, 7, 8, 9], strata: [1, 2, 2, 1] });
    expect(members.map((list) => [...list])).toEqual([[0, 1], [2], [3]]);
    expect(strata.map((list) => [...list])).toEqual([[0, 2], [1]]);
  });
});
