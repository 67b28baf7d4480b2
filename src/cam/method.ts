// The seam of CAM methods. A method is a plain TensorFlow.js function that knows neither tracer nor engine:
// run eagerly it is the reference, run under the tracer it becomes ONNX.
import type * as tf from '@tensorflow/tfjs';

/** What a method may look at. Layout is NHWC: `[batch, height, width, channels]`. */
export interface Cam {
  /** Feature maps A at the target layer, float32 `[batch, height, width, channels]`. */
  readonly activations: tf.Tensor4D;
  /**
   * Gradient of the target's score with respect to A, same shape as `activations`. Computed once however often it is
   * read: methods asked for together share it.
   */
  gradients(): tf.Tensor4D;
  /** The target's score for other feature maps at the same layer: `[batch, height, width, channels]` -> `[batch]`. Differentiable. */
  score(activations: tf.Tensor4D): tf.Tensor1D;
  /** Logits of the model on its own activations, `[batch, classes]`. */
  readonly logits: tf.Tensor2D;
}

export interface CamMethod {
  readonly id: string;
  readonly title: string;
  /** Where the method was published: authors, year, arXiv or DOI. */
  readonly paper: string;
  readonly needs: 'gradients' | 'activations' | 'scores';
  /** The method's map, `[batch, height, width]`, at the layer's own resolution, after the method's ReLU, unscaled. */
  map(cam: Cam): tf.Tensor3D;
}
