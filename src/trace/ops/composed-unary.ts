// Kernels of one input that take several ONNX nodes, or constants as further inputs.
import { float } from '../../graph/attributes.ts';
import { tf } from '../../tf/tfjs.ts';
import { elementwise } from '../elementwise.ts';
import { lowering, type CaseInput, type OpLowering } from '../op.ts';
import type { Recorder } from '../recorder.ts';
import { filled, type Value } from '../value.ts';

/** One node of x and numbers. */
function withNumbers(recorder: Recorder, op: string, x: Value, ...numbers: number[]): Value {
  return elementwise(recorder, op, [x, ...numbers.map((number) => filled(number, [], x.dtype))]);
}

/** The values of x held between two numbers. */
function clip(recorder: Recorder, x: Value, low: number, high: number): Value {
  return withNumbers(recorder, 'Clip', x, low, high);
}

const image: CaseInput = { shape: [2, 3, 2, 2], range: [-8, 8] };

/** log(1 + x) loses x's digits near zero; scaled by x / ((1 + x) - 1) it has them back. */
function log1p(recorder: Recorder, x: Value): Value {
  const one = filled(1, [], 'float32');
  const sum = elementwise(recorder, 'Add', [x, one]);
  const rounded = elementwise(recorder, 'Sub', [sum, one]);
  const scaled = elementwise(recorder, 'Mul', [
    elementwise(recorder, 'Log', [sum]),
    elementwise(recorder, 'Div', [x, rounded]),
  ]);
  const tiny = elementwise(recorder, 'Equal', [rounded, filled(0, [], 'float32')], 'bool');
  return elementwise(recorder, 'Where', [tiny, x, scaled], 'float32');
}

/** exp(x) - 1 as 2 t / (1 - t), t = tanh(x / 2), which keeps the digits of small x; plainly where x is not small. */
function expm1(recorder: Recorder, x: Value): Value {
  const [half, one] = [filled(0.5, [], 'float32'), filled(1, [], 'float32')];
  const t = elementwise(recorder, 'Tanh', [elementwise(recorder, 'Mul', [x, half])]);
  const near = elementwise(recorder, 'Div', [
    elementwise(recorder, 'Add', [t, t]),
    elementwise(recorder, 'Sub', [one, t]),
  ]);
  const far = elementwise(recorder, 'Sub', [elementwise(recorder, 'Exp', [x]), one]);
  const small = elementwise(recorder, 'Less', [elementwise(recorder, 'Abs', [x]), one], 'bool');
  return elementwise(recorder, 'Where', [small, near, far], 'float32');
}

/**
 * 1 where x > 0, else alpha. Zero below is a hard sigmoid so steep that no normal number lies on its slope: one node, where
 * comparing and casting takes two. Of a rectified x the rectified value will do, so that the one before need not be kept
 * and the runtime can still fuse the rectifier into a convolution.
 */
function step(recorder: Recorder, x: Value, alpha: number): Value {
  if (alpha === 0 && x.dtype === 'float32') {
    const rectified = x.kind === 'recorded' ? recorder.recordedOutput('Relu', [x.name]) : undefined;
    const of = rectified === undefined || x.kind === 'constant' ? x : { ...x, name: rectified };
    return elementwise(recorder, 'HardSigmoid', [of], 'float32', { alpha: float(STEEP), beta: float(0) });
  }
  const positive = elementwise(recorder, 'Greater', [x, filled(0, [], x.dtype)], 'bool');
  return elementwise(recorder, 'Where', [positive, filled(1, [], x.dtype), filled(alpha, [], x.dtype)], x.dtype);
}

/** Takes the least normal float32, 1.2e-38, above 1. */
const STEEP = 1e38;

export const composedUnary: readonly OpLowering[] = [
  lowering<'x', tf.ClipByValueAttrs>('ClipByValue', {
    constants: 'fold-stored',
    lower: (recorder, { x }, { clipValueMin, clipValueMax }) => clip(recorder, x, clipValueMin, clipValueMax),
    cases: [
      { title: 'both sides', inputs: [image], compute: (x) => tf.clipByValue(x, -3, 4), nodes: ['Clip'] },
      { title: 'one cell', inputs: [{ ...image, shape: [2, 3, 1, 1] }], compute: (x) => tf.clipByValue(x, -3, 4) },
    ],
  }),
  lowering<'x'>('Relu6', {
    constants: 'fold-stored',
    lower: (recorder, { x }) => clip(recorder, x, 0, 6),
    cases: [{ title: 'both sides', inputs: [image], compute: (x) => tf.relu6(x), nodes: ['Clip'] }],
  }),
  lowering<'x', tf.LeakyReluAttrs>('LeakyRelu', {
    constants: 'fold-stored',
    lower: (recorder, { x }, { alpha }) => elementwise(recorder, 'LeakyRelu', [x], x.dtype, { alpha: float(alpha) }),
    cases: [{ title: 'slope 0.3', inputs: [image], compute: (x) => tf.leakyRelu(x, 0.3), nodes: ['LeakyRelu'] }],
  }),
  lowering<'x'>('Rsqrt', {
    constants: 'fold-stored',
    lower: (recorder, { x }) => elementwise(recorder, 'Reciprocal', [elementwise(recorder, 'Sqrt', [x])]),
    cases: [{ title: 'positive', inputs: [{ shape: [2, 3], range: [0.1, 2] }], compute: (x) => tf.rsqrt(x) }],
  }),
  lowering<'x'>('Square', {
    constants: 'fold-stored',
    lower: (recorder, { x }) => elementwise(recorder, 'Mul', [x, x]),
    cases: [{ title: 'both signs', inputs: [image], compute: (x) => tf.square(x), nodes: ['Mul'] }],
  }),
  lowering<'x', tf.StepAttrs>('Step', {
    constants: 'fold-stored',
    lower: (recorder, { x }, { alpha }) => step(recorder, x, alpha),
    cases: [
      { title: 'zero below', inputs: [image], compute: (x) => tf.step(x), gradient: false },
      { title: 'alpha below', inputs: [image], compute: (x) => tf.step(x, 0.5), gradient: false },
      {
        title: 'after a rectifier: its gradient in two nodes',
        inputs: [image],
        compute: (x) => tf.grad((a: tf.Tensor) => tf.sum(tf.square(tf.relu(a))))(x),
        gradient: false,
        nodes: ['Relu', 'Mul', 'HardSigmoid', 'Mul'],
      },
    ],
  }),
  lowering<'x'>('Log1p', {
    constants: 'fold-stored',
    lower: (recorder, { x }) => log1p(recorder, x),
    cases: [
      { title: 'from -0.5', inputs: [{ shape: [2, 5], range: [-0.5, 4] }], compute: (x) => tf.log1p(x) },
      { title: 'tiny', inputs: [{ shape: [3], values: [1e-9, -3e-8, 2e-5] }], compute: (x) => tf.log1p(x) },
    ],
  }),
  lowering<'x'>('Expm1', {
    constants: 'fold-stored',
    lower: (recorder, { x }) => expm1(recorder, x),
    cases: [
      { title: 'both signs', inputs: [image], compute: (x) => tf.expm1(x) },
      { title: 'tiny', inputs: [{ shape: [3], values: [1e-9, -3e-8, 2e-5] }], compute: (x) => tf.expm1(x) },
    ],
  }),
  lowering<'x'>('IsFinite', {
    constants: 'fold-stored',
    lower: (recorder, { x }) => {
      const bad = [elementwise(recorder, 'IsInf', [x], 'bool'), elementwise(recorder, 'IsNaN', [x], 'bool')];
      return elementwise(recorder, 'Not', [elementwise(recorder, 'Or', bad, 'bool')]);
    },
    cases: [
      {
        title: 'all kinds',
        inputs: [{ shape: [4], values: [1, Infinity, -Infinity, NaN] }],
        compute: (x) => tf.isFinite(x),
        gradient: false,
      },
    ],
  }),
];
