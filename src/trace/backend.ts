// The TensorFlow.js backend named `trace`: its tensors are values of a graph, its kernels record nodes. Kernels whose inputs
// are all constants are computed at once by the `cpu` backend.
import { GradcamError } from '../lib/errors.ts';
import { tf } from '../tf/tfjs.ts';
import { applied } from './apply.ts';
import { fromAnotherTrace, recorderNow, recorderOrNone } from './current.ts';
import { constantFrom, valueTypeOf } from './fold.ts';
import { lowerings } from './lowering.ts';
import type { Recorder } from './recorder.ts';
import { logicalElements, type Value } from './value.ts';

export const TRACE = 'trace';

interface Entry {
  readonly value: Value;
  /** The recorder of the trace that the value was made in; null for constants brought from another backend. */
  readonly recorder: Recorder | null;
  references: number;
}

export class TraceBackend extends tf.KernelBackend {
  private readonly entries = new tf.DataStorage<Entry>(this, tf.engine());

  // Storage, as TensorFlow.js asks for it

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    return this.hold(constantFrom(values, shape, dtype));
  }

  override move(
    dataId: tf.DataId,
    values: tf.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    references: number,
  ): void {
    this.entries.set(dataId, { value: constantFrom(values, shape, dtype), recorder: null, references });
  }

  override readSync(dataId: tf.DataId): tf.BackendValues {
    const { value } = this.entries.get(dataId);
    if (value.kind === 'recorded') throw this.unknownWhenRecording(value.name);
    return logicalElements(value);
  }

  override read(dataId: tf.DataId): Promise<tf.BackendValues> {
    return new Promise((resolve) => resolve(this.readSync(dataId)));
  }

  override numDataIds(): number {
    return this.entries.numDataIds();
  }

  override refCount(dataId: tf.DataId): number {
    return this.entries.has(dataId) ? this.entries.get(dataId).references : 0;
  }

  override incRef(dataId: tf.DataId): void {
    this.entries.get(dataId).references++;
  }

  override disposeData(dataId: tf.DataId, force = false): boolean {
    if (!this.entries.has(dataId)) return true;
    const entry = this.entries.get(dataId);
    entry.references--;
    if (entry.references > 0 && !force) return false;
    return this.entries.delete(dataId);
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {
    // Holds nothing of its own: entries go with their tensors.
  }

  // Values

  /** Stores a value and returns the key under which a tensor finds it. */
  hold(value: Value): tf.DataId {
    const dataId = {};
    this.entries.set(dataId, { value, recorder: recorderOrNone(), references: 1 });
    return dataId;
  }

  /** The value of a tensor. Tensors that share data may see it with another shape or type: constants follow. */
  valueFor({ dataId, shape, dtype }: tf.TensorInfo): Value {
    const { value, recorder } = this.entries.get(dataId);
    if (value.kind === 'recorded') {
      if (recorder !== recorderOrNone()) throw fromAnotherTrace();
      return value;
    }
    const type = valueTypeOf(dtype);
    const viewed = value.shape.join() === shape.join() ? value : recorderNow().reshaped(value, shape);
    return recorderNow().cast(viewed, type);
  }

  /** The tensor of a value: what the library hands out. */
  tensorOf(value: Value): tf.Tensor {
    return tf.engine().makeTensorFromTensorInfo(this.infoOf(value), this);
  }

  infoOf(value: Value): tf.TensorInfo {
    return { dataId: this.hold(value), shape: [...value.shape], dtype: value.dtype };
  }

  /** Records a kernel's nodes, or computes it where every input is known. */
  run(kernel: string, infos: tf.NamedTensorInfoMap, attributes: tf.NamedAttrMap): tf.TensorInfo | tf.TensorInfo[] {
    const inputs: Record<string, Value> = {};
    for (const [name, info] of Object.entries(infos)) {
      if (info !== undefined && info !== null) inputs[name] = this.valueFor(info);
    }
    const outputs = applied({ kernel, inputs, variadic: Array.isArray(infos), attributes });
    return Array.isArray(outputs) ? outputs.map((value) => this.infoOf(value)) : this.infoOf(outputs);
  }

  private unknownWhenRecording(name: string): GradcamError {
    const producer = recorderOrNone()?.producerOf(name);
    return new GradcamError({
      code: 'trace-read',
      what: `The result of ${producer?.op ?? 'an input'} ('${name}') was read while the computation was being recorded.`,
      expected: 'operations whose control flow does not depend on data',
      found: 'an operation that reads a value to decide what to compute next',
      hint: 'Replace the operation, or use an eager engine (--engine tfjs).',
    });
  }
}

let backend: TraceBackend | undefined;

/** The one trace backend, registered with TensorFlow.js when it is first asked for. */
export function traceBackend(): TraceBackend {
  if (backend !== undefined) return backend;
  const created = new TraceBackend();
  tf.registerBackend(TRACE, () => created, 0);
  const kernels = new Set([...lowerings.keys(), ...tf.getKernelsForBackend('cpu').map((config) => config.kernelName)]);
  for (const kernelName of kernels) {
    tf.registerKernel({
      kernelName,
      backendName: TRACE,
      kernelFunc: ({ inputs, attrs }) => created.run(kernelName, inputs, attrs ?? {}),
    });
  }
  return (backend = created);
}
