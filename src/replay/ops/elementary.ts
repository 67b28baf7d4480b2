// Elementwise functions of one value: roots, exponentials, angles, rounding, casts.
import { floatOf, intOf } from '../../graph/attributes.ts';
import type { DType } from '../../graph/graph.ts';
import { tf } from '../../tf/tfjs.ts';
import { constantly } from '../arrays.ts';
import { tensorTypeOf, unsupported, type Call, type ReplayOp } from '../call.ts';

/** Lifts a function of one tensor. */
const unary =
  (compute: (x: tf.Tensor) => tf.Tensor): ReplayOp =>
  (call) =>
    compute(call.input(0));

/** Lifts a step function: its gradient is zero wherever there is one. */
const step =
  (compute: (x: tf.Tensor) => tf.Tensor): ReplayOp =>
  (call) =>
    constantly(() => compute(call.input(0)));

/** |x| with gradient 0 at 0, as frameworks have it; that of tf.abs is -1 there, and rectified features are often 0. */
export function absolute(x: tf.Tensor): tf.Tensor {
  const compute = tf.customGrad((...args) => {
    const [value, save] = args as [tf.Tensor, tf.GradSaveFunc];
    save([value]);
    return { value: tf.abs(value), gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, tf.sign(saved[0]!)) };
  });
  return compute(x);
}

/** TensorProto.DataType -> element type, of the types a tensor can be cast to. */
const ELEMENT_TYPES: Readonly<Record<number, DType>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
  16: 'bfloat16',
};

/** The element type that an attribute such as `to` names. */
export function elementType(call: Call, number: number): DType {
  const dtype = ELEMENT_TYPES[number];
  if (dtype === undefined) throw unsupported(call, `values of TensorProto type ${number} are not covered`);
  return dtype;
}

function cast(call: Call): tf.Tensor {
  return castTo(call.input(0), tensorTypeOf(elementType(call, intOf(call.node, 'to', 1))));
}

/** float32 keeps its gradient; integers and bool have none. Integers are truncated towards zero. */
function castTo(x: tf.Tensor, dtype: 'float32' | 'int32' | 'bool'): tf.Tensor {
  if (x.dtype === dtype) return x;
  return constantly(() => (dtype === 'bool' ? tf.notEqual(x, tf.zerosLike(x)) : tf.cast(x, dtype)));
}

function isInf(call: Call): tf.Tensor {
  const x = call.input(0);
  const positive = intOf(call.node, 'detect_positive', 1) === 1;
  const negative = intOf(call.node, 'detect_negative', 1) === 1;
  return constantly(() => {
    const either = tf.isInf(x);
    if (positive && negative) return either;
    if (!positive && !negative) return tf.zerosLike(either);
    return tf.logicalAnd(either, positive ? tf.greater(x, 0) : tf.less(x, 0));
  });
}

/** sign(x) * (|x| - lambd) + bias where |x| > lambd, else 0. */
function shrink(call: Call): tf.Tensor {
  const x = call.input(0);
  const lambd = floatOf(call.node, 'lambd', 0.5);
  const bias = floatOf(call.node, 'bias', 0);
  const above = constantly(() => tf.greater(x, lambd));
  const below = constantly(() => tf.less(x, -lambd));
  const low = tf.where(below, tf.add(x, bias), tf.zerosLike(x));
  return tf.where(above, tf.sub(x, bias), low);
}

/** Inference: nothing is dropped, and the mask says so. */
function dropout(call: Call): tf.Tensor[] {
  const x = call.input(0);
  return call.node.outputs.length > 1 ? [x, tf.ones(x.shape, 'bool')] : [x];
}

export const elementary: Record<string, ReplayOp> = {
  Identity: unary((x) => x),
  Dropout: dropout,
  Cast: cast,
  CastLike: (call) => castTo(call.input(0), call.input(1).dtype as 'float32' | 'int32' | 'bool'),
  Abs: unary((x) => (x.dtype === 'float32' ? absolute(x) : tf.abs(x))),
  Neg: unary(tf.neg),
  Reciprocal: unary(tf.reciprocal),
  Sqrt: unary(tf.sqrt),
  Exp: unary(tf.exp),
  Log: unary(tf.log),
  Erf: unary(tf.erf),
  Sin: unary(tf.sin),
  Cos: unary(tf.cos),
  Tan: unary(tf.tan),
  Asin: unary(tf.asin),
  Acos: unary(tf.acos),
  Atan: unary(tf.atan),
  Sinh: unary(tf.sinh),
  Cosh: unary(tf.cosh),
  Asinh: unary(tf.asinh),
  Acosh: unary(tf.acosh),
  Atanh: unary(tf.atanh),
  Shrink: shrink,
  Floor: step(tf.floor),
  Ceil: step(tf.ceil),
  Round: step(tf.round),
  Sign: step(tf.sign),
  Not: step((x) => tf.logicalNot(x)),
  IsNaN: step(tf.isNaN),
  IsInf: isInf,
};
