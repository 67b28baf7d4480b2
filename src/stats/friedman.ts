// Friedman's test: does a number measured for each picture differ among several runs? Nemenyi's test then says between which.
import { chiSquareSurvival, studentizedRangeSurvival } from './distributions.ts';
import { rank } from './ranks.ts';

export interface Friedman {
  readonly chiSquare: number;
  readonly df: number;
  readonly p: number;
  /** Mean rank of each run over the pictures; 1 is least. */
  readonly meanRanks: readonly number[];
  /** Kendall's W, 0 (no agreement of the pictures) to 1 (all rank the runs alike). */
  readonly agreement: number;
  /** `[i][j]`: p of the difference between runs i and j, corrected for the number of pairs (Nemenyi; Demšar 2006, JMLR 7:1). */
  readonly nemenyi: readonly (readonly number[])[];
}

/** `rows[picture][run]`: at least two runs and one picture, the same number of runs in every row. */
export function friedman(rows: readonly ArrayLike<number>[]): Friedman {
  const n = rows.length;
  const k = rows[0]?.length ?? 0;
  const sums = new Array<number>(k).fill(0);
  let ties = 0;
  for (const row of rows) {
    const ranked = rank(row);
    ties += ranked.ties;
    for (let j = 0; j < k; j++) sums[j]! += ranked.ranks[j]!;
  }
  const meanRanks = sums.map((sum) => sum / n);
  const spread = meanRanks.reduce((sum, mean) => sum + (mean - (k + 1) / 2) ** 2, 0);
  const correction = 1 - ties / (n * k * (k * k - 1));
  const chiSquare = correction === 0 ? 0 : ((12 * n) / (k * (k + 1))) * (spread / correction);
  const unit = Math.sqrt((k * (k + 1)) / (6 * n));
  const pairP = (i: number, j: number): number =>
    i === j ? 1 : studentizedRangeSurvival((Math.SQRT2 * Math.abs(meanRanks[i]! - meanRanks[j]!)) / unit, k);
  return {
    chiSquare,
    df: k - 1,
    p: correction === 0 ? 1 : chiSquareSurvival(chiSquare, k - 1),
    meanRanks,
    agreement: chiSquare / (n * (k - 1)),
    nemenyi: meanRanks.map((_, i) => meanRanks.map((__, j) => pairP(i, j))),
  };
}
