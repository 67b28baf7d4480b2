// run.json: what a user may say about a model, every field optional. `unknown` at the edge, checked once, here.

import type { InputSpec } from '../image/picture.ts';

/** run.json after checking; absent fields stay absent. */
export interface RunSpec {
  readonly name?: string;
  readonly loss?: string;
  readonly classes?: readonly string[];
  readonly input?: Partial<InputSpec>;
  readonly layer?: string;
  /** Name of the output that holds the class logits. */
  readonly output?: string;
  /** Probabilities shown are softmax(logitScale * logits). */
  readonly logitScale?: number;
  readonly architecture?: string;
  /** The data the run was trained on is synthetic: said wherever a user meets the run. */
  readonly synthetic?: boolean;
  readonly metrics?: Readonly<Record<string, unknown>>;
  /** Everything in the file, as parsed: the report shows recipe and counts without this module knowing them. */
  readonly raw: Readonly<Record<string, unknown>>;
}
