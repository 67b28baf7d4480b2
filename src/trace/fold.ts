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

/**
 * Arithmetic on arrays that lie alike, or on an array and a number, as the `cpu` kernels do it: normalisations that were
 * saved in their parts are hundreds of such steps, and calling a kernel costs a hundred times what it computes. null for
 * everything else.
 */
function foldedAlike(kernel: string, known: Readonly<Record<string, ConstantValue>>): ConstantValue | null {
  const { a, b, x } = known;
  if (x?.dtype === 'float32') return withElements(x, ofOne(kernel, x.elements));
  if (a?.dtype !== 'float32' || b?.dtype !== 'float32') return null;
  if (sameNumbers(a.shape, b.shape) && sameNumbers(a.extents, b.extents) && sameNumbers(a.order, b.order))
    return withElements(a, ofTwo(kernel, a.elements, b.elements, [1, 1]));
  const [rankA, rankB] = [a.shape.length, b.shape.length];
  if (sizeOf(b.shape) === 1 && rankB <= rankA) return withElements(a, ofTwo(kernel, a.elements, b.elements, [1, 0]));
  if (sizeOf(a.shape) === 1 && rankA <= rankB) return withElements(b, ofTwo(kernel, a.elements, b.elements, [0, 1]));
  return null;
}

const withElements = (value: ConstantValue, elements: Float32Array | null): ConstantValue | null =>
  elements === null ? null : { ...value, elements };

function ofOne(kernel: string, x: Elements): Float32Array | null {
  const y = new Float32Array(x.length);
  switch (kernel) {
    case 'Sqrt':
      for (let i = 0; i < y.length; i++) y[i] = Math.sqrt(x[i]!);
      return y;
    case 'Rsqrt':
      for (let i = 0; i < y.length; i++) y[i] = 1 / Math.sqrt(x[i]!);
      return y;
    default:
      return null;
  }
}

/** Step 0 stays at the one number. The loops are written out: V8 runs them a few times, and a function called in one makes an object per number. */
function ofTwo(
  kernel: string,
  a: Elements,
  b: Elements,
  [stepA, stepB]: readonly [number, number],
): Float32Array | null {
  const y = new Float32Array(stepA === 1 ? a.length : b.length);
  switch (kernel) {
    case 'Add':
      for (let i = 0; i < y.length; i++) y[i] = a[i * stepA]! + b[i * stepB]!;
      return y;
    case 'Sub':
      for (let i = 0; i < y.length; i++) y[i] = a[i * stepA]! - b[i * stepB]!;
      return y;
    case 'Multiply':
      for (let i = 0; i < y.length; i++) y[i] = a[i * stepA]! * b[i * stepB]!;
      return y;
    case 'RealDiv':
      for (let i = 0; i < y.length; i++) y[i] = a[i * stepA]! / b[i * stepB]!;
      return y;
    default:
      return null;
  }
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
