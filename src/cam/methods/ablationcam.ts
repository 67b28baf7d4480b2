// Ablation-CAM. Desai & Ramaswamy 2020, "Ablation-CAM: Visual Explanations for Deep Convolutional Network via Gradient-free
// Localization", WACV 2020.
//   w_k = (y_c - y_c^k) / y_c                       (eq. 2)
//   L = ReLU( sum_k w_k A_k )                       (eq. 4)
// y_c^k: the score with feature map k set to zero. Every channel is ablated, in passes through the tail alone. Where the tail
// is affine in A (global average pooling and a linear layer) y_c - y_c^k = sum_ij dy_c / dA_k_ij A_k_ij exactly, and no
// further pass is needed. pytorch-grad-cam ablates with min A - 1e7 instead of zero where A has negative values; we keep to
// the paper. As there, a negative y_c turns the sign of every weight: the paper divides by the score as it is.
import { tf } from '../../tf/tfjs.ts';
import { weightedSum } from '../arrays.ts';
import type { PassMethod } from '../method.ts';

export const ablationcam: PassMethod = {
  id: 'ablationcam',
  title: 'Ablation-CAM',
  paper: 'Desai & Ramaswamy 2020, WACV',
  needs: 'passes',
  tail: true,
  relu: true,
  caveat:
    'Ablation-CAM divides by the score: where the explained logit is negative, its map shows what speaks against the class.',
  async explain(passes) {
    const channels = passes.layerShape[2];
    const scales = function* (): Generator<Float32Array> {
      for (let k = 0; k < channels; k++) {
        const scale = new Float32Array(channels).fill(1);
        scale[k] = 0;
        yield scale;
      }
      yield new Float32Array(channels).fill(1);
    };
    const scores = await passes.scaledScores(scales(), channels + 1);
    const score = scores[channels]!;
    const weights = Float64Array.from({ length: channels }, (_, k) => (score - scores[k]!) / score);
    return { map: weightedSum(passes.features(), weights) };
  },
  closedForm(cam) {
    const drops = tf.sum(tf.mul(cam.gradients(), cam.activations), [1, 2], true); // [batch, 1, 1, channels]
    const weights = tf.div(drops, tf.reshape(cam.scores(), [-1, 1, 1, 1]));
    return tf.sum<tf.Tensor3D>(tf.mul(weights, cam.activations), 3);
  },
};
