// Types of operators that work element by element.
import { intOf } from '../attributes.ts';
import type { DType, TensorType } from '../graph.ts';
import { broadcast, firstAs, type Rule, type RuleContext, sameAsFirst, type Shape } from './rule.ts';

/** Shape of any number of operands, broadcast together. */
function broadcastAll(context: RuleContext, from = 0): Shape {
  const shapes = context.inputs.slice(from).map((type) => type?.shape ?? null);
  return shapes.reduce((a: Shape, b) => broadcast(context, a, b), []);
}

/** Operands of one element type, broadcast together. */
export const arithmetic: Rule = (context) => {
  const known = context.inputs.filter((type) => type !== undefined);
  const [first] = known;
  const other = known.find((type) => type.dtype !== first?.dtype);
  if (first !== undefined && other !== undefined) {
    context.fail(`operands of types ${first.dtype} and ${other.dtype}`);
  }
  return first === undefined ? [] : [{ dtype: first.dtype, shape: broadcastAll(context) }];
};

/** As arithmetic, with a truth value per element. */
const comparison: Rule = (context) => {
  const [type] = arithmetic(context);
  return [{ dtype: 'bool', shape: type?.shape ?? null }];
};

/** The exponent may have another element type than the base. */
const pow: Rule = (context) => {
  const [base] = context.inputs;
  return base === undefined ? [] : [{ dtype: base.dtype, shape: broadcastAll(context) }];
};

const where: Rule = (context) => {
  const values = context.inputs[1] ?? context.inputs[2];
  if (context.inputs[0] !== undefined && context.inputs[0].dtype !== 'bool') {
    context.fail(`a condition of type ${context.inputs[0].dtype}`);
  }
  return values === undefined ? [] : [{ dtype: values.dtype, shape: broadcastAll(context) }];
};

const DTYPE_OF_CODE: readonly (DType | undefined)[] = [
  undefined,
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  undefined,
  undefined,
  'bfloat16',
];

/** Element type of a TensorProto.DataType, as attributes like `to` hold it. */
export function dtypeOfCode(code: number): DType | undefined {
  return DTYPE_OF_CODE[code];
}

const cast: Rule = ({ node, inputs }) => {
  const dtype = dtypeOfCode(intOf(node, 'to', 0));
  return dtype === undefined ? [] : [{ dtype, shape: inputs[0]?.shape ?? null }];
};

const castLike: Rule = ({ inputs }) =>
  inputs[1] === undefined ? [] : [{ dtype: inputs[1].dtype, shape: inputs[0]?.shape ?? null }];

/** The first input's type, and a mask of its shape. */
const dropout: Rule = ({ inputs }) => [inputs[0], inputs[0] && { dtype: 'bool', shape: inputs[0].shape }];

/** Random tensors like the first input, in another element type if asked for. */
const like: Rule = ({ node, inputs }) => {
  const [first] = inputs;
  const dtype = dtypeOfCode(intOf(node, 'dtype', 0)) ?? first?.dtype;
  return first === undefined || dtype === undefined ? [] : [{ dtype, shape: first.shape }];
};

const prelu: Rule = (context): readonly (TensorType | undefined)[] => {
  arithmetic(context);
  return [context.inputs[0]];
};

const UNARY = [
  ...[
    'Abs',
    'Acos',
    'Acosh',
    'Asin',
    'Asinh',
    'Atan',
    'Atanh',
    'Ceil',
    'Celu',
    'Clip',
    'Cos',
    'Cosh',
    'Elu',
    'Erf',
    'Exp',
  ],
  ...['Floor', 'Gelu', 'HardSigmoid', 'HardSwish', 'Identity', 'LeakyRelu', 'Log', 'Mish', 'Neg', 'Not', 'Reciprocal'],
  ...[
    'Relu',
    'Round',
    'Selu',
    'Shrink',
    'Sigmoid',
    'Sign',
    'Sin',
    'Sinh',
    'Softplus',
    'Softsign',
    'Sqrt',
    'Swish',
    'Tan',
  ],
  ...['Tanh', 'ThresholdedRelu', 'BitwiseNot', 'CumSum', 'Trilu', 'Softmax', 'LogSoftmax', 'Hardmax'],
];
const BINARY = [
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Mod',
  'Max',
  'Min',
  'Mean',
  'Sum',
  'BitwiseAnd',
  'BitwiseOr',
  'BitwiseXor',
];
const COMPARISON = ['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'And', 'Or', 'Xor'];

export const elementwise: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(UNARY.map((op) => [op, sameAsFirst])),
  ...Object.fromEntries(BINARY.map((op) => [op, arithmetic])),
  ...Object.fromEntries(COMPARISON.map((op) => [op, comparison])),
  Pow: pow,
  BitShift: arithmetic,
  PRelu: prelu,
  Where: where,
  Cast: cast,
  CastLike: castLike,
  Dropout: dropout,
  IsNaN: firstAs('bool'),
  IsInf: firstAs('bool'),
  RandomNormalLike: like,
  RandomUniformLike: like,
  Bernoulli: like,
  EyeLike: like,
};
