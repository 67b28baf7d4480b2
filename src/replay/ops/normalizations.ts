// Normalisations: by known statistics (BatchNormalization at inference) or by those of the input itself.
import { floatOf, intOf, intsOf } from '../../graph/attributes.ts';
import { tf } from '../../tf/tfjs.ts';
import { axisOf, constantly, indices } from '../arrays.ts';
import type { Call, ReplayOp } from '../call.ts';
import { toNchw, toNhwc } from '../windows.ts';
import { absolute } from './elementary.ts';
import { euclideanNorm } from './reductions.ts';

/** scale * (x - mean) / sqrt(variance + epsilon) + offset, one of each per channel (axis 1). */
function batchNormalization(call: Call): tf.Tensor | tf.Tensor[] {
  const x = call.input(0);
  if (intOf(call.node, 'training_mode', 0) === 1) return byOwnStatistics(call, x);
  const [scale, offset, mean, variance] = indices(4).map((index) => call.input(index + 1)) as [T, T, T, T];
  const epsilon = floatOf(call.node, 'epsilon', 1e-5);
  const known = indices(4).every((index) => call.constant(index + 1) !== undefined);
  if (known && x.rank === 4) return applied(x as tf.Tensor4D, { scale, offset, mean, variance }, epsilon);
  const factor = tf.mul(scale, tf.rsqrt(tf.add(variance, epsilon)));
  const shift = tf.sub(offset, tf.mul(mean, factor));
  return scaledAndShifted(x, perChannel(factor, x.rank), perChannel(shift, x.rank));
}

/** Training mode: how exporters write weights that a network standardises (NFNet). Running statistics come second and third. */
function byOwnStatistics(call: Call, x: tf.Tensor): tf.Tensor[] {
  const axes = indices(x.rank).filter((axis) => axis !== 1);
  const { y, mean, variance } = standardized(x, axes, floatOf(call.node, 'epsilon', 1e-5));
  const momentum = floatOf(call.node, 'momentum', 0.9);
  const running = (before: tf.Tensor, now: tf.Tensor): tf.Tensor =>
    tf.add(tf.mul(before, momentum), tf.mul(tf.reshape(now, [-1]), 1 - momentum));
  return [
    scaledAndShifted(y, perChannel(call.input(1), x.rank), perChannel(call.input(2), x.rank)),
    running(call.input(3), mean),
    running(call.input(4), variance),
  ];
}

type T = tf.Tensor1D;
interface Statistics {
  readonly scale: T;
  readonly offset: T;
  readonly mean: T;
  readonly variance: T;
}

/**
 * One tf.batchNorm, with a gradient that is one product: TensorFlow.js's own repeats the factor over the whole map by
 * tf.tile. Only for constant statistics, into which no gradient flows.
 */
function applied(x: tf.Tensor4D, { scale, offset, mean, variance }: Statistics, epsilon: number): tf.Tensor {
  const compute = tf.customGrad((...args) => {
    const [map, save] = args as [tf.Tensor4D, tf.GradSaveFunc];
    save([tf.reshape(tf.mul(scale, tf.rsqrt(tf.add(variance, epsilon))), [-1, 1, 1])]);
    return {
      value: toNchw(tf.batchNorm(toNhwc(map), mean, variance, offset, scale, epsilon)),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, saved[0]!),
    };
  });
  return compute(x);
}

interface Standardized {
  readonly y: tf.Tensor;
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
  readonly inverseDeviation: tf.Tensor;
}

/** (x - mean) / sqrt(variance + epsilon) over `axes`, variance with the number of elements as divisor. */
export function standardized(x: tf.Tensor, axes: number[], epsilon: number): Standardized {
  const mean = tf.mean(x, axes, true);
  const centred = tf.sub(x, mean);
  const variance = tf.mean(tf.square(centred), axes, true);
  const inverseDeviation = tf.rsqrt(tf.add(variance, epsilon));
  return { y: tf.mul(centred, inverseDeviation), mean, variance, inverseDeviation };
}

/** Over the last axes from `axis` on; scale and bias have their shape. */
function layerNormalization(call: Call): tf.Tensor[] {
  const x = call.input(0);
  const axes = indices(x.rank).slice(axisOf(intOf(call.node, 'axis', -1), x.rank));
  const { y, mean, inverseDeviation } = standardized(x, axes, floatOf(call.node, 'epsilon', 1e-5));
  return [scaledAndShifted(y, call.input(1), call.optional(2)), mean, inverseDeviation];
}

export function scaledAndShifted(y: tf.Tensor, scale: tf.Tensor, bias: tf.Tensor | undefined): tf.Tensor {
  const scaled = tf.mul(y, scale);
  return bias === undefined ? scaled : tf.add(scaled, bias);
}

/** Like layer normalisation without taking the mean out. */
function rmsNormalization(call: Call): tf.Tensor {
  const x = call.input(0);
  const axes = indices(x.rank).slice(axisOf(intOf(call.node, 'axis', -1), x.rank));
  const meanSquare = tf.mean(tf.square(x), axes, true);
  return tf.mul(tf.mul(x, tf.rsqrt(tf.add(meanSquare, floatOf(call.node, 'epsilon', 1e-5)))), call.input(1));
}

/** Every channel of every sample by itself. */
function instanceNormalization(call: Call): tf.Tensor {
  const x = call.input(0);
  const { y } = standardized(x, indices(x.rank).slice(2), floatOf(call.node, 'epsilon', 1e-5));
  return scaledAndShifted(y, perChannel(call.input(1), x.rank), perChannel(call.input(2), x.rank));
}

/** [channels] -> [channels, 1, ...], so that it lines up with axis 1 of a tensor of `rank`. */
const perChannel = (values: tf.Tensor, rank: number): tf.Tensor =>
  tf.reshape(values, [-1, ...indices(Math.max(0, rank - 2)).map(() => 1)]);

/** Groups of channels; scale and bias have one element per channel, or before opset 21 one per group. */
function groupNormalization(call: Call): tf.Tensor {
  const x = call.input(0);
  const groups = intOf(call.node, 'num_groups', 1);
  const [batch = 1, channels = 1] = x.shape;
  const grouped = tf.reshape(x, [batch, groups, -1]);
  const { y } = standardized(grouped, [2], floatOf(call.node, 'epsilon', 1e-5));
  const [scale, bias] = [call.input(1), call.input(2)];
  if (scale.size === groups && groups !== channels) {
    return tf.reshape(scaledAndShifted(y, perChannel(scale, 3), perChannel(bias, 3)), x.shape);
  }
  return scaledAndShifted(tf.reshape(y, x.shape), perChannel(scale, x.rank), perChannel(bias, x.rank));
}

/** Over the axes given, by default all but the channels; the epsilon is the operator definition's. */
function meanVarianceNormalization(call: Call): tf.Tensor {
  const x = call.input(0);
  const over = (intsOf(call.node, 'axes') ?? [0, 2, 3]).map((axis) => axisOf(axis, x.rank));
  const centred = tf.sub(x, tf.mean(x, over, true));
  return tf.div(centred, tf.add(tf.sqrt(tf.mean(tf.square(centred), over, true)), 1e-9));
}

/** x / (bias + alpha / size * sum of squares over `size` neighbouring channels)^beta */
function localResponseNormalization(call: Call): tf.Tensor {
  const { node } = call;
  const x = call.input(0);
  const channels = x.shape[1] ?? 1;
  const size = intOf(node, 'size', 1);
  const before = Math.floor((size - 1) / 2);
  const paddings = x.shape.map((_, axis): [number, number] => (axis === 1 ? [before, size - 1 - before] : [0, 0]));
  const squares = tf.pad(tf.square(x), paddings);
  const begin = (offset: number): number[] => x.shape.map((_, axis) => (axis === 1 ? offset : 0));
  const extent = x.shape.map((dim, axis) => (axis === 1 ? channels : dim));
  const neighbours = indices(size).map((offset) => tf.slice(squares, begin(offset), extent));
  const sum = neighbours.reduce((total, part) => tf.add(total, part));
  const base = tf.add(tf.mul(sum, floatOf(node, 'alpha', 1e-4) / size), floatOf(node, 'bias', 1));
  return tf.div(x, tf.pow(base, tf.scalar(floatOf(node, 'beta', 0.75))));
}

/** x / (norm of order p along an axis); 0 stays 0. */
function lpNormalization(call: Call): tf.Tensor {
  const x = call.input(0);
  const axis = [axisOf(intOf(call.node, 'axis', -1), x.rank)];
  const norm = intOf(call.node, 'p', 2) === 1 ? tf.sum(absolute(x), axis, true) : euclideanNorm(x, axis, true);
  return tf.div(
    x,
    tf.add(
      norm,
      constantly(() => tf.cast(tf.equal(norm, 0), 'float32')),
    ),
  );
}

export const normalizations: Record<string, ReplayOp> = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  RMSNormalization: rmsNormalization,
  InstanceNormalization: instanceNormalization,
  GroupNormalization: groupNormalization,
  MeanVarianceNormalization: meanVarianceNormalization,
  LRN: localResponseNormalization,
  LpNormalization: lpNormalization,
};
