// Overlap of the highest places of two maps. Ghorbani, Abid and Zou 2019, "Interpretation of Neural Networks is Fragile",
// arXiv 1710.10547 (top-k intersection).
//   |A_k intersected with B_k| / k,  A_k: the k highest places of A, k a tenth of all places, at least one
// Places that tie for the last of the k share them: each is in the set to the same part.
import { rememberedBy } from '../../../lib/remembered-by.ts';
import type { AgreementMetric } from '../metric.ts';

/** Share of the places that counts as the top. */
const TOP = 0.1;

export const topOverlap = {
  id: 'top-overlap',
  kind: 'agreement',
  title: 'Overlap of the top tenth',
  paper: 'Ghorbani, Abid and Zou 2019, arXiv 1710.10547',
  formula: '|A ∩ B| / k of the k highest places of both maps, k a tenth of all',
  range: [0, 1],
  better: 'higher',
  measure({ a, b }) {
    const [x, y] = [membership(a), membership(b)];
    if (x === null || y === null) return null;
    let both = 0;
    for (let i = 0; i < x.length; i++) both += Math.min(x[i]!, y[i]!);
    return both / topOf(a.length);
  },
} as const satisfies AgreementMetric;

/** How many of `places` are the top. */
const topOf = (places: number): number => Math.max(1, Math.round(TOP * places));

/** How far each place belongs to the top, 0..1; null for a map without positive values. */
const membership = rememberedBy((values: Float32Array): Float64Array | null => {
  const k = topOf(values.length);
  const sorted = Float32Array.from(values).sort().reverse();
  if (!(sorted[0]! > 0)) return null;
  const last = sorted[k - 1]!;
  let [above, tied] = [0, 0];
  for (const value of values) {
    if (value > last) above++;
    else if (value === last) tied++;
  }
  return Float64Array.from(values, (value) => (value > last ? 1 : value === last ? (k - above) / tied : 0));
});
