// Attention rollout. Abnar & Zuidema 2020, "Quantifying Attention Flow in Transformers", arXiv 2005.00928.
//   A_l' = (mean over heads of A_l + I) / 2          (eq. 1: I stands for the residual connection; rows add up to 1)
//   R = A_L' ... A_1'                                 (eq. 2)
// A_l: softmax of block l. The map is the class token's row of R without the tokens before the grid; where the head takes the
// mean over the grid, the mean of the grid's rows. It does not look at the class that is explained.
import { tf } from '../../tf/tfjs.ts';
import { byHeads, ofClassToken } from '../attention.ts';
import type { CamMethod } from '../method.ts';

export const attentionRollout: CamMethod = {
  id: 'attention-rollout',
  title: 'Attention rollout',
  paper: 'Abnar & Zuidema 2020, arXiv 2005.00928',
  at: 'tokens',
  needs: 'activations',
  taps: 'attention',
  caveat: 'Attention rollout does not look at the class: it is the same map for every target.',
  map({ tapped, tokens, logits }) {
    const layers = tapped.map(({ value }) => {
      const mean = tf.mean<tf.Tensor3D>(byHeads(value, logits.shape[0]), 1);
      return tf.mul(tf.add(mean, tf.eye(mean.shape[1])), 0.5);
    });
    const rollout = layers.reduce((below, layer) => tf.matMul(layer, below)) as tf.Tensor3D;
    return ofClassToken(rollout, tokens!);
  },
};
