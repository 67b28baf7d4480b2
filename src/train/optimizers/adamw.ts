// AdamW: Adam with weight decay by itself. Vectors (biases, normalisations) are not decayed unless asked for.
import type { OptimizerKind } from '../optimizer.ts';
import { adamLike, type AdamOptions } from './adam.ts';

export const adamw: OptimizerKind<AdamOptions> = {
  id: 'adamw',
  title: 'AdamW',
  paper: 'Loshchilov and Hutter 2017, https://arxiv.org/abs/1711.05101',
  defaults: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, decayVectors: false },
  build: (options = {}) => adamLike('adamw', true, { ...adamw.defaults, ...options }),
};
