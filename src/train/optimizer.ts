// The seam of optimisers: one file in optimizers/ and one line in its table. An update is a plain TensorFlow.js function of
// one parameter; what changes from step to step comes in as numbers, computed outside in double precision.
import type { tf } from '../tf/tfjs.ts';

/** Where in the course of training a step stands. */
export interface StepAt {
  readonly learningRate: number;
  /** Counted from 1. */
  readonly step: number;
}

export interface UpdateInputs {
  readonly parameter: tf.Tensor;
  readonly gradient: tf.Tensor;
  /** What the optimiser keeps per parameter, of its shape; zero at the start. */
  readonly slots: Readonly<Record<string, tf.Tensor>>;
  /** Scalars by the names that `coefficients` gives. */
  readonly coefficients: Readonly<Record<string, tf.Tensor>>;
  /** Whether weight decay applies to this parameter. */
  readonly decays: boolean;
}

export interface Updated {
  readonly parameter: tf.Tensor;
  readonly slots: Readonly<Record<string, tf.Tensor>>;
}

/** An optimiser with its options settled. */
export interface Optimizer {
  readonly id: string;
  readonly slots: readonly string[];
  /** Whether vectors (biases, normalisations) are decayed, too. */
  readonly decaysVectors: boolean;
  coefficients(at: StepAt): Readonly<Record<string, number>>;
  update(inputs: UpdateInputs): Updated;
}

/** An entry of the table. */
export interface OptimizerKind<Options> {
  readonly id: string;
  readonly title: string;
  readonly paper: string;
  readonly defaults: Options;
  build(options?: Partial<Options>): Optimizer;
}

export interface DecayOptions {
  /** Strength of weight decay; 0 for none. */
  readonly weightDecay: number;
  readonly decayVectors: boolean;
}
