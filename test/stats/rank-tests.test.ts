import { describe, expect, it } from 'vitest';
import { friedman } from '../../src/stats/friedman.ts';
import { rank } from '../../src/stats/ranks.ts';
import { wilcoxon } from '../../src/stats/wilcoxon.ts';
import { expectNear, recorded } from './recorded.ts';

const { ranks } = recorded;

it('ranks with ties at their mean, as scipy', () => {
  expect([...rank(ranks.rank.values).ranks]).toEqual(ranks.rank.ranks);
  expect(rank([2, 2, 2, 1]).ties).toBe(24);
});

describe('Wilcoxon', () => {
  it.each(ranks.wilcoxon)('$name, as scipy', ({ differences, method, least, p }) => {
    const test = wilcoxon(differences);
    expect(test.method).toBe(method);
    expect(Math.min(test.positive, test.negative)).toBe(least);
    expectNear(test.p, p, 1e-11);
  });

  it('by hand: three positive differences are one pattern of eight, on either side', () => {
    expect(wilcoxon([1, 2, 3])).toEqual({
      n: 3,
      zeros: 0,
      positive: 6,
      negative: 0,
      p: 0.25,
      method: 'exact',
      rankBiserial: 1,
    });
  });

  it('says nothing of no differences', () => {
    expect(wilcoxon([0, 0, NaN])).toMatchObject({ n: 0, zeros: 2, p: NaN, rankBiserial: 0 });
  });
});

describe('Friedman', () => {
  it.each(ranks.friedman)('as scipy', ({ rows, chiSquare, p }) => {
    const test = friedman(rows);
    expectNear(test.chiSquare, chiSquare);
    expectNear(test.p, p, 1e-11);
  });

  it('by hand: every picture ranks three runs alike', () => {
    const { meanRanks, agreement, chiSquare, nemenyi } = friedman([
      [1, 2, 3],
      [10, 20, 30],
      [0.1, 0.2, 0.3],
      [4, 5, 6],
    ]);
    expect(meanRanks).toEqual([1, 2, 3]);
    expect(agreement).toBe(1);
    expect(chiSquare).toBe(8);
    // Demšar's critical difference at 0.05 is 2.343 sqrt(k (k + 1) / 6 n) = 1.657 here: 2 apart differs, 1 does not.
    expect(nemenyi[0]![2]).toBeLessThan(0.05);
    expect(nemenyi[0]![1]).toBeGreaterThan(0.05);
    expect(nemenyi[1]![1]).toBe(1);
  });

  it('says nothing where all runs are alike', () => {
    expect(
      friedman([
        [1, 1],
        [2, 2],
      ]),
    ).toMatchObject({ chiSquare: 0, p: 1 });
  });
});
