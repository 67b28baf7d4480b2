// Seeded values for tests: the same at every run, on every machine.
import { tf } from '../../src/tf/tfjs.ts';

/** Numbers in (-1, 1) from a linear congruential generator. */
export function seededNumbers(length: number, seed = 1): number[] {
  let state = seed * 2654435761;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

export function seeded(shape: readonly number[], seed = 1): tf.Tensor {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return tf.tensor(Float32Array.from(seededNumbers(size, seed)), [...shape]);
}

export function seeded4d(shape: readonly [number, number, number, number], seed = 1): tf.Tensor4D {
  return seeded(shape, seed) as tf.Tensor4D;
}

/** Greatest absolute difference; NaN where either has one, infinity where shapes differ. */
export function difference(a: tf.Tensor, b: tf.Tensor): number {
  if (a.shape.join() !== b.shape.join()) return Infinity;
  return tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).arraySync() as number);
}

/** Directional derivative of the scalar f along a seeded direction by central differences. */
export function centralDifference(
  f: (x: tf.Tensor) => tf.Tensor,
  x: tf.Tensor,
  direction: tf.Tensor,
  step: number,
): number {
  const [forward, backward] = [1, -1].map((sign) => f(tf.add(x, tf.mul(direction, sign * step))).arraySync() as number);
  return (forward! - backward!) / (2 * step);
}
