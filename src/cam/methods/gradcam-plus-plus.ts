// Grad-CAM++. Chattopadhay et al. 2018, "Grad-CAM++: Improved Visual Explanations for Deep Convolutional Networks",
// arXiv 1710.11063.
//   alpha_k_ij = g^2 / (2 g^2 + sum_ab A_k_ab * g^3)          (eq. 19, for the score exp(y_c))
//   w_k = sum_ij alpha_k_ij * ReLU(g)                         (eq. 7)
//   L = ReLU( sum_k w_k A_k )                                 (eq. 13)
// g = dy_c / dA_k_ij. exp(y_c) cancels in alpha and only scales w, so the logit's own gradient is used.
import { tf } from '../../tf/tfjs.ts';
import { summed } from '../rectified.ts';

/** Keeps a vanishing denominator from becoming a division by zero; the value that pytorch-grad-cam uses. */
const EPSILON = 1e-6;

export const gradcamPlusPlus = summed({
  id: 'gradcam++',
  title: 'Grad-CAM++',
  paper: 'Chattopadhay et al. 2018, arXiv 1710.11063',
  needs: 'gradients',
  terms(cam) {
    const g = cam.gradients();
    const g2 = tf.square(g);
    const sum = tf.sum(cam.activations, [1, 2], true); // [batch, 1, 1, channels]
    const denominator = tf.add(tf.add(tf.mul(g2, 2), tf.mul(sum, tf.mul(g2, g))), EPSILON);
    const weights = tf.sum(tf.mul(tf.relu(g), tf.div(g2, denominator)), [1, 2], true);
    return tf.mul<tf.Tensor4D>(weights, cam.activations);
  },
});
