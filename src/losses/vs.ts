// VS loss, vector scaling. Kini et al. 2021, "Label-Imbalanced and Group-Sensitive Classification under
// Overparameterization", arXiv 2103.01550, eq. 2 and section 5; code orparask/VS-Loss.
//   L = CE(z / Delta + iota, y),   Delta_j = (n_max / n_j)^gamma,   iota_j = tau log pi_j
// z: logits; n_j: pictures of class j; pi_j: its share; y: label.
import { tf } from '../tf/tfjs.ts';
import { logPriorsOf } from './logit-adjustment.ts';
import type { Loss } from './loss.ts';
import { LossOptions } from './options.ts';
import { labelledCosts, meanCost, perClass } from './terms.ts';

export interface VsOptions {
  /** Pictures of each class in the training data. */
  readonly classCounts: readonly number[];
  /** Exponent of the multiplicative adjustment; default 0.3. */
  readonly gamma?: number | undefined;
  /** Strength of the additive adjustment; default 1. */
  readonly tau?: number | undefined;
}

export const vs: Loss<VsOptions> = {
  id: 'vs',
  title: 'VS',
  paper: 'Kini et al. 2021, arXiv 2103.01550',
  labels: 'class',
  head: 'linear',
  draws: false,
  options: {
    classCounts: 'pictures of each class',
    gamma: 'exponent of the multiplicative adjustment (0.3)',
    tau: 'strength of the additive adjustment (1)',
  },
  logitScale: () => 1,
  build(options) {
    const read = new LossOptions('vs', options);
    const counts = read.counts();
    const gamma = read.number('gamma', 0.3);
    const tau = read.number('tau', 1);
    read.end();
    const most = Math.max(...counts);
    const shrink = counts.map((count) => (count / most) ** gamma); // 1 / Delta
    const iota = logPriorsOf(counts).map((log) => tau * log);
    return (labels, logits, extras = {}) => {
      const adjusted = tf.add(tf.mul(logits, perClass(shrink, logits)), perClass(iota, logits));
      return meanCost(labelledCosts(labels, adjusted), null, extras, 'weighted');
    };
  },
};
