// Kernels whose inputs are all constants: computed at once by the `cpu` backend's own kernel.
import { sizeOf } from '../graph/tensor.ts';
import { GradcamError } from '../lib/errors.ts';
import { tf } from '../tf/tfjs.ts';
import type { Elements } from './elements.ts';
import { sameNumbers } from './layout.ts';
import type { Inputs } from './op.ts';
import type { Recorder } from './recorder.ts';
import { broadcastShape } from './shapes.ts';
import { constantValue, elementsOf, type ConstantValue, type Value, type ValueType } from './value.ts';

/** A kernel as TensorFlow.js calls it. */
export interface KernelCall {
  readonly kernel: string;
  readonly inputs: Inputs;
  /** Whether the kernel takes any number of inputs. */
  readonly variadic?: boolean;
  readonly attributes: tf.NamedAttrMap;
}

/**
 * The inputs if they are all constants and the `cpu` backend has the kernel, else null. Our own kernels it has not: their
 * constants are computed by the runtime when it loads the graph.
 */
export function knownInputs(kernel: string, inputs: Inputs): Readonly<Record<string, ConstantValue>> | null {
  const known: Record<string, ConstantValue> = {};
  for (const name in inputs) {
    const value = inputs[name]!;
    if (value.kind !== 'constant') return null;
    known[name] = value;
  }
  return tf.getKernel(kernel, 'cpu') === undefined ? null : known;
}

/**
 * The kernel's results on constants. `stored`: the kernel treats every element alike, so that it is enough to compute what
 * is stored; repetitions stay pending.
 */
export function folded(
  recorder: Recorder,
  { kernel, variadic = false, attributes }: KernelCall,
  known: Readonly<Record<string, ConstantValue>>,
  stored: boolean,
): Value | Value[] {
  const quick = stored ? foldedAlike(kernel, known) : null;
  if (quick !== null) return quick;
  const cpu = tf.findBackend('cpu');
  const infos = Object.entries(known).map(([name, value]) => {
    const placed = stored ? { ...value, shape: value.extents } : value;
    const shape = [...placed.shape];
    return [
      name,
      { dataId: cpu.write(recorder.elements(placed), shape, value.dtype), shape, dtype: value.dtype },
    ] as const;
  });
  const named: tf.NamedTensorInfoMap = Object.fromEntries(infos);
  const given = variadic ? Object.assign([], named) : named;
  const results = tf.getKernel(kernel, 'cpu').kernelFunc({ inputs: given, attrs: attributes, backend: cpu });
  const shape = stored ? broadcastShape(Object.values(known).map((value) => value.shape)) : null;
  const values = [results].flat().map((info) => {
    const value = constantFrom(cpu.readSync(info.dataId), info.shape, info.dtype);
    return shape === null ? value : { ...value, shape };
  });
  for (const { dataId } of [...[results].flat(), ...infos.map(([, info]) => info)]) cpu.disposeData(dataId, true);
  return Array.isArray(results) ? values : values[0]!;
}

const OF_TWO: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Multiply: (a, b) => a * b,
  RealDiv: (a, b) => a / b,
};
const OF_ONE: Readonly<Record<string, (x: number) => number>> = {
  Sqrt: (x) => Math.sqrt(x),
  Rsqrt: (x) => 1 / Math.sqrt(x),
};

/**
 * Arithmetic on arrays that lie alike, or on an array and a number, as the `cpu` kernels do it: normalisations that were
 * saved in their parts are hundreds of such steps, and calling a kernel costs a hundred times what it computes. null for
 * everything else.
 */
function foldedAlike(kernel: string, known: Readonly<Record<string, ConstantValue>>): ConstantValue | null {
  const { a, b, x } = known;
  const [one, two] = [OF_ONE[kernel], OF_TWO[kernel]];
  if (one !== undefined && x?.dtype === 'float32') return { ...x, elements: each(x.elements, one) };
  if (two === undefined || a?.dtype !== 'float32' || b?.dtype !== 'float32') return null;
  if (sameNumbers(a.shape, b.shape) && sameNumbers(a.extents, b.extents) && sameNumbers(a.order, b.order))
    return { ...a, elements: each(a.elements, (element, index) => two(element, b.elements[index]!)) };
  const [rankA, rankB] = [a.shape.length, b.shape.length];
  const [numberA, numberB] = [a.elements[0]!, b.elements[0]!];
  if (sizeOf(b.shape) === 1 && rankB <= rankA)
    return { ...a, elements: each(a.elements, (element) => two(element, numberB)) };
  if (sizeOf(a.shape) === 1 && rankA <= rankB)
    return { ...b, elements: each(b.elements, (element) => two(numberA, element)) };
  return null;
}

/** By hand: `Float32Array.from` goes through an iterator. */
function each(elements: Elements, compute: (element: number, index: number) => number): Float32Array {
  const results = new Float32Array(elements.length);
  for (let index = 0; index < results.length; index++) results[index] = compute(elements[index]!, index);
  return results;
}

/** Values as a backend holds them, as a constant. Throws a GradcamError for strings and complex numbers. */
export function constantFrom(values: tf.BackendValues, shape: readonly number[], dtype: tf.DataType): ConstantValue {
  const type = valueTypeOf(dtype);
  return constantValue(elementsOf(type, values as ArrayLike<number>), shape, type);
}

/** The type of a tensor, if its values can be recorded; a GradcamError otherwise. */
export function valueTypeOf(dtype: tf.DataType): ValueType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new GradcamError({
    code: 'trace-type',
    what: `A ${dtype} tensor cannot be recorded.`,
    expected: 'float32, int32 or bool',
    found: dtype,
  });
}
