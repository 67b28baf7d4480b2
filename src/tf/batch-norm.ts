// Batch normalisation in training: by the statistics of the batch, with the gradient that flows through them. Apart from
// the operators because it stands on two kernels of our own, so that a recorded step takes as few passes over the maps as
// the arithmetic needs.
import { runOwn, type Operand, type OwnKernel } from './kernels.ts';
import { tf } from './tfjs.ts';

export interface BatchNormalized {
  /** The shape of x. */
  readonly y: tf.Tensor;
  /** [channels], of the batch. Not differentiable; the caller's own. */
  readonly mean: tf.Tensor1D;
  /** [channels], with the number of elements as divisor. Not differentiable; the caller's own. */
  readonly variance: tf.Tensor1D;
}

/**
 * x [batch, channels, ...], scale and offset [channels] -> scale * (x - mean) / sqrt(variance + epsilon) + offset with mean
 * and variance over everything but the channels (Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167).
 */
export function batchNormalize(
  x: tf.Tensor,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  epsilon: number,
): BatchNormalized {
  let statistics: { mean: tf.Tensor1D; variance: tf.Tensor1D } | undefined;
  const compute = tf.customGrad((...args) => {
    const [map, factor, shift, save] = args as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    const mean: tf.Tensor1D = tf.mean(map, [0, 2, 3]);
    const meanSquare = tf.mul(channelDot(map, map), 1 / cellsOf(map));
    // Rounding may take the difference below zero where a channel is constant.
    const variance = tf.maximum<tf.Tensor1D>(tf.sub(meanSquare, tf.square(mean)), 0);
    statistics = { mean: tf.keep(mean), variance: tf.keep(variance) };
    const r = tf.rsqrt(tf.add(variance, epsilon));
    const a = tf.mul(factor, r);
    save([map, mean, r, a]);
    const b = tf.sub(shift, tf.mul(mean, a));
    return { value: runOwn(channelAffine, { x: map, a, b }, {}), gradFunc: gradients };
  });
  const y = compute(asMap(x), scale, offset);
  return { y: tf.reshape(y, x.shape), ...statistics! };
}

/**
 * With n cells a channel and r = 1 / sqrt(variance + epsilon): doffset = sum dy, dscale = r * (sum dy * x - mean * sum dy),
 * dx = scale * r * (dy - doffset / n - (x - mean) * r * dscale / n), collected as a * dy + b * x + c per channel.
 */
function gradients(dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] {
  const [x, mean, r, a] = saved as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
  const dOffset: tf.Tensor1D = tf.sum(dy, [0, 2, 3]);
  const dScale = tf.mul(r, tf.sub(channelDot(dy as tf.Tensor4D, x), tf.mul(mean, dOffset)));
  const b = tf.mul(tf.mul(tf.mul(a, r), dScale), -1 / cellsOf(x));
  const c = tf.sub(tf.mul(tf.mul(a, dOffset), -1 / cellsOf(x)), tf.mul(b, mean));
  return [runOwn(channelMix, { x: dy, y: x, a, b, c }, {}), dScale, dOffset];
}

const cellsOf = ({ shape: [batch, , height, width] }: tf.Tensor4D): number => batch * height * width;

/** [batch, channels, ...] as [batch, channels, height, width]. */
function asMap(x: tf.Tensor): tf.Tensor4D {
  const [batch = 1, channels = 1] = x.shape;
  return x.rank === 4 ? (x as tf.Tensor4D) : tf.reshape(x, [batch, channels, 1, -1]);
}

/** a and b [batch, channels, height, width] -> [channels], the sum of a * b over batch and places. */
export function channelDot(a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor1D {
  return runOwn(channelDotKernel, { a, b }, {}) as tf.Tensor1D;
}

const channelDotKernel: OwnKernel<'a' | 'b', object> = {
  name: 'ChannelDot',
  compute({ a, b }) {
    const sums = new Float64Array(a.shape[1]!);
    eachPlane(a, (channel, from, to) => {
      for (let i = from; i < to; i++) sums[channel]! += a.values[i]! * b.values[i]!;
    });
    return { shape: [a.shape[1]!], values: sums };
  },
  saved: [],
  gradient: () => ({}),
};

/** x [batch, channels, height, width], a and b [channels] -> a * x + b. */
export const channelAffine: OwnKernel<'x' | 'a' | 'b', object> = {
  name: 'ChannelAffine',
  compute({ x, a, b }) {
    const values = new Float32Array(x.values.length);
    eachPlane(x, (channel, from, to) => {
      const [s, t] = [a.values[channel]!, b.values[channel]!];
      for (let i = from; i < to; i++) values[i] = s * x.values[i]! + t;
    });
    return { shape: x.shape, values };
  },
  saved: [],
  gradient: () => ({}),
};

/** x and y [batch, channels, height, width], a, b, c [channels] -> a * x + b * y + c. */
const channelMix: OwnKernel<'x' | 'y' | 'a' | 'b' | 'c', object> = {
  name: 'ChannelMix',
  compute({ x, y, a, b, c }) {
    const values = new Float32Array(x.values.length);
    eachPlane(x, (channel, from, to) => {
      const [s, t, u] = [a.values[channel]!, b.values[channel]!, c.values[channel]!];
      for (let i = from; i < to; i++) values[i] = s * x.values[i]! + t * y.values[i]! + u;
    });
    return { shape: x.shape, values };
  },
  saved: [],
  gradient: () => ({}),
};

function eachPlane({ shape }: Operand, visit: (channel: number, from: number, to: number) => void): void {
  const [batch = 1, channels = 1, height = 1, width = 1] = shape;
  const size = height * width;
  for (let plane = 0; plane < batch * channels; plane++) visit(plane % channels, plane * size, (plane + 1) * size);
}
