import { describe, expect, it } from 'vitest';
import { cochranQ } from '../../src/stats/cochran.ts';
import { holm } from '../../src/stats/holm.ts';
import { discordance, mcnemar } from '../../src/stats/mcnemar.ts';
import { expectNear, recorded } from './recorded.ts';

const { paired } = recorded;

describe('McNemar', () => {
  it.each(paired.mcnemar)('$counts as statsmodels has it', ({ counts, exact, mid, chiSquare, chiSquareP }) => {
    const test = mcnemar(...counts);
    expectNear(test.exactP, exact, 1e-10);
    expectNear(test.midP, mid, 1e-10);
    expectNear(test.chiSquare, chiSquare);
    expectNear(test.chiSquareP, chiSquareP, 1e-11);
  });

  it('the worked example of the literature: 300 against 220', () => {
    const { chiSquare, chiSquareP } = mcnemar(300, 220);
    expect(chiSquare).toBeCloseTo(79 ** 2 / 520, 12);
    expect(chiSquareP).toBeCloseTo(5.3e-4, 5);
  });

  it('by hand: 0 against 3 discordant is 2 / 8, its mid-p 1 / 8', () => {
    expectNear(mcnemar(0, 3).exactP, 0.25);
    expectNear(mcnemar(3, 0).midP, 0.125);
  });

  it('counts pictures that one alone gets right', () => {
    expect(discordance([1, 1, 0, 0, 1], [1, 0, 1, 0, 0])).toEqual([2, 1]);
  });
});

describe("Cochran's Q", () => {
  it('as statsmodels has it', () => {
    const { q, p, df } = cochranQ(paired.cochran.right);
    expectNear(q, paired.cochran.q);
    expectNear(p, paired.cochran.p, 1e-11);
    expect(df).toBe(3);
  });

  it('of two is McNemar without correction', () => {
    const [a, b] = [
      [1, 1, 1, 0, 1, 1],
      [1, 0, 0, 1, 0, 1],
    ];
    expectNear(cochranQ([a, b]).q, (3 - 1) ** 2 / 4);
  });

  it('says nothing where all agree', () => {
    expect(
      cochranQ([
        [1, 0],
        [1, 0],
        [1, 0],
      ]),
    ).toEqual({ q: 0, df: 2, p: 1 });
  });
});

describe('Holm', () => {
  it('as statsmodels has it', () => {
    holm(paired.holm.p).forEach((p, i) => expectNear(p, paired.holm.adjusted[i]!));
  });

  it('leaves out what was not tested', () => {
    expect(holm([0.02, NaN, 0.01])).toEqual([0.02, NaN, 0.02]);
    expect(holm([])).toEqual([]);
  });
});
