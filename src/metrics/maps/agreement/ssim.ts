// Structural similarity of two maps. Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural
// Similarity", IEEE TIP 13(4); for maps Adebayo et al. 2018, arXiv 1810.03292.
//   SSIM = mean over windows of (2 mu_a mu_b + C1)(2 s_ab + C2) / ((mu_a^2 + mu_b^2 + C1)(s_a^2 + s_b^2 + C2))
//   C1 = 0.01^2, C2 = 0.03^2; 7 x 7 windows, sample covariances, as scikit-image has it with data_range 1
// Each map is divided by its own maximum before, so that runs whose logits differ in scale compare by structure, and
// interpolated to 64 x 64 pixels, so that a window is about as large as a cell.
import { rememberedBy } from '../../../lib/remembered-by.ts';
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
    const [a, b] = pair.canvas().map(viewOf);
    return a == null || b == null ? null : structuralSimilarity(a, b);
  },
} as const satisfies AgreementMetric;

/** A picture of values in 0..1 with what its windows hold, window by window, row-major. */
interface View {
  readonly values: Float64Array;
  readonly means: Float64Array;
  readonly variances: Float64Array;
}

/** Windows along each side. */
const PLACES = CANVAS - WINDOW + 1;
const PIXELS = WINDOW * WINDOW;
/** Sample covariances, not those of the whole. */
const UNBIASED = PIXELS / (PIXELS - 1);

/** Positive parts divided by the greatest, once for all pairs that the map is in; null where there is none. */
const viewOf = rememberedBy((canvas: Float32Array): View | null => {
  let max = 0;
  for (const value of canvas) if (value > max) max = value;
  if (max === 0) return null;
  const values = Float64Array.from(canvas);
  for (let i = 0; i < values.length; i++) values[i] = Math.max(0, values[i]!) / max;
  const means = windowMeans(values, null);
  return { values, means, variances: covariances(values, means, values, means) };
});

function structuralSimilarity(a: View, b: View): number {
  const shared = covariances(a.values, a.means, b.values, b.means);
  let total = 0;
  for (let i = 0; i < shared.length; i++) {
    const [ma, mb] = [a.means[i]!, b.means[i]!];
    total +=
      ((2 * ma * mb + C1) * (2 * shared[i]! + C2)) /
      ((ma * ma + mb * mb + C1) * (a.variances[i]! + b.variances[i]! + C2));
  }
  return total / shared.length;
}

/** Of each window. */
function covariances(a: Float64Array, meansA: Float64Array, b: Float64Array, meansB: Float64Array): Float64Array {
  const result = windowMeans(a, b);
  for (let i = 0; i < result.length; i++) result[i] = UNBIASED * (result[i]! - meansA[i]! * meansB[i]!);
  return result;
}

/** Mean of `a`, or of `a` times `b`, in each window: along columns first, so that a window takes 14 sums and not 49. */
function windowMeans(a: Float64Array, b: Float64Array | null): Float64Array {
  const means = new Float64Array(PLACES * PLACES);
  const product = b === null ? a : a.map((value, i) => value * b[i]!);
  const columns = new Float64Array(CANVAS);
  for (let y = 0; y < PLACES; y++) {
    for (let x = 0; x < CANVAS; x++) {
      let sum = 0;
      for (let i = y * CANVAS + x, end = i + WINDOW * CANVAS; i < end; i += CANVAS) sum += product[i]!;
      columns[x] = sum;
    }
    for (let x = 0; x < PLACES; x++) {
      let sum = 0;
      for (let u = x; u < x + WINDOW; u++) sum += columns[u]!;
      means[y * PLACES + x] = sum / PIXELS;
    }
  }
  return means;
}
