// Attention of all blocks of a transformer, multiplied through.
import { tf } from '../tf/tfjs.ts';
import type { TokenGrid } from './method.ts';

/** `[batch, heads, tokens, tokens]`, or batch and heads in one axis, as the former. */
export function byHeads(values: tf.Tensor, batch: number): tf.Tensor4D {
  const [tokens] = values.shape.slice(-1);
  return tf.reshape(values, [batch, -1, tokens!, tokens!]);
}

/**
 * What the class token (or, where the head takes a mean over the grid, every token of the grid alike) has of each cell:
 * `[batch, tokens, tokens]` -> `[batch, height, width]`.
 */
export function ofClassToken(rollout: tf.Tensor3D, tokens: TokenGrid): tf.Tensor3D {
  const { grid, prefix, pooled } = tokens;
  const cells = grid[0] * grid[1];
  const [batch, count] = rollout.shape;
  const rows: tf.Tensor3D = pooled
    ? tf.mean<tf.Tensor3D>(tf.slice(rollout, [0, prefix, 0], [batch, cells, count]), 1, true)
    : tf.slice(rollout, [0, 0, 0], [batch, 1, count]);
  return tf.reshape(tf.slice(rows, [0, 0, prefix], [batch, 1, cells]), [batch, ...grid]);
}
