// Functions of tf and keras.ops that a model's author called between layers. Keras 2 wraps them as TFOpLambda layers that
// name the function, Keras 3 as operations of their own class; arguments come by position, by name or as configuration.
import { tf } from '../../tf/tfjs.ts';
import { activationNamed, gelu, softmax } from './activations.ts';
import { fromZero } from './axes.ts';
import { isFields, isList, isWhole } from './config.ts';
import { isTensor, unsupported, type LayerCall } from './layer.ts';
import { getItem } from './operations-slice.ts';

type Operation = (call: LayerCall) => tf.Tensor | tf.Tensor[];

/** The operation of that name (`reduce_mean`, `__operators__.add`, `GetItem` as `get_item`), or null. */
export function operationNamed(name: string): Operation | null {
  const key = name.split('.').at(-1) ?? name;
  if (Object.hasOwn(operations, key)) return operations[key]!;
  const activation = activationNamed(key, 3);
  return activation === null ? null : (call) => activation(operand(call, 0, 'x'));
}

const binary = (compute: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Operation => {
  return (call) => compute(operand(call, 0, 'x', 'x1', 'a'), operand(call, 1, 'y', 'x2', 'b'));
};
const unary = (compute: (x: tf.Tensor) => tf.Tensor): Operation => {
  return (call) => compute(operand(call, 0, 'x'));
};
const reduction = (compute: (x: tf.Tensor, axes: number[] | undefined, keepDims: boolean) => tf.Tensor): Operation => {
  return (call) => {
    const axis = given(call, 1, 'axis') ?? null;
    const keepDims = given(call, 2, 'keepdims', 'keep_dims') === true;
    return compute(operand(call, 0, 'x', 'input_tensor'), axis === null ? undefined : wholes(call, axis), keepDims);
  };
};

const identity = unary((x) => x);
const add = binary(tf.add);
const subtract = binary(tf.sub);
const multiply = binary(tf.mul);
const divide = binary(tf.div);
const power = binary(tf.pow);
const mean = reduction(tf.mean);
const sum = reduction(tf.sum);
const max = reduction(tf.max);
const min = reduction(tf.min);
const negative = unary(tf.neg);
const absolute = unary(tf.abs);
const matmul: Operation = (call) => {
  const [a, b] = [operand(call, 0, 'a', 'x1'), operand(call, 1, 'b', 'x2')];
  return tf.matMul(a, b, given(call, 2, 'transpose_a') === true, given(call, 3, 'transpose_b') === true);
};
const concat: Operation = (call) => tf.concat(tensors(call, 0), Number(given(call, 1, 'axis') ?? -1));
const clip: Operation = (call) => {
  const [low, high] = [given(call, 1, 'clip_value_min', 'x_min'), given(call, 2, 'clip_value_max', 'x_max')];
  return tf.minimum(tf.maximum(operand(call, 0, 'x', 't'), tensorOf(call, low)), tensorOf(call, high));
};
const transpose: Operation = (call) => {
  const perm = given(call, 1, 'perm', 'axes') ?? null;
  return tf.transpose(operand(call, 0, 'x', 'a'), perm === null ? undefined : wholes(call, perm));
};
const normalize: Operation = (call) => {
  const x = operand(call, 0, 'x');
  if (Number(given(call, 2, 'order') ?? 2) !== 2) throw unsupported(call, 'order 2', 'another one');
  const length = tf.sum(tf.square(x), wholes(call, given(call, 1, 'axis') ?? -1), true);
  return tf.mul(x, tf.rsqrt(tf.maximum(length, 1e-12)));
};

const operations: Readonly<Record<string, Operation>> = {
  add,
  subtract,
  multiply,
  divide,
  true_divide: divide,
  truediv: divide,
  divide_no_nan: binary(tf.divNoNan),
  pow: power,
  power,
  maximum: binary(tf.maximum),
  minimum: binary(tf.minimum),
  greater: binary(tf.greater),
  greater_equal: binary(tf.greaterEqual),
  less: binary(tf.less),
  less_equal: binary(tf.lessEqual),
  add_n: (call) => tensors(call, 0).reduce((a, b) => tf.add(a, b)),
  bias_add: (call) => tf.add(operand(call, 0, 'value'), operand(call, 1, 'bias')),
  matmul,
  negative,
  neg: negative,
  abs: absolute,
  absolute,
  exp: unary(tf.exp),
  log: unary(tf.log),
  sqrt: unary(tf.sqrt),
  rsqrt: unary(tf.rsqrt),
  square: unary(tf.square),
  sin: unary(tf.sin),
  cos: unary(tf.cos),
  erf: unary(tf.erf),
  reciprocal: unary(tf.reciprocal),
  identity,
  stop_gradient: identity,
  convert_to_tensor: identity,
  cast: (call) => castTo(call, operand(call, 0, 'x'), given(call, 1, 'dtype')),
  softmax: (call) => softmax(operand(call, 0, 'x', 'logits'), Number(given(call, 1, 'axis') ?? -1)),
  gelu: (call) => gelu(operand(call, 0, 'x', 'features'), given(call, 1, 'approximate') === true),
  leaky_relu: (call) =>
    tf.leakyRelu(operand(call, 0, 'x', 'features'), Number(given(call, 1, 'negative_slope', 'alpha') ?? 0.2)),
  clip,
  clip_by_value: clip,
  where: (call) => {
    const [condition, x, y] = [operand(call, 0, 'condition'), operand(call, 1, 'x', 'x1'), operand(call, 2, 'y', 'x2')];
    return tf.where(condition, x, y);
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
    return tf.reshape(operand(call, 0, 'x', 'tensor'), wholes(call, given(call, 1, 'shape', 'newshape')));
  },
  transpose,
  swapaxes: (call) => {
    const x = operand(call, 0, 'x');
    const [a, b] = [given(call, 1, 'axis1'), given(call, 2, 'axis2')].map((axis) => fromZero(Number(axis), x.rank));
    return tf.transpose(
      x,
      x.shape.map((_, axis) => (axis === a ? b! : axis === b ? a! : axis)),
    );
  },
  expand_dims: (call) => tf.expandDims(operand(call, 0, 'x', 'input'), Number(given(call, 1, 'axis') ?? 0)),
  squeeze: (call) => {
    const axis = given(call, 1, 'axis') ?? null;
    return tf.squeeze(operand(call, 0, 'x', 'input'), axis === null ? undefined : wholes(call, axis));
  },
  concat,
  concatenate: concat,
  stack: (call) => tf.stack(tensors(call, 0), Number(given(call, 1, 'axis') ?? 0)),
  split: (call) => {
    const parts = given(call, 1, 'num_or_size_splits', 'indices_or_sections');
    return tf.split(
      operand(call, 0, 'x', 'value'),
      isWhole(parts) ? parts : wholes(call, parts),
      Number(given(call, 2, 'axis') ?? 0),
    );
  },
  tile: (call) => tf.tile(operand(call, 0, 'x', 'input'), wholes(call, given(call, 1, 'multiples', 'repeats'))),
  pad,
  flip: (call) => tf.reverse(operand(call, 0, 'x'), wholes(call, given(call, 1, 'axis') ?? -1)),
  reverse: (call) => tf.reverse(operand(call, 0, 'tensor'), wholes(call, given(call, 1, 'axis'))),
  shape: (call) => tf.tensor1d(operand(call, 0, 'input').shape, 'int32'),
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

function operand(call: LayerCall, position: number, ...names: string[]): tf.Tensor {
  return tensorOf(call, given(call, position, ...names));
}

/** Tensors as they are, numbers and lists of numbers as constants. */
function tensorOf(call: LayerCall, value: unknown): tf.Tensor {
  if (isTensor(value)) return value;
  const plain = isFields(value) && isFields(value.config) ? value.config.value : value;
  if (typeof plain === 'number') return tf.scalar(plain);
  if (isNumbers(plain)) return tf.tensor(plain);
  throw unsupported(call, 'tensors and numbers as operands', JSON.stringify(value) ?? 'none');
}

/** A list of numbers, or of lists of them, and so on. */
function isNumbers(value: unknown): value is number[] {
  return isList(value) && value.flat(8).every((item) => typeof item === 'number');
}

function tensors(call: LayerCall, position: number): tf.Tensor[] {
  const value = given(call, position, 'values', 'xs', 'x', 'inputs');
  return isList(value) ? value.map((item) => tensorOf(call, item)) : [...call.inputs];
}

/** Whole numbers: one, a list, or tensors whose values are known beforehand, as shapes are. */
function wholes(call: LayerCall, value: unknown): number[] {
  const list = isList(value) ? value : [value];
  return list.flatMap((item) => {
    const plain: unknown = isTensor(item) ? [...item.dataSync()] : item;
    const numbers = isList(plain) ? plain : [plain];
    if (!numbers.every(isWhole)) throw unsupported(call, 'whole numbers', JSON.stringify(plain) ?? 'none');
    return numbers;
  });
}

function castTo(call: LayerCall, x: tf.Tensor, dtype: unknown): tf.Tensor {
  if (typeof dtype === 'string' && /^b?float/.test(dtype)) return tf.cast(x, 'float32');
  if (typeof dtype === 'string' && /^u?int/.test(dtype)) return tf.cast(x, 'int32');
  if (dtype === 'bool') return tf.cast(x, 'bool');
  throw unsupported(call, 'a cast to floats, integers or booleans', JSON.stringify(dtype) ?? 'none');
}

function pad(call: LayerCall): tf.Tensor {
  const value = given(call, 1, 'paddings', 'pad_width');
  const mode = given(call, 2, 'mode') ?? 'constant';
  if (!isList(value) || !/^constant$/i.test(typeof mode === 'string' ? mode : '')) {
    throw unsupported(call, 'constant padding', JSON.stringify(mode));
  }
  const pairs = value.map((side) => wholes(call, side) as [number, number]);
  return tf.pad(operand(call, 0, 'x', 'tensor'), pairs, Number(given(call, 3, 'constant_values') ?? 0));
}

function resize(call: LayerCall): tf.Tensor {
  const x = operand(call, 0, 'images', 'image');
  const size = wholes(call, given(call, 1, 'size'));
  const method = given(call, 2, 'method', 'interpolation') ?? 'bilinear';
  const plain = given(call, 9, 'antialias') !== true && given(call, 9, 'preserve_aspect_ratio') !== true;
  if (x.rank !== 4 || size.length !== 2 || !plain || (method !== 'bilinear' && method !== 'nearest')) {
    throw unsupported(call, 'bilinear or nearest resizing of image batches, without antialias', JSON.stringify(method));
  }
  const [images, target] = [x as tf.Tensor4D, size as [number, number]];
  return method === 'nearest'
    ? tf.image.resizeNearestNeighbor(images, target, false, true)
    : tf.image.resizeBilinear(images, target, false, true);
}
