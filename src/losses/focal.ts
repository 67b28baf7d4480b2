// Focal loss, softmax form. Lin et al. 2017, "Focal Loss for Dense Object Detection", arXiv 1708.02002, eq. 5; with
// softmax as in AdeelH/pytorch-multi-class-focal-loss, which the LMF authors use.
//   L = -alpha_y (1 - p_y)^gamma log p_y,       p = softmax(z)        mean over the pictures, whatever alpha is
// z: logits; y: label; alpha: class weights, 1 each by default; gamma: 0 is cross-entropy, 2 the paper's choice.
// The weight stays outside p: forms with p = exp(-alpha CE) are another loss.
import { tf } from '../tf/tfjs.ts';
import type { Loss, LossExtras } from './loss.ts';
import { LossOptions } from './options.ts';
import { crossEntropyCosts, focus, meanCost, targetsOf } from './terms.ts';

export interface FocalOptions {
  /** Default 2. */
  readonly gamma?: number | undefined;
  /** alpha of each class; default 1 each. */
  readonly classWeights?: readonly number[] | undefined;
}

export const focal: Loss<FocalOptions> = {
  id: 'focal',
  title: 'Focal',
  paper: 'Lin et al. 2017, arXiv 1708.02002',
  labels: 'class',
  head: 'linear',
  draws: false,
  options: { gamma: 'focusing exponent, 0 or above (2)', classWeights: 'alpha of each class (1 each)' },
  logitScale: () => 1,
  build(options = {}) {
    const read = new LossOptions('focal', options);
    const gamma = read.number('gamma', 2);
    const weights = read.weights();
    read.end();
    return (labels, logits, extras = {}) => focalTerm(labels, logits, { gamma, weights }, extras);
  },
};

export interface FocalTerm {
  readonly gamma: number;
  readonly weights: readonly number[] | null;
}

export function focalTerm(labels: tf.Tensor, logits: tf.Tensor, term: FocalTerm, extras: LossExtras): tf.Scalar {
  const ce = crossEntropyCosts(logits);
  const rest = tf.neg(tf.expm1(tf.neg(ce))); // 1 - p, exact for p near 1
  const costs = tf.mul(focus(rest, term.gamma), ce);
  return meanCost({ targets: targetsOf(labels, logits), costs }, term.weights, extras, 'plain');
}
