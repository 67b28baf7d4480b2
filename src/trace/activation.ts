// Activations inside TensorFlow.js's fused kernels.
import { float } from '../graph/attributes.ts';
import { GradcamError } from '../lib/errors.ts';
import { elementwise } from './elementwise.ts';
import type { Recorder } from './recorder.ts';
import { filled, type Value } from './value.ts';

export interface FusedAttributes {
  readonly activation: string;
  /** Absent where the activation is none that leaks. */
  readonly leakyreluAlpha?: number;
}

/** y with the fused activation applied. Throws a GradcamError for an unknown one. */
export function fused(
  recorder: Recorder,
  y: Value,
  { activation, leakyreluAlpha }: FusedAttributes,
  slope?: Value,
): Value {
  switch (activation) {
    case 'linear':
      return y;
    case 'relu':
      return elementwise(recorder, 'Relu', [y]);
    case 'relu6':
      return elementwise(recorder, 'Clip', [y, filled(0, [], 'float32'), filled(6, [], 'float32')]);
    case 'elu':
      return elementwise(recorder, 'Elu', [y]);
    case 'sigmoid':
      return elementwise(recorder, 'Sigmoid', [y]);
    case 'leakyrelu':
      return elementwise(recorder, 'LeakyRelu', [y], 'float32', { alpha: float(leakyreluAlpha ?? 0.2) });
    case 'prelu':
      if (slope !== undefined) return elementwise(recorder, 'PRelu', [y, slope]);
  }
  throw new GradcamError({
    code: 'fused-activation',
    what: `The fused activation '${activation}' cannot be recorded.`,
    expected: 'linear, relu, relu6, elu, sigmoid, leakyrelu or prelu with its slope',
    exitCode: 2,
  });
}
