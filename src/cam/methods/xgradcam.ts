// XGrad-CAM. Fu et al. 2020, "Axiom-based Grad-CAM: Towards Accurate Visualization and Explanation of CNNs",
// arXiv 2008.02312.
//   w_k = sum_ij ( A_k_ij / sum_ab A_k_ab ) dy_c / dA_k_ij    (eq. 8)
//   L = ReLU( sum_k w_k A_k )
import { tf } from '../../tf/tfjs.ts';
import { summed } from '../rectified.ts';

/** A feature map that is zero everywhere has no weight; the value that pytorch-grad-cam uses. */
const EPSILON = 1e-7;

export const xgradcam = summed({
  id: 'xgradcam',
  title: 'XGrad-CAM',
  paper: 'Fu et al. 2020, arXiv 2008.02312',
  needs: 'gradients',
  terms(cam) {
    const sum = tf.add(tf.sum(cam.activations, [1, 2], true), EPSILON);
    const weights = tf.div(tf.sum(tf.mul(cam.gradients(), cam.activations), [1, 2], true), sum);
    return tf.mul<tf.Tensor4D>(weights, cam.activations);
  },
});
