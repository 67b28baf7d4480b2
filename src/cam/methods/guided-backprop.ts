// Guided backpropagation. Springenberg et al. 2014, "Striving for Simplicity: The All Convolutional Net", arXiv 1412.6806.
//   R_l = [x_l > 0] [R_{l+1} > 0] R_{l+1}           (section 3.4: at every ReLU, x_l what goes into it, R the gradient)
//   M_ij = max_channels |R_0_ij|
// The paper shows R_0 itself as a picture; here it becomes a map as the gradient does (Simonyan et al. 2013). ReLU6 is guided as
// ReLU is; other activations keep their own gradient, and a network without any ReLU is refused. It fails the sanity checks of
// Adebayo et al. 2018, arXiv 1810.03292: with random weights the map hardly changes.
import { tf } from '../../tf/tfjs.ts';
import type { CamMethod } from '../method.ts';

export const guidedBackprop: CamMethod = {
  id: 'guided-backprop',
  title: 'Guided backpropagation',
  paper: 'Springenberg et al. 2014, arXiv 1412.6806',
  at: 'input',
  needs: 'gradients',
  guided: true,
  caveat:
    'Guided backpropagation fails sanity checks (Adebayo et al. 2018, arXiv 1810.03292): it partly redraws the picture, much ' +
    'the same for every class and even for random weights. It does not show what the network bases its decision on.',
  map: (cam) => tf.max<tf.Tensor3D>(tf.abs(cam.gradients()), 3),
};
