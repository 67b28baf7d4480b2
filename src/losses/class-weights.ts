// Weights of classes from their counts, for weighted losses, deferred re-weighting and samplers. Numbers only.

/**
 * `none`: 1 each. `inverse`: 1 / n. `sqrt-inverse`: 1 / sqrt n. `bwcce`: (1 - n / N) / (K - 1), the balanced weights of
 * the LMF authors' code. `class-balanced`: (1 - beta) / (1 - beta^n), Cui et al. 2019, arXiv 1901.05555, eq. 3.
 * All but `bwcce` and `none` are scaled to a sum of K.
 */
export type WeightingId = 'none' | 'inverse' | 'sqrt-inverse' | 'bwcce' | 'class-balanced';

const schemes: Readonly<Record<WeightingId, (count: number, all: readonly number[], beta: number) => number>> = {
  none: () => 1,
  inverse: (count) => 1 / count,
  'sqrt-inverse': (count) => 1 / Math.sqrt(count),
  bwcce: (count, all) => (all.length === 1 ? 1 : (1 - count / sum(all)) / (all.length - 1)),
  'class-balanced': (count, _, beta) => (1 - beta) / -Math.expm1(count * Math.log(beta)),
};
export const weightingIds = Object.keys(schemes) as readonly WeightingId[];

/** Cui et al.'s usual beta. */
export const EFFECTIVE_BETA = 0.9999;

/** Weights `[classes]` for counts above 0. `beta`, in (0, 1), is that of `class-balanced`. */
export function classWeightsOf(scheme: WeightingId, counts: readonly number[], beta = EFFECTIVE_BETA): number[] {
  const weights = counts.map((count) => schemes[scheme](count, counts, beta));
  if (scheme === 'none' || scheme === 'bwcce') return weights;
  const total = sum(weights);
  return weights.map((weight) => (weight * counts.length) / total);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
