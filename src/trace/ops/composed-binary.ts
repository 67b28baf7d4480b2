// Kernels of two inputs that take several ONNX nodes.
import { tf } from '../../tf/tfjs.ts';
import { elementwise } from '../elementwise.ts';
import { lowering, type CaseInput, type OpLowering } from '../op.ts';
import type { Recorder } from '../recorder.ts';
import { filled, type Value } from '../value.ts';

const signed: CaseInput = { shape: [2, 3, 2], range: [-5, 5] };
const divisor: CaseInput = { shape: [2], values: [1.5, -2] };
const whole: CaseInput = { shape: [2, 3], dtype: 'int32', range: [-9, 9] };

function floorDivided(recorder: Recorder, a: Value, b: Value): Value {
  const float = (value: Value): Value => recorder.cast(value, 'float32');
  return elementwise(recorder, 'Floor', [elementwise(recorder, 'Div', [float(a), float(b)])]);
}

export const composedBinary: readonly OpLowering[] = [
  lowering<'a' | 'b'>('NotEqual', {
    constants: 'fold-stored',
    lower: (recorder, { a, b }) => elementwise(recorder, 'Not', [elementwise(recorder, 'Equal', [a, b], 'bool')]),
    cases: [
      {
        title: 'integers',
        inputs: [whole, { ...whole, range: [-1, 1] }],
        compute: (a, b) => tf.notEqual(a, b),
        gradient: false,
      },
    ],
  }),
  lowering<'a' | 'b'>('SquaredDifference', {
    constants: 'fold-stored',
    lower: (recorder, { a, b }) => {
      const difference = elementwise(recorder, 'Sub', [a, b]);
      return elementwise(recorder, 'Mul', [difference, difference]);
    },
    cases: [
      {
        title: 'broadcast',
        inputs: [signed, { shape: [3, 1] }],
        compute: (a, b) => tf.squaredDifference(a, b),
        gradient: [0],
      },
    ],
  }),
  lowering<'a' | 'b'>('FloorDiv', {
    constants: 'fold-stored',
    lower: (recorder, { a, b }) => recorder.cast(floorDivided(recorder, a, b), 'int32'),
    cases: [
      { title: 'floats', inputs: [signed, divisor], compute: (a, b) => tf.floorDiv(a, b), gradient: false },
      {
        title: 'integers',
        inputs: [whole, { shape: [3], dtype: 'int32', values: [2, -3, 4] }],
        compute: (a, b) => tf.floorDiv(a, b),
      },
    ],
  }),
  // The remainder has the divisor's sign, as ONNX's Mod has for integers only.
  lowering<'a' | 'b'>('Mod', {
    constants: 'fold-stored',
    lower: (recorder, { a, b }) => {
      if (a.dtype === 'int32') return elementwise(recorder, 'Mod', [a, b]);
      return elementwise(recorder, 'Sub', [a, elementwise(recorder, 'Mul', [floorDivided(recorder, a, b), b])]);
    },
    cases: [
      { title: 'floats', inputs: [signed, divisor], compute: (a, b) => tf.mod(a, b) },
      {
        title: 'integers',
        inputs: [whole, { shape: [3], dtype: 'int32', values: [2, -3, 4] }],
        compute: (a, b) => tf.mod(a, b),
      },
    ],
  }),
  // The arc tangent knows the angle up to a half turn; the signs say which it is.
  lowering<'a' | 'b'>('Atan2', {
    constants: 'fold-stored',
    lower: (recorder, { a, b }) => {
      const zero = filled(0, [], 'float32');
      const node = (op: string, ...values: Value[]): Value => elementwise(recorder, op, values, 'float32');
      const compare = (op: string, value: Value): Value => elementwise(recorder, op, [value, zero], 'bool');
      const angle = node('Atan', node('Div', a, b));
      const turn = node('Where', compare('Less', a), filled(-Math.PI, [], 'float32'), filled(Math.PI, [], 'float32'));
      return node('Add', angle, node('Where', compare('Less', b), turn, zero));
    },
    cases: [{ title: 'all quadrants', inputs: [signed, signed], compute: (a, b) => tf.atan2(a, b) }],
  }),
  lowering<'x' | 'alpha'>('Prelu', {
    constants: 'fold-stored',
    lower: (recorder, { x, alpha }) => elementwise(recorder, 'PRelu', [x, alpha]),
    cases: [
      {
        title: 'a slope per channel',
        inputs: [{ shape: [2, 2, 2, 3] }, { shape: [3], range: [0.1, 0.5] }],
        compute: (x, alpha) => tf.prelu(x, alpha),
        nodes: ['PRelu'],
      },
    ],
  }),
  lowering<'dy' | 'y'>('EluGrad', {
    constants: 'fold-stored',
    lower: (recorder, { dy, y }) => {
      const one = filled(1, [], 'float32');
      // elu'(x) is exp(x) = y + 1 below zero.
      const slope = elementwise(recorder, 'Min', [elementwise(recorder, 'Add', [y, one]), one]);
      return elementwise(recorder, 'Mul', [dy, slope]);
    },
    cases: [
      {
        title: 'both signs',
        inputs: [signed],
        compute: (x) => tf.grad((a: tf.Tensor) => tf.sum(tf.square(tf.elu(a))))(x),
        gradient: false,
      },
    ],
  }),
];
