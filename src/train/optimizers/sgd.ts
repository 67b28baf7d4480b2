// Stochastic gradient descent with momentum, as torch.optim.SGD computes it.
import { tf } from '../../tf/tfjs.ts';
import type { DecayOptions, OptimizerKind } from '../optimizer.ts';

export interface SgdOptions extends DecayOptions {
  readonly momentum: number;
  /** Nesterov's: the step looks ahead along the momentum. */
  readonly nesterov: boolean;
}

/**
 * g = gradient + decay * p; m = momentum * m + g; p = p - rate * m, with Nesterov's momentum p - rate * (g + momentum * m).
 * The rate stands outside the momentum, as in PyTorch and unlike Sutskever et al. 2013.
 */
export const sgd: OptimizerKind<SgdOptions> = {
  id: 'sgd',
  title: 'SGD with momentum',
  paper: 'Sutskever et al. 2013, http://proceedings.mlr.press/v28/sutskever13.html',
  defaults: { momentum: 0.9, nesterov: false, weightDecay: 0, decayVectors: true },
  build(options = {}) {
    const { momentum, nesterov, weightDecay, decayVectors } = { ...sgd.defaults, ...options };
    return {
      id: 'sgd',
      slots: momentum === 0 ? [] : ['momentum'],
      decaysVectors: decayVectors,
      coefficients: ({ learningRate }) => ({ rate: learningRate }),
      update({ parameter, gradient, slots, coefficients, decays }) {
        const g = decays && weightDecay > 0 ? tf.add(tf.mul(parameter, weightDecay), gradient) : gradient;
        const { rate } = coefficients;
        if (momentum === 0) return { parameter: tf.sub(parameter, tf.mul(g, rate!)), slots: {} };
        const m = tf.add(tf.mul(slots.momentum!, momentum), g);
        const direction = nesterov ? tf.add(g, tf.mul(m, momentum)) : m;
        return { parameter: tf.sub(parameter, tf.mul(direction, rate!)), slots: { momentum: m } };
      },
    };
  },
};
