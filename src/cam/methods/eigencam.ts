// Eigen-CAM. Muhammad & Yeasin 2020, "Eigen-CAM: Class Activation Map using Principal Components", arXiv 2008.00299.
//   L = ReLU( A v_1 ), v_1 the first right singular vector of the feature maps  (eq. 3, 4)
// No class and no gradient: it shows what the features vary in. As pytorch-grad-cam does, the features are centred over the
// cells first; the sign, which the decomposition leaves open, is the one whose extreme value is positive.
import { principalMap } from '../principal.ts';
import { rectified } from '../rectified.ts';

export const eigencam = rectified({
  id: 'eigencam',
  title: 'Eigen-CAM',
  paper: 'Muhammad & Yeasin 2020, arXiv 2008.00299',
  needs: 'activations',
  signed: (cam) => principalMap(cam.activations),
});
