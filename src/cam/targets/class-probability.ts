// The probability of one class, only where it is asked for: a softmax flattens the gradient of a confident prediction.
import { tf } from '../../tf/tfjs.ts';
import type { Target } from '../target.ts';

export interface ProbabilityOptions {
  /** `sigmoid` for labels that do not exclude each other, and for the two sides of a single logit. */
  readonly activation: 'softmax' | 'sigmoid';
  /** Probabilities are those of `logitScale` times the logits. */
  readonly logitScale: number;
}

/** softmax(s z)_c or sigmoid(s z_c). */
export function classProbability({ activation, logitScale }: ProbabilityOptions): Target {
  return {
    id: 'class-probability',
    title: 'Class probability',
    linear: false,
    score(logits, classIndex) {
      const scaled = tf.mul<tf.Tensor2D>(logits, logitScale);
      const probabilities = activation === 'softmax' ? tf.softmax(scaled) : tf.sigmoid(scaled);
      return tf.sum(tf.mul(probabilities, tf.oneHot(classIndex, logits.shape[1])), 1);
    },
  };
}
