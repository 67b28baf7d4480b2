// Kernels called by name on values, and numbers as values.
import { GradcamError } from '../../lib/errors.ts';
import { applied } from '../apply.ts';
import { recorderNow } from '../current.ts';
import type { Inputs } from '../op.ts';
import { elementsOf, filled, type Value, type ValueType } from '../value.ts';
import type { Elements } from '../elements.ts';
import { identity, type Permutation } from '../layout.ts';

/** A value or a number; a number is a float32. */
export type Operand = Value | number;

/** The first result of a kernel. `attributes` have TensorFlow.js's names. */
export function kernel(name: string, inputs: Inputs, attributes: object = {}): Value {
  const results = applied({ kernel: name, inputs, attributes: { ...attributes } });
  return Array.isArray(results) ? results[0]! : results;
}

/** Every result of a kernel that has several. */
export function kernels(name: string, inputs: Inputs, attributes: object = {}): Value[] {
  return [applied({ kernel: name, inputs, attributes: { ...attributes } })].flat();
}

/** The result of a kernel that takes any number of values. */
export function kernelOfMany(name: string, values: readonly Value[], attributes: object = {}): Value {
  const inputs = Object.fromEntries(values.map((value, index) => [String(index), value]));
  const results = applied({ kernel: name, inputs, variadic: true, attributes: { ...attributes } });
  return Array.isArray(results) ? results[0]! : results;
}

export function valueOf(operand: Operand): Value {
  return typeof operand === 'number' ? filled(operand, [], 'float32') : operand;
}

/**
 * A constant. The elements are not copied where they are of the type, and must not change. `order`: physical place k holds
 * logical axis order[k]; default: logical order.
 */
export function constant(
  elements: Elements | readonly number[],
  shape: readonly number[],
  dtype: ValueType = 'float32',
  order: Permutation = identity(shape.length),
): Value {
  return { kind: 'constant', elements: elementsOf(dtype, elements), dtype, shape, extents: shape, order };
}

const WIDTH: Readonly<Record<ValueType, number>> = { bool: 0, int32: 1, float32: 2 };

export function cast(x: Value, dtype: ValueType): Value {
  return x.dtype === dtype ? x : kernel('Cast', { x }, { dtype });
}

/** Both in the wider of their types. */
export function matched(first: Operand, second: Operand): { a: Value; b: Value } {
  const [a, b] = [valueOf(first), valueOf(second)];
  if (a.dtype === b.dtype) return { a, b };
  const dtype = WIDTH[a.dtype] > WIDTH[b.dtype] ? a.dtype : b.dtype;
  return { a: cast(a, dtype), b: cast(b, dtype) };
}

/** The numbers of a constant, in logical order. Throws GradcamError `trace-read` for what is only known when the graph runs. */
export function knownNumbers(value: Value): number[] {
  if (value.kind === 'constant') return Array.from(recorderNow().elements(value));
  throw new GradcamError({
    code: 'trace-read',
    what: `What to compute depends on a value that is only known when the graph runs ('${value.name}').`,
    expected: 'operations whose control flow does not depend on data',
  });
}
