// Types of operators that reduce axes, and of normalisations along them.
import { intOf, intsOf } from '../attributes.ts';
import type { Dim } from '../graph.ts';
import {
  axesOf,
  axisOf,
  hasInput,
  likeFirst,
  numbersAt,
  type Rule,
  type RuleContext,
  sameAsFirst,
  sameDim,
  shapeAt,
  withDim,
} from './rule.ts';

/** Axes as the second input, or as an attribute in operators that never changed. */
const reduce: Rule = (context) => {
  const shape = shapeAt(context, 0);
  if (shape === null) return [likeFirst(context, null)];
  const keep = intOf(context.node, 'keepdims', 1) !== 0;
  const given = hasInput(context, 1) ? numbersAt(context, 1) : (intsOf(context.node, 'axes') ?? []);
  if (given === null) return [likeFirst(context, keep ? shape.map(() => null) : null)];
  if (given.length === 0 && intOf(context.node, 'noop_with_empty_axes', 0) !== 0) return [likeFirst(context, shape)];
  const axes = given.length === 0 ? shape.map((_, axis) => axis) : axesOf(context, given, shape.length);
  if (axes === null) return [likeFirst(context, null)];
  const reduced = shape.flatMap((dim, axis): Dim[] => (axes.includes(axis) ? (keep ? [1] : []) : [dim]));
  return [likeFirst(context, reduced)];
};

/** Place of the largest or smallest element along one axis. */
const arg: Rule = (context) => {
  const shape = shapeAt(context, 0);
  if (shape === null) return [{ dtype: 'int64', shape: null }];
  const axis = axisOf(context, intOf(context.node, 'axis', 0), shape.length);
  if (axis === null) return [{ dtype: 'int64', shape: null }];
  const keep = intOf(context.node, 'keepdims', 1) !== 0;
  return [{ dtype: 'int64', shape: keep ? withDim(shape, axis, 1) : shape.filter((_, index) => index !== axis) }];
};

const topK: Rule = (context) => {
  const shape = shapeAt(context, 0);
  const axis = shape === null ? null : axisOf(context, intOf(context.node, 'axis', -1), shape.length);
  if (shape === null || axis === null) return [likeFirst(context, null), { dtype: 'int64', shape: null }];
  const kept = withDim(shape, axis, numbersAt(context, 1)?.[0] ?? null);
  return [likeFirst(context, kept), { dtype: 'int64', shape: kept }];
};

/** Scale, shift, mean, variance: one per channel. */
const batchNormalization: Rule = (context) => {
  perChannel(context, [1, 2, 3, 4]);
  return [context.inputs[0]];
};

/** Fails where a vector of one value per channel does not fit the channels. */
function perChannel(context: RuleContext, vectors: readonly number[]): void {
  const channels = shapeAt(context, 0)?.[1] ?? null;
  for (const index of vectors)
    sameDim(context, channels, shapeAt(context, index)?.[0] ?? null, 'channels and their statistics');
}

const instanceNormalization: Rule = (context) => {
  perChannel(context, [1, 2]);
  return [context.inputs[0]];
};

/** The normalised tensor, then mean and inverse deviation, of length 1 along the axes that they are over. */
const layerNormalization: Rule = (context) => {
  const shape = shapeAt(context, 0);
  const axis = shape === null ? null : axisOf(context, intOf(context.node, 'axis', -1), shape.length);
  const statistics = shape === null || axis === null ? null : shape.map((dim, index) => (index < axis ? dim : 1));
  return [context.inputs[0], { dtype: 'float32', shape: statistics }, { dtype: 'float32', shape: statistics }];
};

const REDUCTIONS = ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'Sum', 'SumSquare'];

export const reductions: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(REDUCTIONS.map((kind) => [`Reduce${kind}`, reduce])),
  ArgMax: arg,
  ArgMin: arg,
  TopK: topK,
  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
  LayerNormalization: layerNormalization,
  GroupNormalization: sameAsFirst,
  RMSNormalization: sameAsFirst,
  // ONNX Runtime's own, but in ONNX's set.
  SimplifiedLayerNormalization: layerNormalization,
  LpNormalization: sameAsFirst,
  LRN: sameAsFirst,
  MeanVarianceNormalization: sameAsFirst,
};
