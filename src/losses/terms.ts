// What the losses are put together from: targets, costs per class, means over the batch.
import { GradcamError } from '../lib/errors.ts';
import { tf } from '../tf/tfjs.ts';
import type { LossExtras } from './loss.ts';

/** `weighted`: sum of weighted costs / sum of weights, as torch's cross_entropy does; `plain`: / number of pictures. */
export type Mean = 'weighted' | 'plain';
export const means: readonly Mean[] = ['weighted', 'plain'];

/** float32 `[batch, classes]`: one-hot of class indices, or the shares as given. Throws GradcamError `loss-shapes`. */
export function targetsOf(labels: tf.Tensor, logits: tf.Tensor): tf.Tensor {
  const [batch, classes] = logits.shape;
  if (logits.rank !== 2 || labels.shape[0] !== batch) throw misfit(labels, logits);
  if (labels.rank === 1) return tf.cast(tf.oneHot(tf.cast(labels, 'int32'), classes!), 'float32');
  if (labels.rank !== 2 || labels.shape[1] !== classes) throw misfit(labels, logits);
  return tf.cast(labels, 'float32');
}

/** -log softmax over the last axis: the cross-entropy cost of every class, finite for logits of any size. */
export function crossEntropyCosts(logits: tf.Tensor): tf.Tensor {
  return tf.neg(tf.logSoftmax(logits));
}

export interface LabelledCosts {
  /** `[batch, classes]` */
  readonly targets: tf.Tensor;
  /** `[batch, classes]`: right wherever a target is not 0. */
  readonly costs: tf.Tensor;
}

/** Cross-entropy on logits that do not depend on the label. */
export function labelledCosts(labels: tf.Tensor, logits: tf.Tensor): LabelledCosts {
  return { targets: targetsOf(labels, logits), costs: crossEntropyCosts(logits) };
}

/**
 * Cross-entropy on logits that depend on the label (a margin on the label's own logit). `adjust` takes logits and the
 * one-hot label, both `[..., classes]`. With shares instead of indices every class is taken as the label in turn, which
 * costs memory of batch x classes x classes.
 */
export function costsByLabel(
  labels: tf.Tensor,
  logits: tf.Tensor,
  adjust: (logits: tf.Tensor, oneHot: tf.Tensor) => tf.Tensor,
): LabelledCosts {
  const targets = targetsOf(labels, logits);
  if (labels.rank === 1) return { targets, costs: crossEntropyCosts(adjust(logits, targets)) };
  const classes = logits.shape[1]!;
  const each = tf.reshape(tf.oneHot(tf.range(0, classes, 1, 'int32'), classes), [1, classes, classes]);
  const oneHot = tf.cast(each, 'float32'); // row k: label k
  const costs = crossEntropyCosts(adjust(tf.expandDims(logits, 1), oneHot)); // [batch, label, classes]
  return { targets, costs: tf.sum(tf.mul(costs, oneHot), 2) };
}

/**
 * Mean over the batch of the costs that the targets pick. `weights`: of the classes, from the loss; `extras.classWeights`
 * comes on top. A batch whose pictures all have weight 0 costs 0.
 */
export function meanCost(
  { targets, costs }: LabelledCosts,
  weights: readonly number[] | null,
  extras: LossExtras,
  mean: Mean,
): tf.Scalar {
  const weighted = withWeights(targets, weights, extras);
  const total = tf.sum(tf.mul(weighted, costs));
  if (mean === 'plain' || weighted === targets) return tf.div<tf.Scalar>(total, targets.shape[0]);
  return tf.div<tf.Scalar>(total, tf.maximum(tf.sum(weighted), SMALLEST_WEIGHT));
}

/** Mean over pictures and classes of costs `[batch, classes]`, each class times its weight. */
export function meanOverClasses(costs: tf.Tensor, weights: readonly number[] | null, extras: LossExtras): tf.Scalar {
  return tf.mean<tf.Scalar>(withWeights(costs, weights, extras));
}

/** Below every sum of weights that is meant as one. */
const SMALLEST_WEIGHT = 1e-30;

/** `[batch, classes]` values times the weights of their classes; the same tensor where there are none. */
function withWeights(values: tf.Tensor, weights: readonly number[] | null, extras: LossExtras): tf.Tensor {
  const own = weights === null ? values : tf.mul(values, perClass(weights, values));
  return extras.classWeights === undefined ? own : tf.mul(own, extras.classWeights);
}

/** A number for each class as a tensor that broadcasts over `like`'s last axis. Throws GradcamError `loss-classes`. */
export function perClass(values: readonly number[], like: tf.Tensor): tf.Tensor1D {
  const classes = like.shape.at(-1);
  if (classes !== values.length) {
    throw new GradcamError({
      code: 'loss-classes',
      what: 'the loss was built for another number of classes',
      expected: `logits for ${values.length} classes`,
      found: `${classes}`,
    });
  }
  return tf.tensor1d([...values], 'float32');
}

/**
 * x^gamma for x in [0, 1], the focusing factor of focal losses. 0^gamma has an infinite slope below gamma = 1; x is kept
 * above a floor where the slope is 0 instead.
 */
export function focus(x: tf.Tensor, gamma: number): tf.Tensor {
  if (gamma === 0) return tf.onesLike(x);
  if (gamma === 1) return x;
  return tf.pow(tf.maximum(x, FOCUS_FLOOR), gamma);
}

const FOCUS_FLOOR = 1e-8;

function misfit(labels: tf.Tensor, logits: tf.Tensor): GradcamError {
  return new GradcamError({
    code: 'loss-shapes',
    what: 'labels and logits do not fit together',
    expected: 'labels [batch] or [batch, classes], logits [batch, classes]',
    found: `labels [${labels.shape.join(', ')}], logits [${logits.shape.join(', ')}]`,
  });
}
