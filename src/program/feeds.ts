// What goes in and out of programs, and what a program is.
import type { Graph } from '../graph/graph.ts';

/** A named array; its shape is fixed when the session is opened. */
export interface Tensor {
  readonly dtype: 'float32' | 'int32';
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}
export type Feeds = Readonly<Record<string, Tensor>>;

/** The same computation twice: as a graph for compiling engines, as plain TensorFlow.js for eager ones. */
export interface Program {
  readonly name: string;
  graph(): Graph;
  /** Runs on the current TensorFlow.js backend. */
  compute(feeds: Feeds): Promise<Record<string, Tensor>>;
}
