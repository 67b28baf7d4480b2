// Adam and AdamW, as torch.optim computes them: they differ only in where weight decay acts.
import { tf } from '../../tf/tfjs.ts';
import type { DecayOptions, Optimizer, OptimizerKind } from '../optimizer.ts';

export interface AdamOptions extends DecayOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/**
 * m = b1 * m + (1 - b1) * g; v = b2 * v + (1 - b2) * g^2;
 * p = p - rate / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + epsilon).
 * Decay is added to g (`decoupled` false: an L2 penalty) or taken off p by itself, p - rate * decay * p (true).
 */
export function adamLike(id: string, decoupled: boolean, options: AdamOptions): Optimizer {
  const { beta1, beta2, epsilon, weightDecay, decayVectors } = options;
  return {
    id,
    slots: ['mean', 'square'],
    decaysVectors: decayVectors,
    coefficients: ({ learningRate, step }) => ({
      rate: learningRate / (1 - beta1 ** step),
      root: 1 / Math.sqrt(1 - beta2 ** step),
      ...(decoupled && weightDecay > 0 ? { keep: 1 - learningRate * weightDecay } : {}),
    }),
    update({ parameter, gradient, slots, coefficients, decays }) {
      const { rate, root, keep } = coefficients;
      const penalized = decays && weightDecay > 0 && !decoupled;
      const g = penalized ? tf.add(tf.mul(parameter, weightDecay), gradient) : gradient;
      const mean = tf.add(tf.mul(slots.mean!, beta1), tf.mul(g, 1 - beta1));
      const square = tf.add(tf.mul(slots.square!, beta2), tf.mul(tf.square(g), 1 - beta2));
      const p = decays && keep !== undefined ? tf.mul(parameter, keep) : parameter;
      const ratio = tf.div(mean, tf.add(tf.mul(tf.sqrt(square), root!), epsilon));
      return { parameter: tf.sub(p, tf.mul(ratio, rate!)), slots: { mean, square } };
    },
  };
}

export const adam: OptimizerKind<AdamOptions> = {
  id: 'adam',
  title: 'Adam',
  paper: 'Kingma and Ba 2014, https://arxiv.org/abs/1412.6980',
  defaults: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, decayVectors: true },
  build: (options = {}) => adamLike('adam', false, { ...adam.defaults, ...options }),
};
