// Types of quantised operators and of ONNX Runtime's own ones (`com.microsoft`), as its optimisers leave them in files.
import { intOf, intsOf } from '../attributes.ts';
import type { TensorType } from '../graph.ts';
import { arithmetic, dtypeOfCode } from './elementwise.ts';
import { fusedMatMul, matrices, quantizedGemm } from './matrices.ts';
import { axisOf, broadcast, likeFirst, type Rule, sameAsFirst, shapeAt } from './rule.ts';
import { globalPool, pool, windows } from './windows.ts';

/** Element type of the zero point, or of the attribute that stands in for it; uint8 without either. */
const quantize: Rule = ({ node, inputs }) => {
  const dtype = inputs[2]?.dtype ?? dtypeOfCode(intOf(node, 'output_dtype', 0)) ?? 'uint8';
  return [{ dtype, shape: inputs[0]?.shape ?? null }];
};

/** Element type of the scale. */
const dequantize: Rule = ({ inputs }) => [{ dtype: inputs[1]?.dtype ?? 'float32', shape: inputs[0]?.shape ?? null }];

/** Quantised tensor, its scale, its zero point. */
const dynamicQuantize: Rule = (context): readonly TensorType[] => [
  { dtype: 'uint8', shape: shapeAt(context, 0) },
  { dtype: 'float32', shape: [] },
  { dtype: 'uint8', shape: [] },
];

/** a, its scale and zero point, b, its scale and zero point. */
const quantizedBinary: Rule = (context) => [
  likeFirst(context, broadcast(context, shapeAt(context, 0), shapeAt(context, 3))),
];

/** Output scale and zero point, then tensor, scale, zero point of each operand. */
const quantizedConcat: Rule = (context) => {
  const shapes = context.inputs.filter((_, index) => index >= 2 && index % 3 === 2).map((type) => type?.shape ?? null);
  const dtype = context.inputs[2]?.dtype;
  if (dtype === undefined) return [];
  const [first] = shapes;
  const axis = first ? axisOf(context, intOf(context.node, 'axis', 0), first.length) : null;
  if (!first || axis === null || !shapes.every((shape) => shape !== null)) return [{ dtype, shape: null }];
  const lengths = shapes.map((shape) => shape[axis] ?? null);
  const sum = lengths.every((length) => length !== null) ? lengths.reduce((total, length) => total + length, 0) : null;
  return [{ dtype, shape: first.map((dim, index) => (index === axis ? sum : dim)) }];
};

/** Channels may be last. */
const quantizedGlobalPool: Rule = (context) => {
  if (intOf(context.node, 'channels_last', 0) === 0) return globalPool(context);
  const shape = shapeAt(context, 0);
  const last = (shape?.length ?? 0) - 1;
  return [likeFirst(context, shape?.map((dim, axis) => (axis === 0 || axis === last ? dim : 1)) ?? null)];
};

const quantizedPool: Rule = (context) =>
  intOf(context.node, 'channels_last', 0) === 0 && intsOf(context.node, 'kernel_shape') !== undefined
    ? pool(context).slice(0, 1)
    : [likeFirst(context, null)];

/** Tensor and residual, added and normalised; the fourth output is the sum. */
const skipLayerNormalization: Rule = ({ inputs }) => [inputs[0], undefined, undefined, inputs[0]];

export const quantization: Readonly<Record<string, Rule>> = {
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
  DynamicQuantizeLinear: dynamicQuantize,
};

/** Operators of the domain `com.microsoft`. */
export const microsoft: Readonly<Record<string, Rule>> = {
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
  QGemm: quantizedGemm,
  QLinearAdd: quantizedBinary,
  QLinearMul: quantizedBinary,
  QLinearSigmoid: sameAsFirst,
  QLinearLeakyRelu: sameAsFirst,
  QLinearSoftmax: sameAsFirst,
  QLinearConcat: quantizedConcat,
  QLinearAveragePool: quantizedPool,
  QLinearGlobalAveragePool: quantizedGlobalPool,
  Gelu: sameAsFirst,
  FastGelu: sameAsFirst,
  QuickGelu: sameAsFirst,
  BiasGelu: arithmetic,
  ...(windows['Conv'] ? { FusedConv: windows['Conv'] } : {}),
  ...(matrices['Gemm'] ? { FusedGemm: matrices['Gemm'] } : {}),
  FusedMatMul: fusedMatMul,
  SkipLayerNormalization: skipLayerNormalization,
};
