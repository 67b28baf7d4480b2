// Balanced softmax. Ren et al. 2020, "Balanced Meta-Softmax for Long-Tailed Visual Recognition", arXiv 2007.10740, eq. 4.
//   L = CE(z + log n, y)
// z: logits; n: pictures of each class; y: label. The same as logit adjustment with tau 1: softmax ignores log N.
import { tf } from '../tf/tfjs.ts';
import type { Loss } from './loss.ts';
import { LossOptions } from './options.ts';
import { labelledCosts, meanCost, perClass } from './terms.ts';

export interface BalancedSoftmaxOptions {
  /** Pictures of each class in the training data. */
  readonly classCounts: readonly number[];
}

export const balancedSoftmax: Loss<BalancedSoftmaxOptions> = {
  id: 'balanced-softmax',
  title: 'Balanced softmax',
  paper: 'Ren et al. 2020, arXiv 2007.10740',
  labels: 'class',
  head: 'linear',
  draws: false,
  options: { classCounts: 'pictures of each class' },
  logitScale: () => 1,
  build(options) {
    const read = new LossOptions('balanced-softmax', options);
    const logCounts = read.counts().map(Math.log);
    read.end();
    return (labels, logits, extras = {}) =>
      meanCost(labelledCosts(labels, tf.add(logits, perClass(logCounts, logits))), null, extras, 'weighted');
  },
};
