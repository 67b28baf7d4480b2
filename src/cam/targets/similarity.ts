// How like a reference picture the model finds this one: cosine of its output to the reference's. The output is taken for an
// embedding; which output that is, --output tells.
import { tf } from '../../tf/tfjs.ts';
import type { Target } from '../target.ts';

/** Keeps an output of zeros from becoming a division by zero; the value of PyTorch's cosine_similarity. */
const EPSILON = 1e-8;

/** z . r / (|z| |r|); `reference`: the output for the reference picture, both sides of a single logit. */
export function similarity(reference: ArrayLike<number>): Target {
  const values = Float32Array.from(reference);
  const length = Math.hypot(...values);
  return {
    id: 'similarity',
    title: 'Similarity to a reference picture',
    linear: false,
    score(logits) {
      const along = tf.sum(tf.mul(logits, tf.tensor2d(values, [1, values.length])), 1);
      const norm = tf.sqrt(tf.sum(tf.square(logits), 1));
      return tf.div(along, tf.maximum(tf.mul(norm, length), EPSILON));
    },
  };
}
