// CAM. Zhou et al. 2016, "Learning Deep Features for Discriminative Localization", arXiv 1512.04150.
//   F_k = sum_xy A_k(x, y),  S_c = sum_k w_k^c F_k            (global pooling, then one linear layer)
//   M_c(x, y) = sum_k w_k^c A_k(x, y)                         (eq. 2)
// w_k^c: the linear layer's weights, read off as dS_c / dA_k: where the head is such a one (and only there is the method
// allowed) that gradient is w_k^c / Z in every one of the Z cells. So CAM = Z Grad-CAM = Z HiResCAM. The paper's map is signed;
// the ReLU keeps the evidence for the class, as for the other methods.
import { tf } from '../../tf/tfjs.ts';
import { summed } from '../rectified.ts';

export const cam = summed({
  id: 'cam',
  title: 'CAM',
  paper: 'Zhou et al. 2016, arXiv 1512.04150',
  needs: 'gradients',
  head: 'pooled-linear',
  terms(cam) {
    const weights = tf.sum(cam.gradients(), [1, 2], true); // Z times the gradient of one cell
    return tf.mul<tf.Tensor4D>(weights, cam.activations);
  },
});
