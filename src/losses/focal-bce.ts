// Focal loss, sigmoid form, for pictures with any number of classes. Lin et al. 2017, arXiv 1708.02002, eq. 5.
//   L = mean over pictures and classes of -alpha_t (1 - p_t)^gamma log p_t
//   p_t = sigmoid(z) where t = 1, else 1 - sigmoid(z);   alpha_t = alpha where t = 1, else 1 - alpha
// z: logit; t: 0 or 1; shares count as mixtures of both. gamma 2 and alpha 0.25 are the paper's.
import { tf } from '../tf/tfjs.ts';
import type { Loss } from './loss.ts';
import { LossOptions } from './options.ts';
import { focus, meanOverClasses, targetsOf } from './terms.ts';

export interface FocalBceOptions {
  /** Default 2. */
  readonly gamma?: number | undefined;
  /** Weight of positives, 0 to 1, negatives have the rest; default 0.25. */
  readonly alpha?: number | undefined;
  /** Weights of the classes; default 1 each. */
  readonly classWeights?: readonly number[] | undefined;
}

export const focalBce: Loss<FocalBceOptions> = {
  id: 'focal-bce',
  title: 'Focal BCE',
  paper: 'Lin et al. 2017, arXiv 1708.02002',
  labels: 'multi-hot',
  head: 'linear',
  draws: false,
  options: {
    gamma: 'focusing exponent (2)',
    alpha: 'weight of positives (0.25)',
    classWeights: 'weights of the classes (1 each)',
  },
  logitScale: () => 1,
  build(options = {}) {
    const read = new LossOptions('focal-bce', options);
    const gamma = read.number('gamma', 2);
    const alpha = read.number('alpha', 0.25, 0, 1);
    const weights = read.weights();
    read.end();
    return (labels, logits, extras = {}) => {
      const targets = targetsOf(labels, logits);
      const flipped = tf.neg(logits);
      const positive = tf.mul(tf.mul(focus(tf.sigmoid(flipped), gamma), tf.softplus(flipped)), alpha);
      const negative = tf.mul(tf.mul(focus(tf.sigmoid(logits), gamma), tf.softplus(logits)), 1 - alpha);
      const costs = tf.add(tf.mul(targets, positive), tf.mul(tf.sub(1, targets), negative));
      return meanOverClasses(costs, weights, extras);
    };
  },
};
