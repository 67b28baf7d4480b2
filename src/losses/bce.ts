// Binary cross-entropy on logits, for pictures with any number of classes.
//   L = mean over pictures and classes of softplus(z) - t z
// z: logit; t: 0 or 1 (or a share); softplus(z) - t z = -t log sigmoid(z) - (1 - t) log(1 - sigmoid(z)), finite everywhere.
import { tf } from '../tf/tfjs.ts';
import type { Loss } from './loss.ts';
import { LossOptions } from './options.ts';
import { meanOverClasses, targetsOf } from './terms.ts';

export interface BceOptions {
  /** Weights of the classes; default 1 each. */
  readonly classWeights?: readonly number[] | undefined;
}

export const bce: Loss<BceOptions> = {
  id: 'bce',
  title: 'BCE',
  paper: 'Bishop 2006, Pattern Recognition and Machine Learning, eq. 4.90',
  labels: 'multi-hot',
  head: 'linear',
  draws: false,
  options: { classWeights: 'weights of the classes (1 each)' },
  logitScale: () => 1,
  build(options = {}) {
    const read = new LossOptions('bce', options);
    const weights = read.weights();
    read.end();
    return (labels, logits, extras = {}) => {
      const costs = tf.sub(tf.softplus(logits), tf.mul(targetsOf(labels, logits), logits));
      return meanOverClasses(costs, weights, extras);
    };
  },
};
