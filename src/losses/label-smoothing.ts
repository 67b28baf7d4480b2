// Cross-entropy with label smoothing. Szegedy et al. 2016, "Rethinking the Inception Architecture for Computer Vision",
// arXiv 1512.00567, section 7.
//   L = sum_k q_k CE_k,   q_k = (1 - epsilon) y_k + epsilon / K
// y_k: label, one-hot; K: classes; epsilon: smoothing.
import { tf } from '../tf/tfjs.ts';
import type { Loss } from './loss.ts';
import { LossOptions } from './options.ts';
import { crossEntropyCosts, meanCost, targetsOf } from './terms.ts';

export interface LabelSmoothingOptions {
  /** epsilon, 0 to 1; default 0.1. */
  readonly smoothing?: number | undefined;
}

export const labelSmoothing: Loss<LabelSmoothingOptions> = {
  id: 'label-smoothing',
  title: 'CE, smoothed labels',
  paper: 'Szegedy et al. 2016, arXiv 1512.00567',
  labels: 'class',
  head: 'linear',
  draws: false,
  options: { smoothing: 'share of the label spread over all classes (0.1)' },
  logitScale: () => 1,
  build(options = {}) {
    const read = new LossOptions('label-smoothing', options);
    const smoothing = read.number('smoothing', 0.1, 0, 1);
    read.end();
    return (labels, logits, extras = {}) => {
      const targets = smoothed(targetsOf(labels, logits), smoothing);
      return meanCost({ targets, costs: crossEntropyCosts(logits) }, null, extras, 'weighted');
    };
  },
};

/** `[batch, classes]` targets with a share of each spread evenly over all classes; their sum stays. */
export function smoothed(targets: tf.Tensor, smoothing: number): tf.Tensor {
  if (smoothing === 0) return targets;
  const spread = tf.mul(tf.sum(targets, 1, true), smoothing / targets.shape[1]!);
  return tf.add(tf.mul(targets, 1 - smoothing), spread);
}
