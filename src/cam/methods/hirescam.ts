// HiResCAM. Draelos & Carin 2020, "Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural
// networks", arXiv 2011.08891.
//   L = sum_k (dy_c / dA_k) o A_k                  (eq. 4)
// o: product cell by cell. The paper's map is signed; the ReLU keeps the evidence for the class, as for the other methods.
import { tf } from '../../tf/tfjs.ts';
import { summed } from '../rectified.ts';

export const hirescam = summed({
  id: 'hirescam',
  title: 'HiResCAM',
  paper: 'Draelos & Carin 2020, arXiv 2011.08891',
  needs: 'gradients',
  terms: (cam) => tf.mul(cam.gradients(), cam.activations),
});
