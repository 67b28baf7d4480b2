// Wilcoxon's signed-rank test: is a number measured for each picture under two runs greater under one of them?
import { normalTwoSided } from './distributions.ts';
import { rank } from './ranks.ts';

export interface Wilcoxon {
  /** Differences that are not zero; zeros are left out, as Wilcoxon did. */
  readonly n: number;
  readonly zeros: number;
  /** Rank sums of positive and of negative differences. */
  readonly positive: number;
  readonly negative: number;
  /** Two-sided. NaN where every difference is zero. */
  readonly p: number;
  /** `exact` up to 50 differences without ties, else the normal approximation with corrections for ties and continuity. */
  readonly method: 'exact' | 'normal';
  /** Matched-pairs rank-biserial correlation, -1..1: share of rank sum for the first minus that against it (Kerby 2014). */
  readonly rankBiserial: number;
}

/** `differences`: first minus second, one per picture. NaN among them is left out like zero. */
export function wilcoxon(differences: ArrayLike<number>): Wilcoxon {
  const finite = Array.from(differences).filter((value) => !Number.isNaN(value));
  const values = finite.filter((value) => value !== 0);
  const n = values.length;
  const { ranks, ties } = rank(values.map(Math.abs));
  let positive = 0;
  for (const [i, value] of values.entries()) if (value > 0) positive += ranks[i]!;
  const total = (n * (n + 1)) / 2;
  const negative = total - positive;
  const method = n <= 50 && ties === 0 ? 'exact' : 'normal';
  const least = Math.min(positive, negative);
  const p = n === 0 ? NaN : method === 'exact' ? exactP(least, n) : normalP(least, n, ties);
  const rankBiserial = n === 0 ? 0 : (positive - negative) / total;
  return { n, zeros: finite.length - n, positive, negative, p, method, rankBiserial };
}

/** Twice the share of the 2^n sign patterns whose rank sum is at most `least`: counted by adding one rank after another. */
function exactP(least: number, n: number): number {
  const counts = new Float64Array((n * (n + 1)) / 2 + 1);
  counts[0] = 1;
  for (let r = 1; r <= n; r++) for (let sum = counts.length - 1; sum >= r; sum--) counts[sum]! += counts[sum - r]!;
  let tail = 0;
  for (let sum = 0; sum <= least; sum++) tail += counts[sum]!;
  return Math.min(1, (2 * tail) / 2 ** n);
}

function normalP(least: number, n: number, ties: number): number {
  const mean = (n * (n + 1)) / 4;
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - ties / 48;
  return normalTwoSided(Math.max(0, mean - least - 0.5) / Math.sqrt(variance));
}
