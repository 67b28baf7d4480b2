// Kernels of one input that ONNX has under another name, or the same, with the same meaning.
import { float } from '../../graph/attributes.ts';
import { tf } from '../../tf/tfjs.ts';
import { elementwise } from '../elementwise.ts';
import { lowering, type CaseInput, type OpLowering } from '../op.ts';
import type { Attributes } from '../recorder.ts';
import type { ValueType } from '../value.ts';

interface Unary {
  readonly op: string;
  /** The operation of TensorFlow.js that reaches the kernel. */
  readonly compute: (x: tf.Tensor) => tf.Tensor;
  readonly range?: readonly [number, number];
  readonly input?: CaseInput;
  readonly attributes?: Attributes;
  readonly result?: ValueType;
  readonly tolerance?: number;
}

const kernels: Readonly<Record<string, Unary>> = {
  Abs: { op: 'Abs', compute: tf.abs },
  Acos: { op: 'Acos', compute: tf.acos, range: [-0.9, 0.9] },
  Acosh: { op: 'Acosh', compute: tf.acosh, range: [1.1, 3] },
  Asin: { op: 'Asin', compute: tf.asin, range: [-0.9, 0.9] },
  Asinh: { op: 'Asinh', compute: tf.asinh },
  Atan: { op: 'Atan', compute: tf.atan },
  Atanh: { op: 'Atanh', compute: tf.atanh, range: [-0.9, 0.9] },
  Ceil: { op: 'Ceil', compute: tf.ceil, range: [-3, 3] },
  Cos: { op: 'Cos', compute: tf.cos },
  Cosh: { op: 'Cosh', compute: tf.cosh },
  Elu: { op: 'Elu', compute: tf.elu },
  // TensorFlow.js approximates by a polynomial of error 1.5e-7, ONNX Runtime by another.
  Erf: { op: 'Erf', compute: tf.erf, range: [-3, 3] },
  Exp: { op: 'Exp', compute: tf.exp },
  Floor: { op: 'Floor', compute: tf.floor, range: [-3, 3] },
  IsInf: {
    op: 'IsInf',
    compute: tf.isInf,
    result: 'bool',
    input: { shape: [4], values: [1, Infinity, -Infinity, NaN] },
  },
  IsNan: { op: 'IsNaN', compute: tf.isNaN, result: 'bool', input: { shape: [4], values: [1, Infinity, NaN, 0] } },
  Log: { op: 'Log', compute: tf.log, range: [0.1, 3] },
  LogicalNot: { op: 'Not', compute: tf.logicalNot, input: { shape: [2, 3], dtype: 'bool' } },
  Neg: { op: 'Neg', compute: tf.neg },
  Reciprocal: { op: 'Reciprocal', compute: tf.reciprocal, range: [0.2, 2] },
  Relu: { op: 'Relu', compute: tf.relu },
  Round: { op: 'Round', compute: tf.round, range: [-3, 3] },
  Selu: {
    op: 'Selu',
    compute: tf.selu,
    attributes: { alpha: float(1.6732632423543772), gamma: float(1.0507009873554805) },
  },
  Sigmoid: { op: 'Sigmoid', compute: tf.sigmoid, range: [-6, 6] },
  Sign: { op: 'Sign', compute: tf.sign },
  Sin: { op: 'Sin', compute: tf.sin },
  Sinh: { op: 'Sinh', compute: tf.sinh },
  Softplus: { op: 'Softplus', compute: tf.softplus, range: [-6, 6] },
  Sqrt: { op: 'Sqrt', compute: tf.sqrt, range: [0.1, 3] },
  Tan: { op: 'Tan', compute: tf.tan },
  Tanh: { op: 'Tanh', compute: tf.tanh, range: [-3, 3] },
};

export const unary: readonly OpLowering[] = Object.entries(kernels).map(
  ([kernel, { op, compute, range, input, attributes, result, tolerance }]) =>
    lowering<'x'>(kernel, {
      constants: 'fold-stored',
      lower: (recorder, inputs) => {
        const [x] = Object.values(inputs);
        return elementwise(recorder, op, [x!], result ?? x!.dtype, attributes);
      },
      cases: [
        {
          title: op,
          inputs: [input ?? { shape: [2, 3, 2, 2], ...(range === undefined ? {} : { range }) }],
          compute,
          ...(result === 'bool' ? { gradient: false } : {}),
          ...(tolerance === undefined ? {} : { tolerance }),
        },
      ],
    }),
);
