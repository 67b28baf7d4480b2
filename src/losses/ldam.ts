// LDAM, label-distribution-aware margins. Cao et al. 2019, "Learning Imbalanced Datasets with Label-Distribution-Aware
// Margin Loss", arXiv 1906.07413, eq. 12 and 13; code kaidic/LDAM-DRW.
//   m_j = C / n_j^(1/4),  C such that max_j m_j = maxMargin
//   z'_j = z_j - m_j where j is the label, else z_j
//   L = CE(s z', y), with class weights w a weighted mean
// z: logits, of a normed head in the paper; n_j: pictures of class j; s: scale. With a linear head trained from scratch
// the scaled logits may run away (kaidic/LDAM-DRW issue 20).
import { tf } from '../tf/tfjs.ts';
import type { Loss, LossExtras } from './loss.ts';
import { LossOptions } from './options.ts';
import { costsByLabel, meanCost, perClass } from './terms.ts';

export const DEFAULT_SCALE = 30;
export const DEFAULT_MAX_MARGIN = 0.5;

export interface LdamOptions {
  /** Pictures of each class in the training data. */
  readonly classCounts: readonly number[];
  /** Margin of the rarest class; default 0.5. */
  readonly maxMargin?: number | undefined;
  /** s; default 30. */
  readonly scale?: number | undefined;
  /** w; default none. */
  readonly classWeights?: readonly number[] | undefined;
}

export const ldam: Loss<LdamOptions> = {
  id: 'ldam',
  title: 'LDAM',
  paper: 'Cao et al. 2019, arXiv 1906.07413',
  labels: 'class',
  head: 'normed',
  draws: false,
  options: {
    classCounts: 'pictures of each class',
    maxMargin: 'margin of the rarest class (0.5)',
    scale: 's, what logits are multiplied with (30)',
    classWeights: 'weights of the classes (none)',
  },
  logitScale: ({ scale = DEFAULT_SCALE }) => scale,
  build(options) {
    const read = new LossOptions('ldam', options);
    const margins = marginsOf(read.counts(), read.positive('maxMargin', DEFAULT_MAX_MARGIN));
    const scale = read.positive('scale', DEFAULT_SCALE);
    const weights = read.weights();
    read.end();
    return (labels, logits, extras = {}) => ldamTerm(labels, logits, { margins, scale, weights }, extras);
  },
};

/** m_j, `[classes]`, for counts above 0. */
export function marginsOf(counts: readonly number[], maxMargin: number): number[] {
  const rarest = Math.min(...counts);
  return counts.map((count) => maxMargin * (rarest / count) ** 0.25);
}

export interface LdamTerm {
  readonly margins: readonly number[];
  readonly scale: number;
  readonly weights: readonly number[] | null;
}

export function ldamTerm(labels: tf.Tensor, logits: tf.Tensor, term: LdamTerm, extras: LossExtras): tf.Scalar {
  const margins = perClass(term.margins, logits);
  const costs = costsByLabel(labels, logits, (z, oneHot) => tf.mul(tf.sub(z, tf.mul(oneHot, margins)), term.scale));
  return meanCost(costs, term.weights, extras, 'weighted');
}
