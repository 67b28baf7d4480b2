// FEM. Fuad et al. 2020, "Features Understanding in 3D CNNs for Actions Recognition in Video", IPTA 2020, hal-02963298.
//   B_k_ij = 1 where A_k_ij > mu_k + K sigma_k, else 0      (the K-sigma rule, K = 2)
//   w_k = 1/Z sum_ij B_k_ij
//   L = ReLU( sum_k w_k A_k )
// mu_k, sigma_k: mean and standard deviation (divided by Z) of feature map k over its Z cells. No class and no gradient: it
// shows where features are rare and strong. As in pytorch-grad-cam the sum is over the feature maps, not the masks.
import { tf } from '../../tf/tfjs.ts';
import { summed } from '../rectified.ts';

const SIGMAS = 2;

export const fem = summed({
  id: 'fem',
  title: 'FEM',
  paper: 'Fuad et al. 2020, hal-02963298',
  needs: 'activations',
  caveat: 'FEM does not look at the class: it shows where features are strong.',
  terms({ activations }) {
    const mean = tf.mean(activations, [1, 2], true);
    const deviation = tf.sqrt(tf.mean(tf.square(tf.sub(activations, mean)), [1, 2], true));
    const rare = tf.greater(activations, tf.add(mean, tf.mul(deviation, SIGMAS)));
    const weights = tf.mean(tf.cast(rare, 'float32'), [1, 2], true);
    return tf.mul<tf.Tensor4D>(weights, activations);
  },
});
