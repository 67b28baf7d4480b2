// Numbers stored as integers, and arithmetic on them. Quantised values are float32 tensors here that hold whole numbers, so
// that gradients can flow: rounding passes them on as it is (the straight-through estimator: Bengio et al. 2013,
// https://arxiv.org/abs/1308.3432), saturation stops them, as in quantisation-aware training. Scales and zero points that
// are computed from the data count as constants.
import { intOf } from '../../graph/attributes.ts';
import type { DType } from '../../graph/graph.ts';
import { tf } from '../../tf/tfjs.ts';
import { axisOf, constantly, indices } from '../arrays.ts';
import { unsupported, type Call, type ReplayOp } from '../call.ts';
import { convolve } from './convolutions.ts';
import { elementType } from './elementary.ts';
import { matMul } from './matrices.ts';

type Range = readonly [lowest: number, highest: number];
const RANGES: Partial<Record<DType, Range>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
};

/** Scales and zero points for all of `x`, or for each entry along the node's axis, as they broadcast with it. */
function alignedWith(call: Call, x: tf.Tensor): (values: tf.Tensor) => tf.Tensor {
  if (intOf(call.node, 'block_size', 0) !== 0) throw unsupported(call, 'scales per block are not covered');
  const after = indices(x.rank - 1 - axisOf(intOf(call.node, 'axis', 1), x.rank)).map(() => 1);
  return (values) => (values.size === 1 ? tf.reshape(values, []) : tf.reshape(values, [-1, ...after]));
}

/** (x - zero point) * scale, both for the whole tensor or per entry along an axis. */
function dequantizeLinear(call: Call): tf.Tensor {
  const [x, zeroPoint] = [float(call.input(0)), call.optional(2)];
  const aligned = alignedWith(call, x);
  const centred = zeroPoint === undefined ? x : tf.sub(x, aligned(float(zeroPoint)));
  return tf.mul(centred, aligned(call.input(1)));
}

/** The nearest whole number of scales, plus the zero point, kept within the type. */
function quantizeLinear(call: Call): tf.Tensor {
  const [x, scale, zeroPoint] = [call.input(0), call.input(1), call.optional(2)];
  const aligned = alignedWith(call, x);
  const steps = rounded(tf.div(x, aligned(scale)));
  return tf.clipByValue(zeroPoint === undefined ? steps : tf.add(steps, aligned(float(zeroPoint))), ...rangeOf(call));
}

/** The range of the type that a QuantizeLinear writes: that of its zero point, or of the attribute in its stead. */
function rangeOf(call: Call): Range {
  const named = intOf(call.node, 'output_dtype', 0);
  const dtype = call.constant(2)?.dtype ?? (named === 0 ? 'uint8' : elementType(call, named));
  const isComputed = call.optional(2) !== undefined && call.constant(2) === undefined;
  const range = isComputed ? undefined : RANGES[dtype];
  if (range === undefined)
    throw unsupported(call, isComputed ? 'its zero point is computed' : `to ${dtype} it is not covered`);
  return range;
}

/** uint8 over the range of the values, widened to hold zero: [y, scale, zero point]. */
function dynamicQuantizeLinear(call: Call): tf.Tensor[] {
  const x = call.input(0);
  const lowest = constantly(() => tf.minimum(tf.min(x), 0));
  const span = constantly(() => tf.div(tf.sub(tf.maximum(tf.max(x), 0), lowest), 255));
  const scale = constantly(() => tf.add(span, tf.cast(tf.equal(span, 0), 'float32'))); // of zeros alone: 1
  const zeroPoint = constantly(() => tf.clipByValue(tf.round(tf.div(tf.neg(lowest), scale)), 0, 255));
  return [tf.clipByValue(tf.add(rounded(tf.div(x, scale)), zeroPoint), 0, 255), scale, zeroPoint];
}

/** The product of two matrices, each less its zero point: of the whole, per row on the left, per column on the right. */
function matMulInteger(call: Call): tf.Tensor {
  const left = centred(call, 0, 2, (zeroPoint) => tf.reshape(zeroPoint, [-1, 1]));
  return matMul(left, centred(call, 1, 3));
}

/** The convolution of an image with a filter, each less its zero point: of the whole, or per filter. */
function convInteger(call: Call): tf.Tensor {
  const operands = [centred(call, 0, 2), centred(call, 1, 3, (zeroPoint) => tf.reshape(zeroPoint, [-1, 1, 1, 1]))];
  return convolve({ ...call, input: (index) => operands[index]!, optional: (index) => operands[index] });
}

/** An operand less its zero point, which is placed by `place` where it is more than one number. */
function centred(call: Call, operand: number, zeroPoint: number, place = (values: tf.Tensor) => values): tf.Tensor {
  const offset = call.optional(zeroPoint);
  const x = float(call.input(operand));
  if (offset === undefined) return x;
  return tf.sub(x, offset.size === 1 ? tf.reshape(float(offset), []) : place(float(offset)));
}

const float = (x: tf.Tensor): tf.Tensor => (x.dtype === 'float32' ? x : tf.cast(x, 'float32'));

/** To the nearest whole number, halves to the even one; the gradient passes as it is. */
const rounded = (x: tf.Tensor): tf.Tensor =>
  tf.customGrad((...args) => ({ value: tf.round(args[0] as tf.Tensor), gradFunc: (dy: tf.Tensor) => dy }))(x);

export const quantization: Record<string, ReplayOp> = {
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: dequantizeLinear,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
  MatMulInteger: matMulInteger,
  ConvInteger: convInteger,
};
