// The seam of traced kernels: what a file in ops/ exports.
import type { tf } from '../tf/tfjs.ts';
import type { Recorder } from './recorder.ts';
import type { Value, ValueType } from './value.ts';

/** Inputs of a kernel by TensorFlow.js's names; of variadic kernels '0', '1', ... */
export type Inputs = Readonly<Record<string, Value>>;

/** One test of a lowering: the same operations recorded and run natively must equal the eager `cpu` backend's. */
export interface OpCase {
  readonly title: string;
  readonly inputs: readonly CaseInput[];
  /** Any TensorFlow.js code that reaches the kernel; several results are all compared. */
  compute(...inputs: tf.Tensor[]): tf.Tensor | tf.Tensor[];
  /**
   * Which inputs to compare the gradient with respect to: none (false), these, or by default all that are float32 and no
   * constants. TensorFlow.js cannot differentiate everything.
   */
  readonly gradient?: false | readonly number[];
  /** Greatest difference, relative to the largest magnitude in the result. Default 1e-5. */
  readonly tolerance?: number;
  /** ONNX operators of the forward graph, exactly and in order, where the case pins them. */
  readonly nodes?: readonly string[];
}

export interface CaseInput {
  readonly shape: readonly number[];
  /** Default float32. */
  readonly dtype?: ValueType;
  /** Values are drawn evenly from this range; default -1 to 1. Integers include both ends. */
  readonly range?: readonly [number, number];
  /** Given values instead of drawn ones. */
  readonly values?: readonly number[];
  /** Known when recording, as weights are. */
  readonly constant?: true;
}

export interface OpLowering {
  /** TensorFlow.js's name of the kernel, or that of one of ours. */
  readonly kernel: string;
  /**
   * What happens to inputs that are all constants: `fold` (the `cpu` backend computes at once, the default),
   * `fold-stored` (the same on stored extents, for kernels that treat every element alike), `lower` (`lower` takes them).
   */
  readonly constants?: 'fold' | 'fold-stored' | 'lower';
  lower(recorder: Recorder, inputs: Inputs, attributes: tf.NamedAttrMap): Value | Value[];
  readonly cases: readonly OpCase[];
}

/** What `lowering` takes: names of inputs and types of attributes as the kernel has them. */
interface TypedLowering<I extends string, A> {
  readonly constants?: NonNullable<OpLowering['constants']>;
  lower(recorder: Recorder, inputs: Readonly<Record<I, Value>>, attributes: A): Value | Value[];
  readonly cases: readonly OpCase[];
}

/** A lowering with typed inputs and attributes: the one place that trusts TensorFlow.js to pass what its kernels declare. */
export function lowering<I extends string, A = object>(kernel: string, typed: TypedLowering<I, A>): OpLowering {
  return {
    ...typed,
    kernel,
    lower: (recorder, inputs, attributes) => typed.lower(recorder, inputs, attributes as A),
  };
}
