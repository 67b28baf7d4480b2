// The logit of one class.
import { tf } from '../../tf/tfjs.ts';
import type { Target } from '../target.ts';

export const classLogit: Target = {
  id: 'class-logit',
  title: 'Class logit',
  linear: true,
  score(logits, classIndex) {
    const classes = logits.shape[1];
    return tf.sum(tf.mul(logits, tf.oneHot(classIndex, classes)), 1);
  },
};
