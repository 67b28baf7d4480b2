// Pictures and labels of a batch blended in pairs (Zhang et al. 2018, arXiv 1710.09412): lambda x_i + (1 - lambda) x_j with
// one lambda a batch from Beta(alpha, alpha), j a random order of the batch.
import type { Random } from '../../lib/random.ts';
import type { Augmentation } from './augmentation.ts';

export const mixup: Augmentation = {
  id: 'mixup',
  title: 'Pairs of pictures and their labels blended; alpha of the Beta distribution of their shares',
  settings: { alpha: [0.2, 0, 100] },
};

/** How a batch is blended: row i keeps `share` and gets the rest from row `partners[i]`. */
export interface Mix {
  readonly share: number;
  readonly partners: readonly number[];
}

export function drawMix(alpha: number, rows: number, random: Random): Mix {
  return { share: beta(alpha, random), partners: random.shuffled([...Array(rows).keys()]) };
}

/** From Beta(alpha, alpha): the share of one of two Gamma(alpha) numbers in their sum. 1 for alpha 0: no blending. */
export function beta(alpha: number, random: Random): number {
  if (alpha === 0) return 1;
  const x = logGamma(alpha, random);
  const y = logGamma(alpha, random);
  return 1 / (1 + Math.exp(y - x));
}

/**
 * The logarithm of a Gamma(alpha, 1) number (Marsaglia and Tsang 2000; below 1 by their boost u^(1/alpha)): for small alpha
 * the numbers themselves fall below the smallest double.
 */
function logGamma(alpha: number, random: Random): number {
  if (alpha < 1) return logGamma(alpha + 1, random) + Math.log(1 - random.unit()) / alpha;
  const d = alpha - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.unit()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}
