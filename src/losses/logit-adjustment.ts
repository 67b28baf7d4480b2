// Logit adjustment, in training. Menon et al. 2021, "Long-tail learning via logit adjustment", arXiv 2007.07314, eq. 10.
//   L = CE(z + tau log pi, y)
// z: logits; pi_j = n_j / N: share of class j; tau: 1 is consistent for the balanced error; y: label.
import { tf } from '../tf/tfjs.ts';
import type { Loss } from './loss.ts';
import { LossOptions } from './options.ts';
import { labelledCosts, meanCost, perClass } from './terms.ts';

export interface LogitAdjustmentOptions {
  /** Pictures of each class in the training data. */
  readonly classCounts: readonly number[];
  /** Default 1. */
  readonly tau?: number | undefined;
}

export const logitAdjustment: Loss<LogitAdjustmentOptions> = {
  id: 'logit-adjustment',
  title: 'Logit adjustment',
  paper: 'Menon et al. 2021, arXiv 2007.07314',
  labels: 'class',
  head: 'linear',
  draws: false,
  options: { classCounts: 'pictures of each class', tau: 'strength of the adjustment (1)' },
  logitScale: () => 1,
  build(options) {
    const read = new LossOptions('logit-adjustment', options);
    const tau = read.number('tau', 1);
    const priors = logPriorsOf(read.counts()).map((log) => tau * log);
    read.end();
    return (labels, logits, extras = {}) =>
      meanCost(labelledCosts(labels, tf.add(logits, perClass(priors, logits))), null, extras, 'weighted');
  },
};

/** log pi_j, `[classes]`, for counts above 0. */
export function logPriorsOf(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => Math.log(count / total));
}
