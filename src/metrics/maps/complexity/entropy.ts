// Entropy of a map as a distribution over its cells, as a share of the greatest possible. Bhatt, Weller and Moura 2020,
// "Evaluating and Aggregating Feature-based Model Explanations", arXiv 2005.00631 (complexity, there not divided).
//   H = - sum_i q_i ln q_i / ln n,  q_i = max(0, M_i) / sum_j max(0, M_j),  n cells
import type { ComplexityMetric } from '../metric.ts';

export const entropy = {
  id: 'entropy',
  kind: 'complexity',
  title: 'Entropy',
  paper: 'Bhatt, Weller and Moura 2020, arXiv 2005.00631',
  formula: '− Σ q ln q / ln n, q the cells’ shares of the map: 0 all in one cell, 1 even',
  range: [0, 1],
  better: 'neither',
  measure({ data }) {
    let sum = 0;
    for (const value of data) if (value > 0) sum += value;
    if (!(sum > 0)) return null;
    if (data.length === 1) return 0;
    let bits = 0;
    for (const value of data) if (value > 0) bits -= (value / sum) * Math.log(value / sum);
    return bits / Math.log(data.length);
  },
} as const satisfies ComplexityMetric;
