// TensorFlow.js code in, graph out: the code runs once on the `trace` backend, whose kernels record instead of computing.
import type { DType, Graph } from '../graph/graph.ts';
import { GradcamError } from '../lib/errors.ts';
import { tf } from '../tf/tfjs.ts';
import { TRACE, traceBackend, type TraceBackend } from './backend.ts';
import { recordingInto } from './current.ts';
import { identity, isIdentity, pick, type Permutation } from './layout.ts';
import { Recorder } from './recorder.ts';
import type { Value, ValueType } from './value.ts';

export interface TraceOptions {
  /** Start of the names of all recorded values; default `grad/`. Must not begin any other name in the final graph. */
  readonly prefix?: string;
}

/**
 * Runs `build` on the trace backend and returns what it recorded: one output per key of its result, in logical order,
 * with what they need and nothing else. The backend that was current before is current again afterwards, also when
 * `build` throws; tensors that `build` made are freed.
 */
export function trace(build: (tracer: Tracer) => Record<string, tf.Tensor>, options: TraceOptions = {}): Graph {
  const backend = traceBackend();
  const before = tf.getBackend();
  // Both promises are settled when they are made: neither backend initialises asynchronously here.
  void tf.setBackend(TRACE);
  try {
    return record((values) => {
      let outputs: Record<string, Value> = {};
      tf.tidy(() => {
        const tensors = Object.entries(build(new Tracer(backend, values)));
        outputs = Object.fromEntries(tensors.map(([name, tensor]) => [name, backend.valueFor(tensor)]));
      });
      return outputs;
    }, options);
  } finally {
    void tf.setBackend(before);
  }
}

/**
 * As `trace`, for code that is written in the operations of forward.ts: a forward pass, which needs nothing of
 * TensorFlow.js's engine.
 */
export function record(build: (tracer: ValueTracer) => Record<string, Value>, options: TraceOptions = {}): Graph {
  const recorder = new Recorder(options.prefix ?? 'grad/');
  return recordingInto(recorder, () => recorder.finish(build(new ValueTracer(recorder))));
}

/** What `build` may ask of the recording it runs in. */
export class ValueTracer {
  private readonly recorder: Recorder;

  constructor(recorder: Recorder) {
    this.recorder = recorder;
  }

  /**
   * A value that stands for an input of the graph, or for a value that another part of the final graph produces under
   * this name. `shape` is logical; `permutation` says how the value lies where that is not in logical order (physical place
   * k holds logical axis permutation[k]). Half and double floats arrive as float32, other integers as int32.
   */
  input(
    name: string,
    type: { readonly dtype: DType; readonly shape: readonly number[] },
    permutation?: Permutation,
  ): Value {
    const order = permutation ?? identity(type.shape.length);
    if (!isIdentity([...order].sort((a, b) => a - b)) || order.length !== type.shape.length) {
      throw new GradcamError({
        code: 'trace-permutation',
        what: `The permutation of input '${name}' does not fit its shape.`,
        expected: `every axis of [${type.shape.join(', ')}] once`,
        found: `[${order.join(', ')}]`,
        exitCode: 2,
      });
    }
    const physical = pick(type.shape, order);
    const dtype = computedType(name, type.dtype);
    this.recorder.input(name, { dtype: type.dtype, shape: physical });
    const value = type.dtype === dtype ? name : this.recorder.castTo(name, dtype, physical);
    return this.recorder.existing(value, { dtype, shape: type.shape, order });
  }

  /** Runs `compute`; nodes recorded inside carry this scope. Nested scopes are joined by '/'. */
  scope<T>(name: string, compute: () => T): T {
    return this.recorder.scoped(name, compute);
  }
}

/** The same for TensorFlow.js code. */
export class Tracer {
  private readonly backend: TraceBackend;
  private readonly values: ValueTracer;

  constructor(backend: TraceBackend, values: ValueTracer) {
    this.backend = backend;
    this.values = values;
  }

  /** The tensor of `ValueTracer.input`. */
  input(...args: Parameters<ValueTracer['input']>): tf.Tensor {
    return this.backend.tensorOf(this.values.input(...args));
  }
}

/** The type in which values of a type are computed with. */
function computedType(name: string, dtype: DType): ValueType {
  switch (dtype) {
    case 'float32':
    case 'float64':
    case 'float16':
    case 'bfloat16':
      return 'float32';
    case 'bool':
      return 'bool';
    case 'string':
      throw new GradcamError({ code: 'trace-type', what: `Input '${name}' holds strings.`, expected: 'numbers' });
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'uint8':
    case 'uint16':
    case 'uint32':
    case 'uint64':
      return 'int32';
  }
}
