// Elements of small tensors through operators that compute: partial evaluation, null where an operand is not known.
import { attributeOf, intOf } from '../attributes.ts';
import { dtypeOfCode } from '../rules/elementwise.ts';
import { hasInput, numbersAt, type RuleContext } from '../rules/rule.ts';
import type { Evaluation } from './evaluation.ts';
import { asElement, broadcastAt, filled, isInteger, smallOf, type SmallTensor } from './small.ts';

type Combine = (a: number, b: number, isIntegral: boolean) => number;

/** Shape of operands broadcast together, or null where they do not fit. */
function broadcastSizes(tensors: readonly SmallTensor[]): number[] | null {
  const rank = Math.max(0, ...tensors.map(({ shape }) => shape.length));
  const sizes = new Array<number>(rank).fill(1);
  for (const { shape } of tensors) {
    for (const [axis, dim] of shape.entries()) {
      const place = axis + rank - shape.length;
      if (dim !== 1 && sizes[place] !== 1 && sizes[place] !== dim) return null;
      if (dim !== 1) sizes[place] = dim;
    }
  }
  return sizes;
}

/** All inputs, or null where one is not small. */
export function operands(context: RuleContext): SmallTensor[] | null {
  const tensors: SmallTensor[] = [];
  for (const index of context.node.inputs.keys()) {
    const tensor = context.value(index);
    if (tensor === undefined) return null;
    tensors.push(tensor);
  }
  return tensors;
}

/** Element by element over all inputs, from the first on. */
const elementwise =
  (combine: Combine, isTruth = false): Evaluation =>
  (context) => {
    const tensors = operands(context);
    const [first, ...others] = tensors ?? [];
    const sizes = tensors === null ? null : broadcastSizes(tensors);
    if (first === undefined || sizes === null) return [];
    const dtype = isTruth ? 'bool' : first.dtype;
    const isIntegral = isInteger(first.dtype);
    const at = (index: readonly number[]): number | null => {
      let value = broadcastAt(first, index);
      for (const other of others) {
        const operand = broadcastAt(other, index);
        if (value === null || operand === null) return null;
        value = asElement(combine(value, operand, isIntegral), dtype);
      }
      return value;
    };
    return [filled(dtype, sizes, at)];
  };

const unary =
  (compute: (value: number) => number, isTruth = false): Evaluation =>
  (context) => {
    const tensor = context.value(0);
    if (tensor === undefined) return [];
    const dtype = isTruth ? 'bool' : tensor.dtype;
    const values = tensor.values.map((value) => (value === null ? null : asElement(compute(value), dtype)));
    return [{ dtype, shape: tensor.shape, values }];
  };

/** Integers: towards zero; NaN, an unknown, where the divisor is 0. */
const divide: Combine = (a, b, isIntegral) => (isIntegral ? Math.trunc(a / b) : a / b);

/** The sign follows the divisor, as in Python; with `fmod` the dividend, as in C. */
const modulo: Evaluation = (context, types) => {
  const isC = intOf(context.node, 'fmod', 0) !== 0;
  return elementwise((a, b) => (isC ? a % b : a - b * Math.floor(a / b)))(context, types);
};

const where: Evaluation = (context) => {
  const tensors = operands(context);
  const [condition, yes, no] = tensors ?? [];
  const sizes = tensors === null ? null : broadcastSizes(tensors);
  if (condition === undefined || yes === undefined || no === undefined || sizes === null) return [];
  const at = (index: readonly number[]): number | null => {
    const chosen = broadcastAt(condition, index);
    if (chosen === null) return null;
    return broadcastAt(chosen === 0 ? no : yes, index);
  };
  return [filled(yes.dtype, sizes, at)];
};

const cast: Evaluation = (context) => {
  const tensor = context.value(0);
  const dtype = dtypeOfCode(intOf(context.node, 'to', 0));
  if (tensor === undefined || dtype === undefined || dtype === 'string') return [];
  const values = tensor.values.map((value) => (value === null ? null : asElement(value, dtype)));
  return [{ dtype, shape: tensor.shape, values }];
};

/** Reductions of whole vectors, as ReduceProd over a shape. Other axes are not followed. */
const reduce =
  (combine: (a: number, b: number) => number): Evaluation =>
  (context) => {
    const tensor = context.value(0);
    const axes = hasInput(context, 1) ? numbersAt(context, 1) : [];
    const isWhole = axes !== null && (axes.length === 0 || axes.every((axis) => axis === 0 || axis === -1));
    if (tensor?.shape.length !== 1 || !isWhole || intOf(context.node, 'noop_with_empty_axes', 0) !== 0) return [];
    if (tensor.values.length === 0) return [];
    const result = tensor.values.reduce((a, b) =>
      a === null || b === null ? null : asElement(combine(a, b), tensor.dtype),
    );
    const keep = intOf(context.node, 'keepdims', 1) !== 0;
    return [{ dtype: tensor.dtype, shape: keep ? [1] : [], values: [result] }];
  };

const range: Evaluation = (context) => {
  const [start, limit, delta] = [0, 1, 2].map((index) => numbersAt(context, index)?.[0]);
  const dtype = context.inputs[0]?.dtype;
  if (start === undefined || limit === undefined || !delta || dtype === undefined) return [];
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  return [filled(dtype, [count], ([index = 0]) => asElement(start + index * delta, dtype))];
};

const clip: Evaluation = (context, types) => {
  const [low, high] = [1, 2].map((index) => (hasInput(context, index) ? numbersAt(context, index)?.[0] : null));
  if (low === undefined || high === undefined) return [];
  return unary((value) => Math.min(high ?? Infinity, Math.max(low ?? -Infinity, value)))(context, types);
};

const constantOfShape: Evaluation = (context) => {
  const shape = numbersAt(context, 0);
  const value = attributeOf(context.node, 'value', 'tensor');
  if (shape === null || shape.some((dim) => dim < 0)) return [];
  if (value === undefined) return [filled('float32', shape, () => 0)];
  const element = smallOf(value)?.values[0];
  return element === undefined ? [] : [filled(value.dtype, shape, () => element)];
};

const truth = (compare: (a: number, b: number) => boolean): Evaluation =>
  elementwise((a, b) => (compare(a, b) ? 1 : 0), true);

/** Half to even. */
function round(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

export const arithmetic: Readonly<Record<string, Evaluation>> = {
  Add: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  Div: elementwise(divide),
  Pow: elementwise((a, b) => a ** b),
  Mod: modulo,
  Max: elementwise((a, b) => Math.max(a, b)),
  Min: elementwise((a, b) => Math.min(a, b)),
  Sum: elementwise((a, b) => a + b),
  Equal: truth((a, b) => a === b),
  Greater: truth((a, b) => a > b),
  GreaterOrEqual: truth((a, b) => a >= b),
  Less: truth((a, b) => a < b),
  LessOrEqual: truth((a, b) => a <= b),
  And: truth((a, b) => a !== 0 && b !== 0),
  Or: truth((a, b) => a !== 0 || b !== 0),
  Not: unary((value) => (value === 0 ? 1 : 0), true),
  Neg: unary((value) => -value),
  Abs: unary(Math.abs),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Round: unary(round),
  Sqrt: unary(Math.sqrt),
  Reciprocal: unary((value) => 1 / value),
  Clip: clip,
  Where: where,
  Cast: cast,
  ReduceProd: reduce((a, b) => a * b),
  ReduceSum: reduce((a, b) => a + b),
  ReduceMax: reduce(Math.max),
  ReduceMin: reduce(Math.min),
  Range: range,
  ConstantOfShape: constantOfShape,
};
