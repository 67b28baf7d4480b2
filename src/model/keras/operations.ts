// Functions of tf and keras.ops that a model's author called between layers. Keras 2 wraps them as TFOpLambda layers that
// name the function, Keras 3 as operations of their own class; arguments come by position, by name or as configuration.
import { sizeOf } from '../../graph/tensor.ts';
import * as ops from '../../trace/forward.ts';
import type { Value } from '../../trace/forward.ts';
import { activationNamed, gelu, softmax } from './activations.ts';
import { fromZero } from './axes.ts';
import { isFields, isList, isWhole } from './config.ts';
import { isTensor, unsupported, type LayerCall } from './layer.ts';
import { getItem } from './operations-slice.ts';

type Operation = (call: LayerCall) => Value | Value[];

/** The operation of that name (`reduce_mean`, `__operators__.add`, `GetItem` as `get_item`), or null. */
export function operationNamed(name: string): Operation | null {
  const key = name.split('.').at(-1) ?? name;
  if (Object.hasOwn(operations, key)) return operations[key]!;
  const activation = activationNamed(key, 3);
  return activation === null ? null : (call) => activation(operand(call, 0, 'x'));
}

const binary = (compute: (a: Value, b: Value) => Value): Operation => {
  return (call) => compute(operand(call, 0, 'x', 'x1', 'a'), operand(call, 1, 'y', 'x2', 'b'));
};
const unary = (compute: (x: Value) => Value): Operation => {
  return (call) => compute(operand(call, 0, 'x'));
};
const reduction = (compute: (x: Value, axes: number[] | undefined, keepDims: boolean) => Value): Operation => {
  return (call) => {
    const axis = given(call, 1, 'axis') ?? null;
    const keepDims = given(call, 2, 'keepdims', 'keep_dims') === true;
    return compute(operand(call, 0, 'x', 'input_tensor'), axis === null ? undefined : wholes(call, axis), keepDims);
  };
};

const identity = unary((x) => x);
const add = binary(ops.add);
const subtract = binary(ops.sub);
const multiply = binary(ops.mul);
const divide = binary(ops.div);
const power = binary(ops.pow);
const mean = reduction(ops.mean);
const sum = reduction(ops.sum);
const max = reduction(ops.max);
const min = reduction(ops.min);
const negative = unary(ops.neg);
const absolute = unary(ops.abs);
const matmul: Operation = (call) => {
  const [a, b] = [operand(call, 0, 'a', 'x1'), operand(call, 1, 'b', 'x2')];
  return ops.matMul(a, b, given(call, 2, 'transpose_a') === true, given(call, 3, 'transpose_b') === true);
};
const concat: Operation = (call) => ops.concat(tensors(call, 0), Number(given(call, 1, 'axis') ?? -1));
const clip: Operation = (call) => {
  const [low, high] = [given(call, 1, 'clip_value_min', 'x_min'), given(call, 2, 'clip_value_max', 'x_max')];
  return ops.minimum(ops.maximum(operand(call, 0, 'x', 't'), tensorOf(call, low)), tensorOf(call, high));
};
const transpose: Operation = (call) => {
  const perm = given(call, 1, 'perm', 'axes') ?? null;
  return ops.transpose(operand(call, 0, 'x', 'a'), perm === null ? undefined : wholes(call, perm));
};
const normalize: Operation = (call) => {
  const x = operand(call, 0, 'x');
  if (Number(given(call, 2, 'order') ?? 2) !== 2) throw unsupported(call, 'order 2', 'another one');
  const length = ops.sum(ops.square(x), wholes(call, given(call, 1, 'axis') ?? -1), true);
  return ops.mul(x, ops.rsqrt(ops.maximum(length, 1e-12)));
};

const operations: Readonly<Record<string, Operation>> = {
  add,
  subtract,
  multiply,
  divide,
  true_divide: divide,
  truediv: divide,
  divide_no_nan: binary(ops.divNoNan),
  pow: power,
  power,
  maximum: binary(ops.maximum),
  minimum: binary(ops.minimum),
  greater: binary(ops.greater),
  greater_equal: binary(ops.greaterEqual),
  less: binary(ops.less),
  less_equal: binary(ops.lessEqual),
  add_n: (call) => tensors(call, 0).reduce((a, b) => ops.add(a, b)),
  bias_add: (call) => ops.add(operand(call, 0, 'value'), operand(call, 1, 'bias')),
  matmul,
  negative,
  neg: negative,
  abs: absolute,
  absolute,
  exp: unary(ops.exp),
  log: unary(ops.log),
  sqrt: unary(ops.sqrt),
  rsqrt: unary(ops.rsqrt),
  square: unary(ops.square),
  sin: unary(ops.sin),
  cos: unary(ops.cos),
  erf: unary(ops.erf),
  reciprocal: unary(ops.reciprocal),
  identity,
  stop_gradient: identity,
  convert_to_tensor: identity,
  cast: (call) => castTo(call, operand(call, 0, 'x'), given(call, 1, 'dtype')),
  softmax: (call) => softmax(operand(call, 0, 'x', 'logits'), Number(given(call, 1, 'axis') ?? -1)),
  gelu: (call) => gelu(operand(call, 0, 'x', 'features'), given(call, 1, 'approximate') === true),
  leaky_relu: (call) =>
    ops.leakyRelu(operand(call, 0, 'x', 'features'), Number(given(call, 1, 'negative_slope', 'alpha') ?? 0.2)),
  clip,
  clip_by_value: clip,
  where: (call) => {
    const [condition, x, y] = [operand(call, 0, 'condition'), operand(call, 1, 'x', 'x1'), operand(call, 2, 'y', 'x2')];
    return ops.where(condition, x, y);
  },
  mean,
  reduce_mean: mean,
  sum,
  reduce_sum: sum,
  max,
  amax: max,
  reduce_max: max,
  min,
  amin: min,
  reduce_min: min,
  l2_normalize: normalize,
  normalize,
  reshape: (call) => {
    return ops.reshape(operand(call, 0, 'x', 'tensor'), wholes(call, given(call, 1, 'shape', 'newshape')));
  },
  transpose,
  swapaxes: (call) => {
    const x = operand(call, 0, 'x');
    const [a, b] = [given(call, 1, 'axis1'), given(call, 2, 'axis2')].map((axis) =>
      fromZero(Number(axis), x.shape.length),
    );
    return ops.transpose(
      x,
      x.shape.map((_, axis) => (axis === a ? b! : axis === b ? a! : axis)),
    );
  },
  expand_dims: (call) => ops.expandDims(operand(call, 0, 'x', 'input'), Number(given(call, 1, 'axis') ?? 0)),
  squeeze: (call) => {
    const axis = given(call, 1, 'axis') ?? null;
    return ops.squeeze(operand(call, 0, 'x', 'input'), axis === null ? undefined : wholes(call, axis));
  },
  concat,
  concatenate: concat,
  stack: (call) => ops.stack(tensors(call, 0), Number(given(call, 1, 'axis') ?? 0)),
  split: (call) => {
    const parts = given(call, 1, 'num_or_size_splits', 'indices_or_sections');
    return ops.split(
      operand(call, 0, 'x', 'value'),
      isWhole(parts) ? parts : wholes(call, parts),
      Number(given(call, 2, 'axis') ?? 0),
    );
  },
  tile: (call) => ops.tile(operand(call, 0, 'x', 'input'), wholes(call, given(call, 1, 'multiples', 'repeats'))),
  pad,
  flip: (call) => ops.reverse(operand(call, 0, 'x'), wholes(call, given(call, 1, 'axis') ?? -1)),
  reverse: (call) => ops.reverse(operand(call, 0, 'tensor'), wholes(call, given(call, 1, 'axis'))),
  shape: (call) => shapeOf(operand(call, 0, 'input')),
  getitem: getItem,
  get_item: getItem,
  resize,
};

/** The argument at a position, or of one of these names, or a field of the configuration. */
function given(call: LayerCall, position: number, ...names: string[]): unknown {
  if (position < call.args.length) return call.args[position];
  for (const name of names) if (call.kwargs[name] !== undefined) return call.kwargs[name];
  for (const name of names) if (call.config[name] !== undefined) return call.config[name];
  return undefined;
}

function operand(call: LayerCall, position: number, ...names: string[]): Value {
  return tensorOf(call, given(call, position, ...names));
}

/** Tensors as they are, numbers and lists of numbers as constants. */
function tensorOf(call: LayerCall, value: unknown): Value {
  if (isTensor(value)) return value;
  const plain = isFields(value) && isFields(value.config) ? value.config.value : value;
  if (typeof plain === 'number') return ops.valueOf(plain);
  if (isNumbers(plain)) return arrayOf(call, plain);
  throw unsupported(call, 'tensors and numbers as operands', JSON.stringify(value) ?? 'none');
}

/** A list of numbers, or of lists of them, and so on. */
function isNumbers(value: unknown): value is readonly unknown[] {
  return isList(value) && value.flat(8).every((item) => typeof item === 'number');
}

function arrayOf(call: LayerCall, list: readonly unknown[]): Value {
  const shape: number[] = [];
  for (let part: unknown = list; isList(part); part = part[0]) shape.push(part.length);
  const numbers = list.flat(8) as number[];
  if (numbers.length !== sizeOf(shape)) throw unsupported(call, `${sizeOf(shape)} numbers`, `${numbers.length}`);
  return ops.constant(numbers, shape);
}

const shapeOf = ({ shape }: Value): Value => ops.constant(shape, [shape.length], 'int32');

function tensors(call: LayerCall, position: number): Value[] {
  const value = given(call, position, 'values', 'xs', 'x', 'inputs');
  return isList(value) ? value.map((item) => tensorOf(call, item)) : [...call.inputs];
}

/** Whole numbers: one, a list, or tensors whose values are known beforehand, as shapes are. */
function wholes(call: LayerCall, value: unknown): number[] {
  const list = isList(value) ? value : [value];
  return list.flatMap((item) => {
    const plain: unknown = isTensor(item) ? ops.knownNumbers(item) : item;
    const numbers = isList(plain) ? plain : [plain];
    if (!numbers.every(isWhole)) throw unsupported(call, 'whole numbers', JSON.stringify(plain) ?? 'none');
    return numbers;
  });
}

function castTo(call: LayerCall, x: Value, dtype: unknown): Value {
  if (typeof dtype === 'string' && /^b?float/.test(dtype)) return ops.cast(x, 'float32');
  if (typeof dtype === 'string' && /^u?int/.test(dtype)) return ops.cast(x, 'int32');
  if (dtype === 'bool') return ops.cast(x, 'bool');
  throw unsupported(call, 'a cast to floats, integers or booleans', JSON.stringify(dtype) ?? 'none');
}

function pad(call: LayerCall): Value {
  const value = given(call, 1, 'paddings', 'pad_width');
  const mode = given(call, 2, 'mode') ?? 'constant';
  if (!isList(value) || !/^constant$/i.test(typeof mode === 'string' ? mode : '')) {
    throw unsupported(call, 'constant padding', JSON.stringify(mode));
  }
  const pairs = value.map((side) => wholes(call, side) as [number, number]);
  return ops.pad(operand(call, 0, 'x', 'tensor'), pairs, Number(given(call, 3, 'constant_values') ?? 0));
}

function resize(call: LayerCall): Value {
  const x = operand(call, 0, 'images', 'image');
  const size = wholes(call, given(call, 1, 'size'));
  const method = given(call, 2, 'method', 'interpolation') ?? 'bilinear';
  const plain = given(call, 9, 'antialias') !== true && given(call, 9, 'preserve_aspect_ratio') !== true;
  if (x.shape.length !== 4 || size.length !== 2 || !plain || (method !== 'bilinear' && method !== 'nearest')) {
    throw unsupported(call, 'bilinear or nearest resizing of image batches, without antialias', JSON.stringify(method));
  }
  const [images, target] = [x, size as [number, number]];
  return ops.resize(images, target, method, { halfPixelCenters: true });
}
