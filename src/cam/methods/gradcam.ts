// Grad-CAM. Selvaraju et al. 2017, "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization",
// arXiv 1610.02391.
//   alpha_k = 1/Z sum_ij dy_c / dA_k_ij            (eq. 1)
//   L = ReLU( sum_k alpha_k A_k )                  (eq. 2)
// y_c: the target's score before any softmax; A_k: feature map k; Z: cells of the map.
import { tf } from '../../tf/tfjs.ts';
import { summed } from '../rectified.ts';

export const gradcam = summed({
  id: 'gradcam',
  title: 'Grad-CAM',
  paper: 'Selvaraju et al. 2017, arXiv 1610.02391',
  needs: 'gradients',
  terms(cam) {
    const alpha = tf.mean(cam.gradients(), [1, 2], true); // [batch, 1, 1, channels]
    return tf.mul<tf.Tensor4D>(alpha, cam.activations);
  },
});
