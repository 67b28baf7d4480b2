// Saliency. Simonyan et al. 2013, "Deep Inside Convolutional Networks: Visualising Image Classification Models and Saliency
// Maps", arXiv 1312.6034.
//   w = dS_c / dI                                  (eq. 4)
//   M_ij = max_channels |w_ij|                     (section 3.1)
import { tf } from '../../tf/tfjs.ts';
import type { CamMethod } from '../method.ts';

export const gradient: CamMethod = {
  id: 'gradient',
  title: 'Gradient',
  paper: 'Simonyan et al. 2013, arXiv 1312.6034',
  at: 'input',
  needs: 'gradients',
  map: (cam) => tf.max<tf.Tensor3D>(tf.abs(cam.gradients()), 3),
};
