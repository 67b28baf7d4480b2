// Cochran's Q: are several classifiers right equally often on the same pictures? With two it is McNemar's without correction.
import { chiSquareSurvival } from './distributions.ts';

export interface CochranQ {
  readonly q: number;
  readonly df: number;
  readonly p: number;
}

/**
 * `right[classifier][picture]`: 1 where right, 0 where wrong; at least two classifiers, one order of pictures. Where all
 * classifiers agree on every picture, q is 0 and p is 1. Cochran 1950, Biometrika 37:256.
 */
export function cochranQ(right: readonly ArrayLike<number>[]): CochranQ {
  const k = right.length;
  const pictures = right[0]?.length ?? 0;
  const columns = right.map(() => 0);
  let [total, squares] = [0, 0];
  for (let i = 0; i < pictures; i++) {
    let row = 0;
    for (let j = 0; j < k; j++) {
      const value = right[j]![i] === 0 ? 0 : 1;
      columns[j]! += value;
      row += value;
    }
    total += row;
    squares += row * row;
  }
  const spread = k * total - squares;
  const between = columns.reduce((sum, column) => sum + column * column, 0);
  const q = spread === 0 ? 0 : ((k - 1) * (k * between - total * total)) / spread;
  return { q, df: k - 1, p: spread === 0 ? 1 : chiSquareSurvival(q, k - 1) };
}
