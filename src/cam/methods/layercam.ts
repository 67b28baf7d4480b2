// LayerCAM. Jiang et al. 2021, "LayerCAM: Exploring Hierarchical Class Activation Maps for Localization",
// IEEE TIP 30, 5875-5888, doi 10.1109/TIP.2021.3089943.
//   w_k_ij = ReLU(dy_c / dA_k_ij)                  (eq. 5)
//   L = ReLU( sum_k w_k o A_k )                    (eq. 6, 7)
import { tf } from '../../tf/tfjs.ts';
import { summed } from '../rectified.ts';

export const layercam = summed({
  id: 'layercam',
  title: 'LayerCAM',
  paper: 'Jiang et al. 2021, doi 10.1109/TIP.2021.3089943',
  needs: 'gradients',
  terms: (cam) => tf.mul(tf.relu(cam.gradients()), cam.activations),
});
