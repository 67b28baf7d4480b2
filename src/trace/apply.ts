// A kernel on traced values: its nodes are recorded, or its result computed where every input is known.
import { GradcamError } from '../lib/errors.ts';
import { recorderNow } from './current.ts';
import { folded, knownInputs, type KernelCall } from './fold.ts';
import { lowerings } from './lowering.ts';
import type { Value } from './value.ts';

/** Throws GradcamError for a kernel that cannot be recorded, and for shapes that no array has. */
export function applied(call: KernelCall): Value | Value[] {
  const { kernel, inputs, attributes } = call;
  const recorder = recorderNow();
  const lowering = lowerings.get(kernel);
  const treatment = lowering?.constants ?? 'fold';
  const known = treatment === 'lower' ? null : knownInputs(kernel, inputs);
  if (known === null && lowering === undefined) throw notLowered(call);
  const outputs =
    known === null
      ? lowering!.lower(recorder, inputs, attributes)
      : folded(recorder, call, known, treatment === 'fold-stored');
  if (!Array.isArray(outputs)) requireShape(kernel, outputs.shape);
  else for (const { shape } of outputs) requireShape(kernel, shape);
  return outputs;
}

/** Attributes of a damaged model, a stride of 0 say, end in sizes that are no numbers. */
function requireShape(kernel: string, shape: readonly number[]): void {
  if (shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0)) return;
  throw new GradcamError({
    code: 'trace-shape',
    what: `The TensorFlow.js kernel ${kernel} gives a shape that no array has.`,
    expected: 'whole numbers',
    found: `[${shape.join(', ')}]`,
    hint: 'Look at the attributes of this operation in the model: strides, sizes, pads.',
  });
}

function notLowered({ kernel, inputs, attributes }: KernelCall): GradcamError {
  const shapes = Object.entries(inputs).map(([name, value]) => `${name} ${value.dtype} [${value.shape.join(', ')}]`);
  return new GradcamError({
    code: 'kernel-not-lowered',
    what: `The TensorFlow.js kernel ${kernel} cannot be recorded yet.`,
    expected: `a lowering in src/trace/ops/${kernel}.ts, listed in src/trace/lowering.ts`,
    found: `${shapes.join(', ') || 'no inputs'}; attributes ${JSON.stringify(attributes)}`,
    hint: 'Use an eager engine (--engine tfjs), and report the model.',
    exitCode: 2,
  });
}
