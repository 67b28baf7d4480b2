// ShapleyCAM. Cai 2025, "CAMs as Shapley Value-based Explainers", arXiv 2501.06261.
//   w_k = 1/Z sum_ij ( g - 1/2 H A )_k_ij            (the Shapley values of a second-order expansion of y_c about A)
//   L = ReLU( sum_k w_k A_k )
// g = dy_c / dA, H: second derivatives of y_c with respect to A; H A is the gradient of <g, A> with A held fixed. Between ReLUs
// and linear layers H = 0, and the map is Grad-CAM's. Of token maps only the grid's cells are players, not the class token.
import { GradcamError, messageOf } from '../../lib/errors.ts';
import { withSecondGradients } from '../../tf/second.ts';
import { tf } from '../../tf/tfjs.ts';
import type { Cam } from '../method.ts';
import { summed } from '../rectified.ts';

export const shapleycam = summed({
  id: 'shapleycam',
  title: 'ShapleyCAM',
  paper: 'Cai 2025, arXiv 2501.06261',
  needs: 'gradients',
  terms(cam) {
    const weights = tf.mean(tf.sub(cam.gradients(), tf.mul(curvature(cam), 0.5)), [1, 2], true);
    return tf.mul<tf.Tensor4D>(weights, cam.activations);
  },
});

/** H A, `[batch, height, width, channels]`. Throws GradcamError `no-second-derivative`. */
function curvature(cam: Cam): tf.Tensor {
  const direction = tf.clone(cam.activations); // another tensor: the derivative is to pass it by
  const product = (at: tf.Tensor): tf.Scalar => {
    const along = tf.sum(tf.mul(cam.gradientsOf({ at: at as tf.Tensor4D }), direction));
    return tf.add(along, tf.mul(tf.sum(at), 0)); // where the tail is affine the gradient does not depend on A at all
  };
  try {
    return withSecondGradients(() => tf.grad(product)(cam.activations));
  } catch (cause) {
    if (cause instanceof GradcamError) throw cause;
    throw new GradcamError({
      code: 'no-second-derivative',
      what: 'ShapleyCAM differentiates twice, which an operation between this layer and the logits does not allow.',
      found: messageOf(cause),
      hint: 'Take a layer closer to the head, or gradcam.',
      cause,
    });
  }
}
