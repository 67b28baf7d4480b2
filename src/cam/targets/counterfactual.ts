// What would lower the score: the target negated, and with it every gradient (Selvaraju et al. 2017, section 3.3).
import { tf } from '../../tf/tfjs.ts';
import type { Target } from '../target.ts';

export function counterfactual(target: Target): Target {
  return {
    id: `counterfactual-${target.id}`,
    title: `Against: ${target.title}`,
    linear: target.linear,
    score: (logits, classIndex) => tf.neg(target.score(logits, classIndex)),
  };
}
