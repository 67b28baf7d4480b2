// Jensen-Shannon divergence of two maps as distributions over the places. Lin 1991, "Divergence measures based on the Shannon
// entropy", IEEE Trans. Inf. Theory 37(1).
//   JS = H((p + q) / 2) - (H(p) + H(q)) / 2   with logarithms to base 2; p, q: positive parts divided by their sum
import type { AgreementMetric } from '../metric.ts';

export const jensenShannon = {
  id: 'jensen-shannon',
  kind: 'agreement',
  title: 'Jensen–Shannon divergence',
  paper: 'Lin 1991, doi 10.1109/18.61115',
  formula: 'H((p + q)/2) − (H(p) + H(q))/2 in bits: 0 the same, 1 nothing in common',
  range: [0, 1],
  better: 'lower',
  measure({ a, b }) {
    const [sumA, sumB] = [positiveSum(a), positiveSum(b)];
    if (!(sumA > 0 && sumB > 0)) return null;
    let divergence = 0;
    for (let i = 0; i < a.length; i++) {
      const p = Math.max(0, a[i]!) / sumA;
      const q = Math.max(0, b[i]!) / sumB;
      divergence += (relative(p, (p + q) / 2) + relative(q, (p + q) / 2)) / 2;
    }
    return Math.min(1, Math.max(0, divergence));
  },
} as const satisfies AgreementMetric;

const relative = (p: number, middle: number): number => (p > 0 ? p * Math.log2(p / middle) : 0);

function positiveSum(values: Float32Array): number {
  let sum = 0;
  for (const value of values) if (value > 0) sum += value;
  return sum;
}
