// The seam of architectures: one file in architectures/ and one line in its table. A family builds every network of its kind
// from the names and shapes of the weights; what they cannot tell stands in its table of variants.
import type { InputSpec } from '../../image/picture.ts';
import type { Network, Value } from './network.ts';
import type { Weights } from './weights.ts';

export interface Variant {
  /** What `signature` gives for this network. */
  readonly signature: string;
  /** Side in pixels of the pictures it was made for; default 224. */
  readonly size?: number;
  /** What of their preparation is not as the family has it. */
  readonly input?: Partial<InputSpec>;
}

export interface Family {
  readonly id: string;
  /** As a sentence names it. */
  readonly title: string;
  /** Whose networks and names these are; default torchvision. */
  readonly library?: 'timm';
  /** Weights that every network of the family has, and together none of another; the filter of its first convolution first. */
  readonly marks: readonly string[];
  /** Further conditions; default none. */
  fits?(weights: Weights): boolean;
  /** Widths and depths that tell its networks apart, in words. */
  signature(weights: Weights): string;
  /** By the name that torchvision (or timm) gives. */
  readonly variants: Readonly<Record<string, Variant>>;
  /** What weights leave open, as the end of a sentence, where a network is built only if it is named. */
  readonly mustBeNamed?: string;
  /** Names of networks that compute something else on weights of the same names and shapes: never built. */
  readonly lookalikes?: RegExp;
  /**
   * Whether a network of another signature is built unasked: only where names and shapes leave nothing open. Strides, which
   * weights do not tell, go by the number of a stage.
   */
  isOpen(weights: Weights): boolean;
  /** Adds the network; `variant` is its name where it is one of the table. Returns the logits [batch, classes]. */
  build(net: Network, image: Value, variant: string | null): Value;
  /** [height, width] where the weights fix it. */
  inputSize?(weights: Weights): readonly [number, number] | null;
  /** Weights that are there and not needed to classify: auxiliary heads. */
  readonly ignored?: RegExp;
  /** How pictures are prepared, where it is not ImageNet's mean and deviation. */
  readonly preprocessing?: { readonly spec: Partial<InputSpec>; readonly why: string };
}

/** Pictures are usually this large. */
export const USUAL_SIZE = 224;

/** `3-4-6-3`: how many blocks there are in each stage. */
export function depthsOf(weights: Weights, stages: readonly string[], first = 0): number[] {
  return stages.map((stage) => weights.countOf(`${stage}.`, first));
}
