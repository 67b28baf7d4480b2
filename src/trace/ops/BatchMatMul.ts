// Matrix products of any rank, plain and fused with bias and activation.
import { int } from '../../graph/attributes.ts';
import { tf } from '../../tf/tfjs.ts';
import { fused } from '../activation.ts';
import { elementwise } from '../elementwise.ts';
import { identity, isIdentity } from '../layout.ts';
import { lowering, type OpCase, type OpLowering } from '../op.ts';
import type { Recorder } from '../recorder.ts';
import { broadcastShape } from '../shapes.ts';
import type { Value } from '../value.ts';

/** a [..., m, k] times b [..., k, n], each as it is or with its last two axes exchanged. */
function product(recorder: Recorder, a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value {
  const left = transposeA ? exchanged(recorder, a) : a;
  const right = transposeB ? exchanged(recorder, b) : b;
  const batch = broadcastShape([left.shape.slice(0, -2), right.shape.slice(0, -2)]);
  const shape = [...batch, left.shape.at(-2)!, right.shape.at(-1)!];
  const made = { shape, dtype: 'float32' } as const;
  // Gemm reads transposed matrices as they lie, be they as large as the first layer of VGG's head.
  const [turnA, turnB] = [liesTurned(left), liesTurned(right)];
  if (batch.length > 0 || (!turnA && !turnB)) {
    return recorder.make('MatMul', [recorder.at(left), recorder.at(right)], made);
  }
  const names = [recorder.at(left, turnA ? [1, 0] : [0, 1]), recorder.at(right, turnB ? [1, 0] : [0, 1])];
  return recorder.make('Gemm', names, made, { transA: int(turnA ? 1 : 0), transB: int(turnB ? 1 : 0) });
}

function exchanged(recorder: Recorder, value: Value): Value {
  const axes = identity(value.shape.length);
  return recorder.transposed(value, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
}

function liesTurned(value: Value): boolean {
  return !isIdentity(value.order);
}

function casesOf(title: string, a: readonly number[], b: readonly number[], gradient?: readonly number[]): OpCase[] {
  const flipped = (shape: readonly number[]): number[] => [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];
  const cases: OpCase[] = [
    { title, inputs: [{ shape: a }, { shape: b }], compute: (x, y) => tf.matMul(x, y) },
    {
      title: `${title}, first transposed`,
      inputs: [{ shape: flipped(a) }, { shape: b }],
      compute: (x, y) => tf.matMul(x, y, true),
    },
    {
      title: `${title}, second transposed and constant`,
      inputs: [{ shape: a }, { shape: flipped(b), constant: true }],
      compute: (x, y) => tf.matMul(x, y, false, true),
    },
    {
      title: `${title}, both transposed`,
      inputs: [{ shape: flipped(a) }, { shape: flipped(b) }],
      compute: (x, y) => tf.matMul(x, y, true, true),
    },
  ];
  return gradient === undefined ? cases : cases.map((entry) => ({ ...entry, gradient }));
}

export const batchMatMul: readonly OpLowering[] = [
  lowering<'a' | 'b', tf.BatchMatMulAttrs>('BatchMatMul', {
    lower: (recorder, { a, b }, { transposeA, transposeB }) => product(recorder, a, b, transposeA, transposeB),
    cases: [
      ...casesOf('matrices', [2, 3], [3, 4]),
      ...casesOf('stacks', [2, 5, 2, 3], [2, 5, 3, 4]),
      ...casesOf('a stack and one matrix', [4, 2, 3], [1, 3, 4], [0]),
    ],
  }),
  lowering<'a' | 'b' | 'bias' | 'preluActivationWeights', tf._FusedMatMulAttrs>('_FusedMatMul', {
    lower: (recorder, { a, b, bias, preluActivationWeights }, attributes) => {
      const y = product(recorder, a, b, attributes.transposeA, attributes.transposeB);
      const biased = bias === undefined ? y : elementwise(recorder, 'Add', [y, bias]);
      return fused(recorder, biased, attributes, preluActivationWeights);
    },
    cases: (['linear', 'relu', 'sigmoid'] as const).map((activation) => ({
      title: activation,
      inputs: [{ shape: [2, 3] }, { shape: [3, 4], constant: true as const }, { shape: [4], constant: true as const }],
      compute: (a, b, bias) => tf.fused.matMul({ a: a, b: b, bias: bias, activation }),
      gradient: false,
    })),
  }),
];
