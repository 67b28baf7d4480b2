// Gini index of a map's cells: sparseness. Chalasani et al. 2020, "Concise Explanations of Neural Networks using Adversarial
// Training", ICML, arXiv 1810.06583; Hurley and Rickard 2009, arXiv 0811.4706.
//   G = sum_i (2 i - n - 1) M_(i) / (n sum_i M_(i)),  M_(1) <= ... <= M_(n) the positive parts of the n cells
import type { ComplexityMetric } from '../metric.ts';

export const gini = {
  id: 'gini',
  kind: 'complexity',
  title: 'Gini index',
  paper: 'Chalasani et al. 2020, arXiv 1810.06583',
  formula: 'Σ (2i − n − 1) M₍ᵢ₎ / (n Σ M₍ᵢ₎), cells in ascending order: 0 even, near 1 all in one cell',
  range: [0, 1],
  better: 'neither',
  measure({ data }) {
    const sorted = Float64Array.from(data, (value) => Math.max(0, value)).sort();
    const n = sorted.length;
    let [sum, weighted] = [0, 0];
    for (let i = 0; i < n; i++) {
      sum += sorted[i]!;
      weighted += (2 * (i + 1) - n - 1) * sorted[i]!;
    }
    return sum > 0 ? weighted / (n * sum) : null;
  },
} as const satisfies ComplexityMetric;
