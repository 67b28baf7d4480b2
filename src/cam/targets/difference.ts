// Why this class and not that one: the difference of what a target says of both.
import { tf } from '../../tf/tfjs.ts';
import type { Target } from '../target.ts';

/** The class with the greatest logit among all others than the one that is explained. */
export const NEXT = 'next';

/** y_c - y_d of `target`; d: a class index, or `next`, the best of the others. Where d is c itself, the score is 0. */
export function difference(target: Target, against: number | typeof NEXT): Target {
  return {
    id: 'difference',
    title: `${target.title}, less that of ${against === NEXT ? 'the next class' : 'another class'}`,
    linear: target.linear && against !== NEXT,
    score(logits, classIndex) {
      const other =
        against === NEXT
          ? nextBest(logits, classIndex)
          : tf.add<tf.Tensor1D>(tf.zerosLike(classIndex), tf.scalar(against, 'int32'));
      return tf.sub(target.score(logits, classIndex), target.score(logits, other));
    },
  };
}

/** Index of the greatest logit but that of `classIndex`. No gradient flows through the choice. */
function nextBest(logits: tf.Tensor2D, classIndex: tf.Tensor1D): tf.Tensor1D {
  const { shape } = logits;
  const far = 1e30;
  return tf.customGrad((z) => {
    const own = tf.cast(tf.oneHot(classIndex, shape[1]), 'float32');
    return { value: tf.argMax(tf.sub(z as tf.Tensor2D, tf.mul(own, far)), 1), gradFunc: () => tf.zeros(shape) };
  })(logits) as tf.Tensor1D;
}
