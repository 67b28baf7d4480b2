// ASL, asymmetric loss, for pictures with any number of classes. Ridnik et al. 2021, "Asymmetric Loss For Multi-Label
// Classification", arXiv 2009.14119, eq. 5 to 7; code Alibaba-MIIL/ASL.
//   L+ = -(1 - p)^gammaPos log p,   L- = -p_m^gammaNeg log(1 - p_m),   p_m = max(p - clip, 0)
//   L = mean over pictures and classes of t L+ + (1 - t) L-
// p = sigmoid(z); t: 0 or 1. Deviations from the code: it sums where we take the mean, so its learning rates are to be scaled;
// it treats the focusing factors as constants by default, where this is the gradient of the whole.
import { tf } from '../tf/tfjs.ts';
import type { Loss } from './loss.ts';
import { LossOptions } from './options.ts';
import { focus, meanOverClasses, targetsOf } from './terms.ts';

export interface AslOptions {
  /** Focusing exponent of negatives; default 4. */
  readonly gammaNeg?: number | undefined;
  /** Focusing exponent of positives; default 1. */
  readonly gammaPos?: number | undefined;
  /** Probability below which a negative costs nothing, 0 to 1; default 0.05. */
  readonly clip?: number | undefined;
  /** Weights of the classes; default 1 each. */
  readonly classWeights?: readonly number[] | undefined;
}

export const asl: Loss<AslOptions> = {
  id: 'asl',
  title: 'ASL',
  paper: 'Ridnik et al. 2021, arXiv 2009.14119',
  labels: 'multi-hot',
  head: 'linear',
  draws: false,
  options: {
    gammaNeg: 'focusing exponent of negatives (4)',
    gammaPos: 'focusing exponent of positives (1)',
    clip: 'probability below which a negative costs nothing (0.05)',
    classWeights: 'weights of the classes (1 each)',
  },
  logitScale: () => 1,
  build(options = {}) {
    const read = new LossOptions('asl', options);
    const gammaNeg = read.number('gammaNeg', 4);
    const gammaPos = read.number('gammaPos', 1);
    const clip = read.number('clip', 0.05, 0, 1);
    const weights = read.weights();
    read.end();
    return (labels, logits, extras = {}) => {
      const targets = targetsOf(labels, logits);
      const flipped = tf.neg(logits);
      const positive = tf.mul(focus(tf.sigmoid(flipped), gammaPos), tf.softplus(flipped));
      const negative = tf.mul(focus(shifted(logits, clip), gammaNeg), negativeCost(logits, clip));
      const costs = tf.add(tf.mul(targets, positive), tf.mul(tf.sub(1, targets), negative));
      return meanOverClasses(costs, weights, extras);
    };
  },
};

/** p_m */
function shifted(logits: tf.Tensor, clip: number): tf.Tensor {
  return clip === 0 ? tf.sigmoid(logits) : tf.relu(tf.sub(tf.sigmoid(logits), clip));
}

/** -log(1 - p_m): at most -log clip, and without a clip softplus(z). */
function negativeCost(logits: tf.Tensor, clip: number): tf.Tensor {
  if (clip === 0) return tf.softplus(logits);
  return tf.neg(tf.log(tf.minimum(tf.add(tf.sigmoid(tf.neg(logits)), clip), 1)));
}
