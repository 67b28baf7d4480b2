// Cross-entropy with weights of classes.
//   L = sum_i w_y(i) CE_i / sum_i w_y(i)        over the pictures i of the batch, as torch's cross_entropy(weight) has it
//   w_j = (1 - n_j / N) / (K - 1)               `bwcce`, the default: balanced weighted CE of the LMF authors' code
// n_j: pictures of class j; N: of all classes; K: classes. Other weightings: class-weights.ts, or `classWeights` as given.
import { classWeightsOf, weightingIds, type WeightingId } from './class-weights.ts';
import type { Loss } from './loss.ts';
import { LossOptions } from './options.ts';
import { labelledCosts, meanCost, means, type Mean } from './terms.ts';

export interface WeightedCeOptions {
  /** Pictures of each class in the training data; not needed with `classWeights`. */
  readonly classCounts?: readonly number[] | undefined;
  /** Weights themselves, instead of `weighting`. */
  readonly classWeights?: readonly number[] | undefined;
  /** Default `bwcce`. */
  readonly weighting?: WeightingId | undefined;
  /** `weighted` (default) divides by the sum of weights, `plain` by the number of pictures. */
  readonly mean?: Mean | undefined;
}

export const weightedCe: Loss<WeightedCeOptions> = {
  id: 'weighted-ce',
  title: 'Weighted CE',
  paper:
    'King and Zeng 2001, doi 10.1093/oxfordjournals.pan.a004868; weights of Sadi et al. 2022, arXiv 2212.12741 (code)',
  labels: 'class',
  head: 'linear',
  draws: false,
  options: {
    classCounts: 'pictures of each class',
    classWeights: 'weights of the classes, instead of a weighting',
    weighting: `${weightingIds.join(', ')} (bwcce)`,
    mean: 'weighted or plain (weighted)',
  },
  logitScale: () => 1,
  build(options) {
    const read = new LossOptions('weighted-ce', options);
    const given = read.weights();
    const weighting = read.choice('weighting', weightingIds, 'bwcce');
    const counts = given === null ? read.counts() : read.optionalCounts();
    const mean = read.choice('mean', means, 'weighted');
    read.end();
    const weights = given ?? classWeightsOf(weighting, counts!);
    return (labels, logits, extras = {}) => meanCost(labelledCosts(labels, logits), weights, extras, mean);
  },
};
