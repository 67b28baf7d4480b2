// Class-balanced loss. Cui et al. 2019, "Class-Balanced Loss Based on Effective Number of Samples", arXiv 1901.05555.
//   w_j = (1 - beta) / (1 - beta^n_j), scaled to a sum of K        (eq. 3; section 4)
//   softmax  L = sum_i w_y CE_i / sum_i w_y                        weighted mean, as LDAM-DRW and BagofTricks-LT
//   focal    L = mean_i w_y Focal_i                                softmax focal loss (focal.ts)
//   sigmoid  L = mean_i w_y sum_j BCE_ij                           one-against-all
// n_j: pictures of class j; K: classes. vandit15's code calls BCE on softmax probabilities "softmax"; here it is the paper's
// softmax cross-entropy.
import { tf } from '../tf/tfjs.ts';
import { classWeightsOf, EFFECTIVE_BETA } from './class-weights.ts';
import { focalTerm } from './focal.ts';
import type { Loss, LossExtras } from './loss.ts';
import { LossOptions } from './options.ts';
import { labelledCosts, meanCost, targetsOf } from './terms.ts';

type Base = 'softmax' | 'focal' | 'sigmoid';
const bases: readonly Base[] = ['softmax', 'focal', 'sigmoid'];

export interface ClassBalancedOptions {
  /** Pictures of each class in the training data. */
  readonly classCounts: readonly number[];
  /** In (0, 1); default 0.9999. */
  readonly beta?: number | undefined;
  /** The loss that is weighted; default `softmax`. */
  readonly base?: Base | undefined;
  /** Of the base `focal`; default 2. */
  readonly gamma?: number | undefined;
}

export const classBalanced: Loss<ClassBalancedOptions> = {
  id: 'class-balanced',
  title: 'Class-balanced',
  paper: 'Cui et al. 2019, arXiv 1901.05555',
  labels: 'class',
  head: 'linear',
  draws: false,
  options: {
    classCounts: 'pictures of each class',
    beta: 'between 0 and 1 (0.9999)',
    base: 'softmax, focal or sigmoid (softmax)',
    gamma: 'focusing exponent of the base focal (2)',
  },
  logitScale: () => 1,
  build(options) {
    const read = new LossOptions('class-balanced', options);
    const beta = read.between('beta', EFFECTIVE_BETA, 0, 1);
    const weights = classWeightsOf('class-balanced', read.counts(), beta);
    const base = read.choice('base', bases, 'softmax');
    const gamma = read.number('gamma', 2);
    read.end();
    switch (base) {
      case 'softmax':
        return (labels, logits, extras = {}) => meanCost(labelledCosts(labels, logits), weights, extras, 'weighted');
      case 'focal':
        return (labels, logits, extras = {}) => focalTerm(labels, logits, { gamma, weights }, extras);
      case 'sigmoid':
        return (labels, logits, extras = {}) => oneAgainstAll(labels, logits, weights, extras);
    }
  },
};

/** Cost of label k: softplus(-z_k) + sum over the others of softplus(z_j) = sum_j softplus(z_j) - z_k. */
function oneAgainstAll(
  labels: tf.Tensor,
  logits: tf.Tensor,
  weights: readonly number[],
  extras: LossExtras,
): tf.Scalar {
  const costs = tf.sub(tf.sum(tf.softplus(logits), 1, true), logits);
  return meanCost({ targets: targetsOf(labels, logits), costs }, weights, extras, 'plain');
}
