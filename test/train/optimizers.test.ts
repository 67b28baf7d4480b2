import { describe, expect, it } from 'vitest';
import { tf } from '../../src/tf/tfjs.ts';
import type { Optimizer } from '../../src/train/optimizer.ts';
import { optimizers } from '../../src/train/optimizers.ts';

/** Parameters after each step, from p with these gradients. */
function path(
  optimizer: Optimizer,
  p: number,
  gradients: readonly number[],
  learningRate = 0.1,
  decays = true,
): number[] {
  let slots = Object.fromEntries(optimizer.slots.map((slot) => [slot, tf.scalar(0) as tf.Tensor]));
  let parameter: tf.Tensor = tf.scalar(p);
  return gradients.map((gradient, index) => {
    const numbers = optimizer.coefficients({ learningRate, step: index + 1 });
    const coefficients = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, tf.scalar(value)]));
    const updated = optimizer.update({ parameter, gradient: tf.scalar(gradient), slots, coefficients, decays });
    ({ parameter, slots } = { parameter: updated.parameter, slots: { ...updated.slots } });
    return parameter.dataSync()[0]!;
  });
}

const expectNumbers = (found: readonly number[], wanted: readonly number[]): void =>
  wanted.forEach((value, index) => expect(found[index]).toBeCloseTo(value, 6));

describe('optimisers by hand', () => {
  it('SGD: momentum 0.9 of gradients 1, 2', () => {
    // m = 1, then 0.9 + 2 = 2.9; p = 1 - 0.1, then 0.9 - 0.29.
    expectNumbers(path(optimizers.sgd.build(), 1, [1, 2]), [0.9, 0.61]);
  });

  it('SGD with Nesterov momentum looks ahead', () => {
    // g + 0.9 m: 1.9, then 2 + 0.9 * 2.9 = 4.61.
    expectNumbers(path(optimizers.sgd.build({ nesterov: true }), 1, [1, 2]), [0.81, 0.349]);
  });

  it('SGD with decay adds it to the gradient', () => {
    // g = 1 + 0.5 * 1 = 1.5.
    expectNumbers(path(optimizers.sgd.build({ momentum: 0, weightDecay: 0.5 }), 1, [1]), [0.85]);
    expectNumbers(path(optimizers.sgd.build({ momentum: 0, weightDecay: 0.5 }), 1, [1], 0.1, false), [0.9]);
  });

  it("Adam's first step is the rate, whatever the gradient", () => {
    // m / (1 - b1) = g, sqrt(v / (1 - b2)) = |g|.
    expectNumbers(path(optimizers.adam.build(), 1, [1e-3]), [1 - 0.1 / (1 + 1e-5)]);
    expectNumbers(path(optimizers.adam.build(), 1, [5]), [0.9]);
  });

  it('Adam: gradients 1, -1', () => {
    // m = 0.1, -0.01, over 0.19; v over 1 - b2^t stays 1: the second step is 0.1 * 0.01 / 0.19 up.
    expectNumbers(path(optimizers.adam.build(), 1, [1, -1]), [0.9, 0.9 + 0.001 / 0.19]);
  });

  it('AdamW takes decay off the parameter by itself', () => {
    // 1 * (1 - 0.1 * 0.2) - 0.1.
    expectNumbers(path(optimizers.adamw.build({ weightDecay: 0.2 }), 1, [3]), [0.88]);
    expectNumbers(path(optimizers.adamw.build({ weightDecay: 0.2 }), 1, [3], 0.1, false), [0.9]);
  });

  it('Adam puts decay into the gradient, where the normalisation swallows it', () => {
    expectNumbers(path(optimizers.adam.build({ weightDecay: 0.2 }), 1, [3]), [0.9]);
  });
});
