// Seeded values for tests: the same at every run, on every machine.
import { tf } from '../../src/tf/tfjs.ts';

/** Values in (-1, 1), float32, from a linear congruential generator. */
export function seeded(shape: readonly number[], seed = 1): tf.Tensor {
  let state = seed * 2654435761;
  const values = Float32Array.from({ length: shape.reduce((size, dim) => size * dim, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  return tf.tensor(values, [...shape]);
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
