// TensorFlow's operators that treat every element alike.
import * as ops from '../../../trace/forward.ts';
import { numberOf, textOf, typeOf } from '../node.ts';
import { binary, inputAt, numberAt, unary, type Operator } from '../operator.ts';

const add = binary(ops.add);

/** The bias goes to the channels, wherever they are. */
const biasAdd: Operator = (inputs, node) => {
  const [x, bias] = [inputAt(inputs, 0), inputAt(inputs, 1)];
  if (textOf(node, 'data_format', 'NHWC') !== 'NCHW' || x.shape.length < 3) return ops.add(x, bias);
  const shape = [...bias.shape, ...new Array<number>(x.shape.length - 2).fill(1)];
  return ops.add(x, ops.reshape(bias, shape));
};

const select: Operator = (inputs) => ops.where(inputAt(inputs, 0), inputAt(inputs, 1), inputAt(inputs, 2));

export const elementwiseOperators: Readonly<Record<string, Operator>> = {
  Abs: unary(ops.abs),
  Acos: unary(ops.acos),
  Acosh: unary(ops.acosh),
  Add: add,
  AddN: (inputs) => ops.addN([inputAt(inputs, 0), ...inputs.slice(1)]),
  AddV2: add,
  Asin: unary(ops.asin),
  Asinh: unary(ops.asinh),
  Atan: unary(ops.atan),
  Atan2: binary(ops.atan2),
  Atanh: unary(ops.atanh),
  BiasAdd: biasAdd,
  Cast: (inputs, node) => ops.cast(inputAt(inputs, 0), typeOf(node, 'DstT')),
  Ceil: unary(ops.ceil),
  ClipByValue: (inputs) => ops.clipByValue(inputAt(inputs, 0), numberAt(inputs, 1), numberAt(inputs, 2)),
  Cos: unary(ops.cos),
  Cosh: unary(ops.cosh),
  Div: binary(ops.div),
  DivNoNan: binary(ops.divNoNan),
  Elu: unary(ops.elu),
  Equal: binary(ops.equal),
  Erf: unary(ops.erf),
  Exp: unary(ops.exp),
  Expm1: unary(ops.expm1),
  Floor: unary(ops.floor),
  FloorDiv: binary(ops.floorDiv),
  FloorMod: binary(ops.mod),
  Greater: binary(ops.greater),
  GreaterEqual: binary(ops.greaterEqual),
  IsFinite: unary(ops.isFinite),
  IsInf: unary(ops.isInf),
  IsNan: unary(ops.isNaN),
  LeakyRelu: (inputs, node) => ops.leakyRelu(inputAt(inputs, 0), numberOf(node, 'alpha', 0.2)),
  Less: binary(ops.less),
  LessEqual: binary(ops.lessEqual),
  Log: unary(ops.log),
  Log1p: unary(ops.log1p),
  LogicalAnd: binary(ops.logicalAnd),
  LogicalNot: unary(ops.logicalNot),
  LogicalOr: binary(ops.logicalOr),
  Maximum: binary(ops.maximum),
  Minimum: binary(ops.minimum),
  Mod: binary(ops.mod),
  Mul: binary(ops.mul),
  Neg: unary(ops.neg),
  NotEqual: binary(ops.notEqual),
  Pow: binary(ops.pow),
  Prelu: binary(ops.prelu),
  RealDiv: binary(ops.div),
  Reciprocal: unary(ops.reciprocal),
  Relu: unary(ops.relu),
  Relu6: unary(ops.relu6),
  Round: unary(ops.round),
  Rsqrt: unary(ops.rsqrt),
  Select: select,
  SelectV2: select,
  Selu: unary(ops.selu),
  Sigmoid: unary(ops.sigmoid),
  Sign: unary(ops.sign),
  Sin: unary(ops.sin),
  Sinh: unary(ops.sinh),
  Softplus: unary(ops.softplus),
  Sqrt: unary(ops.sqrt),
  Square: unary(ops.square),
  SquaredDifference: binary(ops.squaredDifference),
  Sub: binary(ops.sub),
  Tan: unary(ops.tan),
  Tanh: unary(ops.tanh),
};

/** What is computed at inference as if the node were not there. */
const passing: Operator = (inputs) => inputAt(inputs, 0);

export const passingOperators: Readonly<Record<string, Operator>> = {
  CheckNumerics: passing,
  EnsureShape: passing,
  FakeQuantWithMinMaxVars: passing,
  Identity: passing,
  IdentityN: (inputs) => inputs,
  PlaceholderWithDefault: passing,
  PreventGradient: passing,
  Print: passing,
  Snapshot: passing,
  StopGradient: passing,
};
