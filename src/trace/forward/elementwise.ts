// Operations that treat every element alike.
import { broadcastShape } from '../shapes.ts';
import type { Value } from '../value.ts';
import { cast, kernel, kernelOfMany, matched, valueOf, type Operand } from './kernel.ts';
import { broadcastTo } from './shapes.ts';

type Unary = (x: Operand) => Value;
type Binary = (a: Operand, b: Operand) => Value;

const unary = (name: string): Unary => {
  return (x) => kernel(name, { x: valueOf(x) });
};
/** Of integers these are floats. */
const floating = (name: string): Unary => {
  return (x) => kernel(name, { x: cast(valueOf(x), 'float32') });
};
const binary = (name: string): Binary => {
  return (a, b) => kernel(name, matched(a, b));
};
const ofTruths = (name: string): Binary => {
  return (a, b) => kernel(name, { a: cast(valueOf(a), 'bool'), b: cast(valueOf(b), 'bool') });
};

export const add = binary('Add');
export const sub = binary('Sub');
export const mul = binary('Multiply');
export const pow = binary('Pow');
export const mod = binary('Mod');
export const floorDiv = binary('FloorDiv');
export const maximum = binary('Maximum');
export const minimum = binary('Minimum');
export const squaredDifference = binary('SquaredDifference');
export const atan2 = binary('Atan2');
export const equal = binary('Equal');
export const notEqual = binary('NotEqual');
export const greater = binary('Greater');
export const greaterEqual = binary('GreaterEqual');
export const less = binary('Less');
export const lessEqual = binary('LessEqual');
export const logicalAnd = ofTruths('LogicalAnd');
export const logicalOr = ofTruths('LogicalOr');

export const abs = unary('Abs');
export const neg = unary('Neg');
export const relu = unary('Relu');
export const sign = unary('Sign');
export const square = unary('Square');
export const acos = floating('Acos');
export const acosh = floating('Acosh');
export const asin = floating('Asin');
export const asinh = floating('Asinh');
export const atan = floating('Atan');
export const atanh = floating('Atanh');
export const ceil = floating('Ceil');
export const cos = floating('Cos');
export const cosh = floating('Cosh');
export const elu = floating('Elu');
export const erf = floating('Erf');
export const exp = floating('Exp');
export const expm1 = floating('Expm1');
export const floor = floating('Floor');
export const isFinite = floating('IsFinite');
export const isInf = floating('IsInf');
export const isNaN = floating('IsNan');
export const log = floating('Log');
export const log1p = floating('Log1p');
export const reciprocal = floating('Reciprocal');
export const relu6 = floating('Relu6');
export const round = floating('Round');
export const rsqrt = floating('Rsqrt');
export const selu = floating('Selu');
export const sigmoid = floating('Sigmoid');
export const sin = floating('Sin');
export const sinh = floating('Sinh');
export const softplus = floating('Softplus');
export const sqrt = floating('Sqrt');
export const tan = floating('Tan');
export const tanh = floating('Tanh');

export const logicalNot = (x: Value): Value => kernel('LogicalNot', { x: cast(x, 'bool') });

/** Of integers the quotient rounded down, as in TensorFlow.js. */
export function div(first: Operand, second: Operand): Value {
  const { a, b } = matched(first, second);
  return kernel(a.dtype === 'int32' ? 'FloorDiv' : 'RealDiv', { a, b });
}

/** a / b, and 0 where b is 0. */
export function divNoNan(first: Operand, second: Operand): Value {
  const { a, b } = matched(first, second);
  return where(equal(b, cast(valueOf(0), b.dtype)), cast(valueOf(0), a.dtype), div(a, b));
}

export function addN(values: readonly Value[]): Value {
  broadcastShape(values.map(({ shape }) => shape));
  return values.length === 1 ? values[0]! : kernelOfMany('AddN', values);
}

export function leakyRelu(x: Value, alpha: number): Value {
  return kernel('LeakyRelu', { x: cast(x, 'float32') }, { alpha });
}

export const prelu = (x: Value, alpha: Value): Value => kernel('Prelu', { x, alpha });

export function clipByValue(x: Value, clipValueMin: number, clipValueMax: number): Value {
  return kernel('ClipByValue', { x }, { clipValueMin, clipValueMax });
}

/** a where the condition holds, else b; all three broadcast. */
export function where(condition: Value, a: Operand, b: Operand): Value {
  const { a: t, b: e } = matched(a, b);
  const shape = broadcastShape([condition.shape, t.shape, e.shape]);
  const operands = { condition: broadcastTo(cast(condition, 'bool'), shape), t: broadcastTo(t, shape), e: broadcastTo(e, shape) }; // prettier-ignore
  return kernel('Select', operands);
}
