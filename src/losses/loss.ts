// The seam of losses. A loss is a plain TensorFlow.js function of labels and logits that knows neither engine nor tracer:
// run eagerly it is the reference, run under the tracer it becomes part of the training step.
import type { tf } from '../tf/tfjs.ts';

/** What changes from step to step without the loss being another one. All of it may be inputs of a traced step. */
export interface LossExtras {
  /** float32 `[classes]`, multiplied onto the loss's own class weights: ones change nothing. For deferred re-weighting. */
  readonly classWeights?: tf.Tensor1D | undefined;
  /** float32 `[batch, classes]`, evenly drawn from [0, 1), for losses with `draws`. */
  readonly uniform?: tf.Tensor2D | undefined;
}

/**
 * labels: int32 `[batch]`, or float32 `[batch, classes]` (shares of classes, as mixup and smoothing make them; or 0 and 1
 * per class for multi-label losses). logits: float32 `[batch, classes]`. Result: a scalar, the mean over the batch,
 * differentiable in the logits. With shares t the cost of a picture is the sum over classes k of t_k times the cost that
 * it would have with label k.
 */
export type LossFunction = (labels: tf.Tensor, logits: tf.Tensor, extras?: LossExtras) => tf.Scalar;

/**
 * `linear`: W x + b. `normed`: W and x of unit length, no bias, so that logits are cosines and want a scale, as LDAM has it
 * (Cao et al. 2019, arXiv 1906.07413).
 */
export type HeadKind = 'linear' | 'normed';

/** A loss, and what training has to know of it. */
export interface Loss<O extends object = object> {
  readonly id: string;
  /** As in the head of a table: CE, Focal, LDAM. */
  readonly title: string;
  /** Where the loss was published: authors, year, arXiv or DOI. */
  readonly paper: string;
  /** One class a picture, or any number of them. */
  readonly labels: 'class' | 'multi-hot';
  /** The head it is trained with unless another one is asked for. */
  readonly head: HeadKind;
  /** Whether it wants `extras.uniform`, new in every step. */
  readonly draws: boolean;
  /** Names of the options of `build`, with what each is. */
  readonly options: Readonly<Record<keyof O & string, string>>;
  /** s, where the loss trains softmax(s z): whoever shows probabilities needs it. 1 for most. */
  logitScale(options: O): number;
  /** Throws GradcamError: `unknown-option`, `missing-option`, `bad-option`. */
  build(options: O): LossFunction;
}
