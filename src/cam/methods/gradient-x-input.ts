// Gradient x input. Shrikumar et al. 2016, "Not Just a Black Box: Learning Important Features Through Propagating Activation
// Differences", arXiv 1605.01713.
//   M_ij = sum_channels x_ij dS_c / dx_ij
// x: the picture as the model takes it, so a value of 0 is the mean of the training data where the input is standardised. Signed:
// the method has no ReLU.
import { tf } from '../../tf/tfjs.ts';
import type { CamMethod } from '../method.ts';

export const gradientXInput: CamMethod = {
  id: 'gradient-x-input',
  title: 'Gradient x input',
  paper: 'Shrikumar et al. 2016, arXiv 1605.01713',
  at: 'input',
  needs: 'gradients',
  map: (cam) => tf.sum<tf.Tensor3D>(tf.mul(cam.gradients(), cam.activations), 3),
};
