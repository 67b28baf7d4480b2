// Eigen-Grad-CAM, as pytorch-grad-cam has it: Eigen-CAM (Muhammad & Yeasin 2020, arXiv 2008.00299) of the feature maps
// times their gradient, which makes it depend on the class.
//   L = ReLU( (dy_c / dA o A) v_1 ), v_1 its first right singular vector
import { tf } from '../../tf/tfjs.ts';
import { principalMap } from '../principal.ts';
import { rectified } from '../rectified.ts';

export const eigengradcam = rectified({
  id: 'eigengradcam',
  title: 'Eigen-Grad-CAM',
  paper: 'Muhammad & Yeasin 2020, arXiv 2008.00299; pytorch-grad-cam',
  needs: 'gradients',
  signed: (cam) => principalMap(tf.mul(cam.gradients(), cam.activations)),
});
