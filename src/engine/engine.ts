// The seam of engines: what runs a program. Chosen at call time, never at import.
import type { Graph } from '../graph/graph.ts';

/** Named arrays in and out of a session; shapes are fixed when the session is opened. */
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

export interface Session {
  run(feeds: Feeds): Promise<Record<string, Tensor>>;
  close(): Promise<void>;
}

export interface EngineOptions {
  /** Threads for one run; undefined: as many as there are cores. */
  readonly threads?: number | undefined;
}

export interface Engine {
  readonly id: string;
  readonly title: string;
  /** Order in which `auto` tries engines; negative: only when asked for. */
  readonly priority: number;
  /** true, or why not and what would help. */
  available(): Promise<true | string>;
  open(program: Program, options: EngineOptions): Promise<Session>;
}
