// Softmax equalization loss. Tan et al. 2020, "Equalization Loss for Long-Tailed Object Recognition", arXiv 2003.05176,
// eq. 7 to 9; code zhangyongshun/BagofTricks-LT.
//   L = -log( e^z_y / sum_k w_k e^z_k ),   w_k = 1 - beta_k T(pi_k) (1 - y_k)
// z: logits; y: label, one-hot in y_k; pi_k: share of class k; T: 1 where pi_k < lambda (the tail), else 0; beta_k: 1 with
// probability gamma, drawn for every picture and class, so that the tail is spared most of the negative gradients.
import { Random } from '../lib/random.ts';
import { tf } from '../tf/tfjs.ts';
import type { Loss } from './loss.ts';
import { LossOptions } from './options.ts';
import { costsByLabel, meanCost, perClass } from './terms.ts';

export interface EqualizationOptions {
  /** Pictures of each class in the training data. */
  readonly classCounts: readonly number[];
  /** Probability that a tail class is left out of a picture's sum; default 0.9. */
  readonly gamma?: number | undefined;
  /** Share of the pictures below which a class belongs to the tail; default 0.005. */
  readonly lambda?: number | undefined;
  /** Of the draws made where `extras.uniform` is not given; default 0. */
  readonly seed?: number | undefined;
}

export const equalization: Loss<EqualizationOptions> = {
  id: 'equalization',
  title: 'Softmax equalization',
  paper: 'Tan et al. 2020, arXiv 2003.05176',
  labels: 'class',
  head: 'linear',
  draws: true,
  options: {
    classCounts: 'pictures of each class',
    gamma: 'probability that a tail class is left out (0.9)',
    lambda: 'share below which a class is tail (0.005)',
    seed: 'of draws that are not given (0)',
  },
  logitScale: () => 1,
  build(options) {
    const read = new LossOptions('equalization', options);
    const counts = read.counts();
    const gamma = read.number('gamma', 0.9, 0, 1);
    const lambda = read.number('lambda', 0.005, 0, 1);
    const random = Random.of(read.number('seed', 0), 'equalization');
    read.end();
    const total = counts.reduce((sum, count) => sum + count, 0);
    const tail = counts.map((count) => (count / total < lambda ? 1 : 0));
    return (labels, logits, extras = {}) => {
      const uniform = extras.uniform ?? draw(random, logits);
      const beta = tf.cast(tf.less(uniform, gamma), 'float32'); // [batch, classes]
      const spared = tf.mul(beta, perClass(tail, logits));
      const costs = costsByLabel(labels, logits, (z, oneHot) => {
        const wide = z.rank === spared.rank ? spared : tf.expandDims(spared, 1);
        return tf.sub(z, tf.mul(tf.mul(wide, tf.sub(1, oneHot)), FAR)); // w_k = 0
      });
      return meanCost(costs, null, extras, 'weighted');
    };
  },
};

/** Taken from logits where w is 0: e to such a power is 0 beside that of any logit within 1e5 of it. */
const FAR = 1e6;

function draw(random: Random, logits: tf.Tensor): tf.Tensor2D {
  const shape = logits.shape as [number, number];
  return tf.tensor2d(
    Float32Array.from({ length: logits.size }, () => random.unit()),
    shape,
  );
}
