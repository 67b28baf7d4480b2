// Kernels of two inputs that broadcast and that ONNX has, too.
import { tf } from '../../tf/tfjs.ts';
import { simplified } from '../algebra.ts';
import { elementwise } from '../elementwise.ts';
import { lowering, type CaseInput, type OpCase, type OpLowering } from '../op.ts';
import type { ValueType } from '../value.ts';

interface Binary {
  readonly op: string;
  /** The operation of TensorFlow.js that reaches the kernel. */
  readonly compute: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
  readonly result?: 'bool';
  /** Type of the cases' inputs; default float32. */
  readonly dtype?: ValueType;
  /** TensorFlow.js differentiates it only between equal shapes. */
  readonly equalShapesOnly?: true;
  readonly rangeA?: readonly [number, number];
  readonly rangeB?: readonly [number, number];
}

const kernels: Readonly<Record<string, Binary>> = {
  Add: { op: 'Add', compute: tf.add },
  Sub: { op: 'Sub', compute: tf.sub },
  Multiply: { op: 'Mul', compute: tf.mul },
  RealDiv: { op: 'Div', compute: tf.div, rangeB: [0.5, 2] },
  Maximum: { op: 'Max', compute: tf.maximum, equalShapesOnly: true },
  Minimum: { op: 'Min', compute: tf.minimum, equalShapesOnly: true },
  Pow: { op: 'Pow', compute: tf.pow, rangeA: [0.2, 2] },
  Equal: { op: 'Equal', compute: tf.equal, result: 'bool', dtype: 'int32' },
  Greater: { op: 'Greater', compute: tf.greater, result: 'bool' },
  GreaterEqual: { op: 'GreaterOrEqual', compute: tf.greaterEqual, result: 'bool', dtype: 'int32' },
  Less: { op: 'Less', compute: tf.less, result: 'bool' },
  LessEqual: { op: 'LessOrEqual', compute: tf.lessEqual, result: 'bool', dtype: 'int32' },
  LogicalAnd: { op: 'And', compute: tf.logicalAnd, result: 'bool', dtype: 'bool' },
  LogicalOr: { op: 'Or', compute: tf.logicalOr, result: 'bool', dtype: 'bool' },
};

function casesOf({ op, compute, result, dtype, equalShapesOnly, rangeA, rangeB }: Binary): OpCase[] {
  const of = (shape: readonly number[], range: readonly [number, number] = [-2, 2]): CaseInput => ({
    shape,
    range,
    ...(dtype === undefined ? {} : { dtype }),
  });
  const shapes: readonly (readonly [string, readonly number[], readonly number[]])[] = [
    ['same shape', [2, 3, 2, 2], [2, 3, 2, 2]],
    ['per channel', [2, 2, 2, 3], [3]],
    ['both broadcast', [3, 1, 2], [2, 1]],
    ['with a scalar', [2, 3], []],
  ];
  return shapes.map(([title, a, b]) => ({
    title,
    inputs: [of(a, rangeA), of(b, rangeB)],
    compute: (x, y) => compute(x, y),
    nodes: [op],
    ...(result === 'bool' || (equalShapesOnly && title !== 'same shape') ? { gradient: false as const } : {}),
  }));
}

const image: CaseInput = { shape: [1, 2, 3, 4], range: [-4, 4] };

/** Cases of what is recorded otherwise than node by node. */
const algebra: Readonly<Record<string, readonly OpCase[]>> = {
  Add: [
    {
      title: 'the gradient of swish in four passes',
      inputs: [image, image],
      compute: (x, dy) => tf.grad((a: tf.Tensor) => tf.sum(tf.mul(tf.mul(a, tf.sigmoid(a)), dy)))(x),
      gradient: false,
      nodes: ['Sigmoid', 'Mul', 'HardSigmoid', 'Mul', 'Add', 'Mul'],
    },
  ],
  Sub: [
    {
      title: 'one minus a sigmoid',
      inputs: [image],
      compute: (x) => tf.sub(1, tf.sigmoid(x)),
      nodes: ['Sigmoid', 'HardSigmoid'],
    },
    {
      title: 'one minus anything else',
      inputs: [image],
      compute: (x) => tf.sub(1, tf.tanh(x)),
      nodes: ['Tanh', 'Sub'],
    },
  ],
  RealDiv: [
    { title: 'by a known number', inputs: [image], compute: (x) => tf.div(x, 3), nodes: ['Mul'] },
    { title: 'by a number without a reciprocal', inputs: [image], compute: (x) => tf.div(x, 1e-40), nodes: ['Div'], gradient: false }, // prettier-ignore
    {
      title: 'by known numbers',
      inputs: [image, { shape: [4], range: [1, 2], constant: true }],
      compute: (x, c) => tf.div(x, c),
      nodes: ['Div'],
    },
  ],
  Multiply: [
    {
      title: 'two constant scales are one',
      inputs: [image, { shape: [4], constant: true }, { shape: [3, 1], constant: true }],
      compute: (x, c, d) => tf.mul(tf.mul(c, x), d),
      nodes: ['Mul'],
    },
  ],
};

export const binary: readonly OpLowering[] = Object.entries(kernels).map(([kernel, description]) =>
  lowering<'a' | 'b'>(kernel, {
    constants: 'fold-stored',
    lower: (recorder, { a, b }) =>
      simplified(recorder, kernel, a, b) ??
      elementwise(recorder, description.op, [a, b], description.result ?? a.dtype),
    cases: [...casesOf(description), ...(algebra[kernel] ?? [])],
  }),
);
