// McNemar's test: are two classifiers right equally often on the same pictures? Only pictures that one of them alone gets
// right say anything.
import { chiSquareSurvival, logChoose } from './distributions.ts';

export interface McNemar {
  /** Pictures that only the first gets right. */
  readonly onlyFirst: number;
  /** Pictures that only the second gets right. */
  readonly onlySecond: number;
  /** Two-sided p of the exact binomial test: never too small, somewhat too large with few discordant pictures. */
  readonly exactP: number;
  /** Two-sided mid-p (Fagerland, Lydersen and Laake 2013, BMC Med. Res. Methodol. 13:91): closer to its level. */
  readonly midP: number;
  /** Chi-square with continuity correction, (|b - c| - 1)^2 / (b + c), 0 where nothing is discordant. */
  readonly chiSquare: number;
  /** p of `chiSquare`, one degree of freedom; an approximation, for comparison with published figures. */
  readonly chiSquareP: number;
}

/** `onlyFirst`, `onlySecond`: counts of discordant pictures, whole numbers from 0 on. */
export function mcnemar(onlyFirst: number, onlySecond: number): McNemar {
  const n = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  const chiSquare = n === 0 ? 0 : Math.max(0, Math.abs(onlyFirst - onlySecond) - 1) ** 2 / n;
  let tail = 0;
  for (let k = 0; k <= fewer; k++) tail += binomialHalf(n, k);
  const middle = binomialHalf(n, fewer);
  return {
    onlyFirst,
    onlySecond,
    exactP: Math.min(1, 2 * tail),
    midP: n === 0 ? 1 : onlyFirst === onlySecond ? 1 - middle / 2 : Math.min(1, 2 * tail - middle),
    chiSquare,
    chiSquareP: n === 0 ? 1 : chiSquareSurvival(chiSquare, 1),
  };
}

/** Discordant counts of two vectors of right (1) and wrong (0), in the same order of pictures. */
export function discordance(first: ArrayLike<number>, second: ArrayLike<number>): [number, number] {
  let [onlyFirst, onlySecond] = [0, 0];
  for (let i = 0; i < first.length; i++) {
    if (first[i] !== 0 && second[i] === 0) onlyFirst++;
    if (first[i] === 0 && second[i] !== 0) onlySecond++;
  }
  return [onlyFirst, onlySecond];
}

/** Probability of k heads in n fair tosses. */
function binomialHalf(n: number, k: number): number {
  return Math.exp(logChoose(n, k) - n * Math.LN2);
}
