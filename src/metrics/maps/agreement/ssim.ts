// Structural similarity of two maps. Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural
// Similarity", IEEE TIP 13(4); for maps Adebayo et al. 2018, arXiv 1810.03292.
//   SSIM = mean over windows of (2 mu_a mu_b + C1)(2 s_ab + C2) / ((mu_a^2 + mu_b^2 + C1)(s_a^2 + s_b^2 + C2))
//   C1 = 0.01^2, C2 = 0.03^2; 7 x 7 windows, sample covariances, as scikit-image has it with data_range 1
// Each map is divided by its own maximum before, so that runs whose logits differ in scale compare by structure, and
// interpolated to 64 x 64 pixels, so that a window is about as large as a cell.
import type { AgreementMetric } from '../metric.ts';
import { CANVAS } from '../pair.ts';

const WINDOW = 7;
const C1 = 0.01 ** 2;
const C2 = 0.03 ** 2;

export const ssim = {
  id: 'ssim',
  kind: 'agreement',
  title: 'SSIM',
  paper: 'Wang et al. 2004; for maps Adebayo et al. 2018, arXiv 1810.03292',
  formula: 'structural similarity in 7 × 7 windows on 64 × 64 pixels, each map divided by its maximum',
  range: [-1, 1],
  better: 'higher',
  measure(pair) {
    const [a, b] = pair.canvas().map(toOwnMaximum);
    return a == null || b == null ? null : structuralSimilarity(a, b, CANVAS, CANVAS);
  },
} as const satisfies AgreementMetric;

/** Positive parts divided by the greatest; null where there is none. */
function toOwnMaximum(values: Float32Array): Float64Array | null {
  const max = values.reduce((x, y) => Math.max(x, y), 0);
  return max > 0 ? Float64Array.from(values, (value) => Math.max(0, value) / max) : null;
}

/** SSIM of two pictures of values in 0..1, row-major [height, width], both sides at least 7. */
export function structuralSimilarity(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  width: number,
  height: number,
): number {
  const n = WINDOW * WINDOW;
  const unbiased = n / (n - 1);
  let total = 0;
  for (let y = 0; y + WINDOW <= height; y++) {
    for (let x = 0; x + WINDOW <= width; x++) {
      let [sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0];
      for (let v = y; v < y + WINDOW; v++) {
        for (let u = x; u < x + WINDOW; u++) {
          const [p, q] = [a[v * width + u]!, b[v * width + u]!];
          sa += p;
          sb += q;
          saa += p * p;
          sbb += q * q;
          sab += p * q;
        }
      }
      const [ma, mb] = [sa / n, sb / n];
      const va = unbiased * (saa / n - ma * ma);
      const vb = unbiased * (sbb / n - mb * mb);
      const vab = unbiased * (sab / n - ma * mb);
      total += ((2 * ma * mb + C1) * (2 * vab + C2)) / ((ma * ma + mb * mb + C1) * (va + vb + C2));
    }
  }
  return total / ((height - WINDOW + 1) * (width - WINDOW + 1));
}
