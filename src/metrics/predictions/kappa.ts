// Cohen's kappa: agreement beyond what chance would give.
import type { Confusion } from './confusion.ts';

/** What a disagreement between classes i and j costs: 1; |i - j|; (i - j)^2. The last two suit classes with an order. */
export type KappaWeights = 'none' | 'linear' | 'quadratic';

/** -1..1; NaN where chance alone cannot disagree (one class only). Cohen 1960, 1968. */
export function cohenKappa({ classes, counts }: Confusion, weights: KappaWeights = 'none'): number {
  const rows = new Float64Array(classes);
  const columns = new Float64Array(classes);
  let total = 0;
  for (let i = 0; i < classes; i++) {
    for (let j = 0; j < classes; j++) {
      const count = counts[i * classes + j]!;
      rows[i]! += count;
      columns[j]! += count;
      total += count;
    }
  }
  let [observed, expected] = [0, 0];
  for (let i = 0; i < classes; i++) {
    for (let j = 0; j < classes; j++) {
      const cost = weights === 'none' ? Number(i !== j) : Math.abs(i - j) ** (weights === 'linear' ? 1 : 2);
      observed += cost * counts[i * classes + j]!;
      expected += (cost * rows[i]! * columns[j]!) / total;
    }
  }
  return 1 - observed / expected;
}
