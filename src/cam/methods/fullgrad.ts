// FullGrad. Srinivas & Fleuret 2019, "Full-Gradient Representation for Neural Network Visualization", arXiv 1905.00780.
//   f(x) = sum x o df/dx + sum_l sum b_l o df/dz_l                                     (eq. 3: complete for networks of ReLUs)
//   S(x) = sum_c psi(x o df/dx)_c + sum_l sum_c psi(b_l o df/dz_l)_c                   (eq. 7)
// b_l: every constant added to a feature map (bias of a convolution; of a normalisation shift - mean scale / deviation), z_l: what
// it is added to. psi: absolute value, brought to the picture's size by bilinear interpolation. The paper's psi also rescales
// every term to 0..1 before the sum, and pytorch-grad-cam does; that would throw away how large the terms are, so it is not done.
// Biases of fully connected layers have no place in the picture and are left out of the map, as in the authors' code.
import { tf } from '../../tf/tfjs.ts';
import type { CamMethod } from '../method.ts';

export const fullgrad: CamMethod = {
  id: 'fullgrad',
  title: 'FullGrad',
  paper: 'Srinivas & Fleuret 2019, arXiv 1905.00780',
  at: 'input',
  needs: 'gradients',
  taps: 'biases',
  map({ activations, gradients, tapped }) {
    const [, height, width] = activations.shape;
    let map: tf.Tensor = tf.sum(tf.abs(tf.mul(activations, gradients())), 3);
    for (const { value, gradient, bias } of tapped) {
      if (value.rank !== 4 || bias === null) continue;
      const terms = tf.sum(tf.abs(tf.mul(gradient(), bias)), 1); // [batch, height, width] of that feature map
      const image: tf.Tensor4D = tf.expandDims(terms, 3);
      map = tf.add(map, tf.squeeze(tf.image.resizeBilinear(image, [height, width], false, true), [3]));
    }
    return map as tf.Tensor3D;
  },
};
