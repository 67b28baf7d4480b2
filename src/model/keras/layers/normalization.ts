// Normalisation layers, with the statistics of training.
import { floatsOf, sizeOf } from '../../../graph/tensor.ts';
import * as ops from '../../../trace/forward.ts';
import type { Value } from '../../../trace/forward.ts';
import { fromZero } from '../axes.ts';
import { flagOf, isList, numberOf, wholeOf, wholesOf, badField, type Configured } from '../config.ts';
import { inputOf, maybeWeightOf, unsupported, variables, weightOf, type LayerCall, type LayerClass } from '../layer.ts';

const scaleAndCenter = (layer: Configured) =>
  [flagOf(layer, 'scale', true) && 'gamma', flagOf(layer, 'center', true) && 'beta'] as const;

const batchNormalization: LayerClass = {
  variables: (layer) => variables(...scaleAndCenter(layer), 'moving_mean', 'moving_variance'),
  apply: batchNorm,
};

export const normalizationLayers: Readonly<Record<string, LayerClass>> = {
  BatchNormalization: batchNormalization,
  BatchNormalizationV1: batchNormalization,
  BatchNormalizationV2: batchNormalization,
  SyncBatchNormalization: batchNormalization,
  LayerNormalization: {
    variables: (layer) => (isRootMeanSquare(layer) ? variables('gamma') : variables(...scaleAndCenter(layer))),
    apply: layerNorm,
  },
  GroupNormalization: { variables: (layer) => variables(...scaleAndCenter(layer)), apply: groupNorm },
  RMSNormalization: { variables: () => variables('scale'), apply: rmsNorm },
  UnitNormalization: { apply: unitNorm },
  Normalization: {
    variables: (layer) =>
      isList(layer.config.mean) || typeof layer.config.mean === 'number' ? [] : variables('mean', 'variance'),
    apply: normalize,
  },
};

/** (x - mean) / sqrt(variance + epsilon) * gamma + beta, per channel. */
function batchNorm(call: LayerCall): Value {
  const x = inputOf(call);
  const axis = fromZero(wholesOf(call, 'axis', [-1])[0]!, x.shape.length);
  const last = x.shape.length - 1;
  const swap = x.shape.map((_, index) => index).filter((index) => index !== axis);
  const normal = axis === last ? x : ops.transpose(x, [...swap, axis]);
  const statistics = {
    mean: weightOf(call, 'moving_mean'),
    variance: weightOf(call, 'moving_variance'),
    offset: maybeWeightOf(call, 'beta') ?? undefined,
    scale: maybeWeightOf(call, 'gamma') ?? undefined,
  };
  const y = ops.batchNorm(normal, statistics, numberOf(call, 'epsilon', 1e-3));
  if (axis === last) return y;
  // The transpose that puts the last axis back at `axis`.
  return ops.transpose(
    y,
    x.shape.map((_, index) => (index === axis ? last : index < axis ? index : index - 1)),
  );
}

function isRootMeanSquare(layer: Configured): boolean {
  return flagOf(layer, 'rms_scaling', false);
}

function layerNorm(call: LayerCall): Value {
  const x = inputOf(call);
  const axes = wholesOf(call, 'axis', [-1]).map((axis) => fromZero(axis, x.shape.length));
  const epsilon = numberOf(call, 'epsilon', 1e-3);
  if (isRootMeanSquare(call)) {
    // Keras takes the variance about the mean here, without subtracting the mean from the input.
    const { variance } = ops.moments(x, axes, true);
    return scaled(call, ops.mul(x, ops.rsqrt(ops.add(variance, epsilon))), axes);
  }
  return scaled(call, standardized(x, axes, epsilon), axes);
}

function standardized(x: Value, axes: number[], epsilon: number): Value {
  const centred = ops.sub(x, ops.mean(x, axes, true));
  const variance = ops.mean(ops.square(centred), axes, true);
  return ops.div(centred, ops.sqrt(ops.add(variance, epsilon)));
}

/** x * gamma + beta, both of the shape of `axes`. */
function scaled(call: LayerCall, x: Value, axes: readonly number[]): Value {
  const shape = x.shape.map((size, index) => (axes.includes(index) ? size : 1));
  const gamma = maybeWeightOf(call, 'gamma');
  const beta = maybeWeightOf(call, 'beta');
  const product = gamma === null ? x : ops.mul(x, ops.reshape(gamma, shape));
  return beta === null ? product : ops.add(product, ops.reshape(beta, shape));
}

function groupNorm(call: LayerCall): Value {
  const x = inputOf(call);
  const axis = fromZero(wholeOf(call, 'axis', -1), x.shape.length);
  const channels = x.shape[axis]!;
  const wanted = wholeOf(call, 'groups', 32);
  const groups = wanted === -1 ? channels : wanted;
  if (channels % groups !== 0)
    throw unsupported(call, 'groups that divide the channels', `${groups} groups, ${channels} channels`);
  const grouped = ops.reshape(x, [...x.shape.slice(0, axis), groups, channels / groups, ...x.shape.slice(axis + 1)]);
  const axes = grouped.shape.map((_, index) => index).filter((index) => index !== 0 && index !== axis);
  const y = standardized(grouped, axes, numberOf(call, 'epsilon', 1e-3));
  return scaled(call, ops.reshape(y, x.shape), [axis]);
}

function rmsNorm(call: LayerCall): Value {
  const x = inputOf(call);
  const axis = fromZero(wholesOf(call, 'axis', [-1])[0]!, x.shape.length);
  const mean = ops.mean(ops.square(x), [axis], true);
  const shape = x.shape.map((size, index) => (index === axis ? size : 1));
  return ops.mul(
    ops.mul(x, ops.rsqrt(ops.add(mean, numberOf(call, 'epsilon', 1e-6)))),
    ops.reshape(weightOf(call, 'scale'), shape),
  );
}

/** x / |x|, the length bounded below as TensorFlow does it. */
function unitNorm(call: LayerCall): Value {
  const x = inputOf(call);
  const axes = wholesOf(call, 'axis', [-1]).map((axis) => fromZero(axis, x.shape.length));
  const length = ops.sum(ops.square(x), axes, true);
  return ops.mul(x, ops.rsqrt(ops.maximum(length, 1e-12)));
}

/** (x - mean) / max(sqrt(variance), 1e-7), statistics of the training data. */
function normalize(call: LayerCall): Value {
  const x = inputOf(call);
  const axes =
    call.config.axis === null ? [] : wholesOf(call, 'axis', [-1]).map((axis) => fromZero(axis, x.shape.length));
  const shape = x.shape.map((size, index) => (axes.includes(index) ? size : 1));
  const mean = statisticOf(call, 'mean', shape);
  const deviation = ops.maximum(ops.sqrt(statisticOf(call, 'variance', shape)), 1e-7);
  return flagOf(call, 'invert', false) ? ops.add(mean, ops.mul(x, deviation)) : ops.div(ops.sub(x, mean), deviation);
}

/** From the layer's variables or, where it was made with fixed numbers, from its configuration; one number stands for all. */
function statisticOf(call: LayerCall, field: 'mean' | 'variance', shape: number[]): Value {
  const array = call.weights.get(field);
  const values = array === undefined ? Float32Array.from(flatNumbers(call, field)) : floatsOf(array);
  if (values.length === 1) return ops.valueOf(values[0]!);
  const size = sizeOf(shape);
  if (values.length !== size) throw badField(call, field, `${size} numbers`);
  return ops.constant(values, shape);
}

function flatNumbers(call: LayerCall, field: string): number[] {
  const value = call.config[field];
  const flat = isList(value) ? value.flat(8) : [value];
  if (!flat.every((item) => typeof item === 'number')) throw badField(call, field, 'numbers');
  return flat;
}
