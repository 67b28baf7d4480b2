// Calibration: of pictures that a run is 80 % sure about, are 80 % right?
import { meanOf } from './confusion.ts';

export interface ReliabilityBin {
  /** Confidences in (low, high]; 0 itself is in the first bin. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Mean confidence; null where the bin is empty. */
  readonly confidence: number | null;
  /** Share of pictures that are right; null where the bin is empty. */
  readonly accuracy: number | null;
}

export interface Calibration {
  /** Expected calibration error of the top class over bins of equal width (Guo et al. 2017, arXiv 1706.04599). */
  readonly ece: number;
  /** The widest gap of any bin. */
  readonly mce: number;
  /** Mean confidence minus accuracy: above 0, the run is too sure of itself. */
  readonly overconfidence: number;
  readonly bins: readonly ReliabilityBin[];
}

const RELIABILITY_BINS = 15;

/** `confidence`: probability of the predicted class; `right`: 1 or 0; one per picture. */
export function calibration(
  confidence: ArrayLike<number>,
  right: ArrayLike<number>,
  count = RELIABILITY_BINS,
): Calibration {
  const sums = Array.from({ length: count }, () => ({ count: 0, confidence: 0, right: 0 }));
  for (let i = 0; i < confidence.length; i++) {
    const place = Math.min(count - 1, Math.max(0, Math.ceil(confidence[i]! * count) - 1));
    const bin = sums[place]!;
    bin.count++;
    bin.confidence += confidence[i]!;
    bin.right += right[i]!;
  }
  const filled = sums.filter((bin) => bin.count > 0);
  const gap = (bin: (typeof sums)[number]): number => Math.abs(bin.right - bin.confidence) / bin.count;
  return {
    ece: meanOf(filled, gap, (bin) => bin.count),
    mce: filled.reduce((most, bin) => Math.max(most, gap(bin)), 0),
    overconfidence: meanOf(
      filled,
      (bin) => (bin.confidence - bin.right) / bin.count,
      (bin) => bin.count,
    ),
    bins: sums.map((bin, i) => ({
      low: i / count,
      high: (i + 1) / count,
      count: bin.count,
      confidence: bin.count === 0 ? null : bin.confidence / bin.count,
      accuracy: bin.count === 0 ? null : bin.right / bin.count,
    })),
  };
}

/** Squared distance of the probabilities from the truth, summed over classes (0..2), per picture; its mean is the Brier score. */
export function brierLosses(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): Float64Array {
  return Float64Array.from(labels, (label, i) => {
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += (probabilities[i * classes + c]! - Number(c === label)) ** 2;
    return sum;
  });
}

/** -ln of the true class's probability, per picture; probabilities are kept 2^-52 away from 0 and 1, as scikit-learn does. */
export function logLosses(probabilities: ArrayLike<number>, labels: ArrayLike<number>, classes: number): Float64Array {
  return Float64Array.from(
    labels,
    (label, i) =>
      -Math.log(Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, probabilities[i * classes + label]!))),
  );
}
