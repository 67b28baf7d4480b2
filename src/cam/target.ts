// The seam of targets: which scalar of the model's output is explained.
import type * as tf from '@tensorflow/tfjs';

/** What is explained: a score of the logits. */
export interface Target {
  readonly id: string;
  readonly title: string;
  /** Whether the score is linear in the logits: then methods may use closed forms where the tail is affine. */
  readonly linear: boolean;
  /**
   * The score to differentiate, one per sample: logits float32 `[batch, classes]`, class indices int32 `[batch]` -> `[batch]`.
   * Logits, never probabilities: a softmax flattens the gradient of a confident prediction.
   */
  score(logits: tf.Tensor2D, classIndex: tf.Tensor1D): tf.Tensor1D;
}
