// Element-wise Grad-CAM, as pytorch-grad-cam has it ("GradCAMElementWise"): the evidence of each cell and channel before it
// is summed, so that negative channels cannot cancel positive ones.
//   L = sum_k ReLU( dy_c / dA_k o A_k )
import { tf } from '../../tf/tfjs.ts';
import type { CamMethod } from '../method.ts';

export const gradcamElementwise: CamMethod = {
  id: 'gradcam-elementwise',
  title: 'Element-wise Grad-CAM',
  paper: 'pytorch-grad-cam, github.com/jacobgil/pytorch-grad-cam',
  needs: 'gradients',
  map: (cam) => tf.sum<tf.Tensor3D>(tf.relu(tf.mul(cam.gradients(), cam.activations)), 3),
};
