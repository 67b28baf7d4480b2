// Gradient-weighted rollout. Chefer, Gur & Wolf 2021, "Generic Attention-model Explainability for Interpreting Bi-Modal and
// Encoder-Decoder Transformers", arXiv 2103.15679, for self-attention.
//   A_l' = mean over heads of ( dy_c / dA_l o A_l )^+        (eq. 5)
//   R <- R + A_l' R, from R = I on, block by block           (eq. 6)
// The map is the class token's row of R without the tokens before the grid; where the head takes the mean
// over the grid, the mean of the grid's rows.
import { tf } from '../../tf/tfjs.ts';
import { byHeads, ofClassToken } from '../attention.ts';
import type { CamMethod } from '../method.ts';

export const gradientRollout: CamMethod = {
  id: 'gradient-rollout',
  title: 'Gradient-weighted rollout',
  paper: 'Chefer et al. 2021, arXiv 2103.15679',
  at: 'tokens',
  needs: 'gradients',
  taps: 'attention',
  map({ tapped, tokens, logits }) {
    const batch = logits.shape[0];
    let rollout: tf.Tensor | undefined;
    for (const { value, gradient } of tapped) {
      const layer = tf.mean(tf.relu(tf.mul(byHeads(gradient(), batch), byHeads(value, batch))), 1);
      const before = rollout ?? tf.tile(tf.expandDims(tf.eye(layer.shape[1]!), 0), [batch, 1, 1]);
      rollout = tf.add(before, tf.matMul(layer, before));
    }
    return ofClassToken(rollout as tf.Tensor3D, tokens!);
  },
};
