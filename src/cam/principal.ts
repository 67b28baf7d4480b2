// First principal component of feature maps, in operations that can be recorded: no decomposition that reads values.
import { tf } from '../tf/tfjs.ts';

/** Matrix squarings: the share of the second component falls to (l2 / l1)^(2^SQUARINGS). */
const SQUARINGS = 12;
/** Largest side of the matrix that is squared; above it single vectors are multiplied instead. */
const LARGEST = 512;
const STEPS = 96;
const EPSILON = 1e-12;

/**
 * Projection of each cell's features onto the first principal component of all cells: `[batch, h, w, c]` -> `[batch, h, w]`.
 * The features are centred over the cells. Of the two signs the one is taken whose extreme value is positive.
 */
export function principalMap(features: tf.Tensor4D): tf.Tensor3D {
  const [batch, height, width, channels] = features.shape;
  const cells = height * width;
  const rows = tf.reshape(features, [batch, cells, channels]);
  const x = tf.sub<tf.Tensor3D>(rows, tf.mean(rows, 1, true));
  const projection =
    Math.min(cells, channels) > LARGEST ? byVectors(x) : cells <= channels ? byCells(x) : byChannels(x);
  const top = tf.max(projection, 1, true);
  const bottom = tf.min(projection, 1, true);
  const sign = tf.where(tf.greater(tf.neg(bottom), top), tf.scalar(-1), tf.scalar(1));
  return tf.reshape(tf.mul(projection, sign), [batch, height, width]);
}

/** X X^T u = l u, and X v = sqrt(l) u: `[batch, cells, channels]` -> `[batch, cells]`. */
function byCells(x: tf.Tensor3D): tf.Tensor2D {
  const gram = tf.matMul(x, x, false, true);
  const u = dominant(gram); // [batch, cells, 1]
  const length = tf.sqrt(tf.sum(tf.mul(tf.matMul(gram, u), u), [1, 2], true));
  return tf.squeeze<tf.Tensor2D>(tf.mul(u, length), [2]);
}

function byChannels(x: tf.Tensor3D): tf.Tensor2D {
  return tf.squeeze<tf.Tensor2D>(tf.matMul(x, dominant(tf.matMul(x, x, true, false))), [2]);
}

/** Power iteration without the matrix: v <- X^T (X v). */
function byVectors(x: tf.Tensor3D): tf.Tensor2D {
  let v: tf.Tensor = unit(tf.sum(tf.mul(x, tf.sum(x, 2, true)), 1, true)); // [batch, 1, channels]
  for (let step = 0; step < STEPS; step++) v = unit(tf.matMul(tf.matMul(v, x, false, true), x));
  return tf.squeeze<tf.Tensor2D>(tf.matMul(x, v, false, true), [2]);
}

/** Unit eigenvector of the greatest eigenvalue of symmetric matrices `[batch, n, n]`, as `[batch, n, 1]`. */
function dominant(matrix: tf.Tensor): tf.Tensor {
  let power = matrix;
  for (let step = 0; step < SQUARINGS; step++) {
    const scale = tf.add(tf.max(tf.abs(power), [1, 2], true), EPSILON);
    const scaled = tf.div(power, scale);
    power = tf.matMul(scaled, scaled);
  }
  // Every column is a multiple of the eigenvector; the diagonal tells which one is longest, a weighted sum of all avoids choosing.
  const weights = tf.sum(tf.abs(power), 1, true); // [batch, 1, n]
  const signs = tf.sign(columnAt(power));
  return unit(tf.sum(tf.mul(power, tf.mul(weights, signs)), 2, true), 1);
}

/** The row of the greatest diagonal element: its signs bring all columns to one side. `[batch, 1, n]`. */
function columnAt(power: tf.Tensor): tf.Tensor {
  const n = power.shape[1]!;
  const diagonal = tf.sum(tf.mul(power, tf.eye(n)), 2); // [batch, n]
  const pick = tf.oneHot(tf.argMax(diagonal, 1), n); // [batch, n]
  return tf.sum(tf.mul(power, tf.expandDims(tf.cast(pick, 'float32'), 2)), 1, true);
}

function unit(vector: tf.Tensor, axis = 2): tf.Tensor {
  return tf.div(vector, tf.add(tf.sqrt(tf.sum(tf.square(vector), axis, true)), EPSILON));
}
