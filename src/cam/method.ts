// The seam of CAM methods. One pass: a plain TensorFlow.js function that knows neither tracer nor engine; run eagerly it is
// the reference, run under the tracer it becomes ONNX. Many passes: a plain function over arrays that asks for batches of
// passes, each kind of which is one compiled graph.
import type * as tf from '@tensorflow/tfjs';
import type { Passes } from './passes.ts';

/** One score per sample from logits and the class that is explained. */
export type ScoreOf = (logits: tf.Tensor2D, classIndex: tf.Tensor1D) => tf.Tensor1D;

/** What a method of one pass may look at. Layout is NHWC: `[batch, height, width, channels]`. */
export interface Cam {
  /** Feature maps A at the target layer, float32 `[batch, height, width, channels]`; for methods at the input, the picture. */
  readonly activations: tf.Tensor4D;
  /**
   * Gradient of the target's score with respect to A, same shape as `activations`. Computed once however often it is
   * read: methods asked for together share it.
   */
  readonly gradients: () => tf.Tensor4D;
  /** The target's score for other feature maps at the same layer: `[batch, height, width, channels]` -> `[batch]`. Differentiable. */
  score(activations: tf.Tensor4D): tf.Tensor1D;
  /** The target's score on the model's own activations, `[batch]`. */
  readonly scores: () => tf.Tensor1D;
  /**
   * Gradient of another scalar of the logits, or at other feature maps: a pass through the tail and back of its own.
   * `score`: logits `[batch, classes]` (both sides `[-z, z]` of a single one), class index int32 `[batch]` -> `[batch]`;
   * by default the target.
   */
  gradientsOf(other: { readonly score?: ScoreOf; readonly at?: tf.Tensor4D }): tf.Tensor4D;
  /** Logits of the model on its own activations, `[batch, classes]`. */
  readonly logits: tf.Tensor2D;
  /** Values inside the network that the method asked for with `taps`, from the picture on; without it, none. */
  readonly tapped: readonly Tapped[];
  /** The grid of tokens; only for methods that tap attention. */
  readonly tokens: TokenGrid | null;
}

export interface TokenGrid {
  /** [height, width] */
  readonly grid: readonly [number, number];
  /** Tokens before the grid: the class token, a distillation token, registers. */
  readonly prefix: number;
  /** Whether the head takes the mean over the grid's tokens; else it looks at the class token. */
  readonly pooled: boolean;
}

/** A value inside the network. */
export interface Tapped {
  /** `biases`: what a constant was added to; `attention`: softmax of a block, `[batch, heads, tokens, tokens]`. */
  readonly value: tf.Tensor;
  /** Gradient of the target's score at the value, of the same shape. */
  readonly gradient: () => tf.Tensor;
  /** The constant that was added, spread by broadcasting; null where nothing was. */
  readonly bias: tf.Tensor | null;
}

/** Where a map is taken: at the layer that is asked for, at the picture itself, or on the grid of a transformer's tokens. */
export type Site = 'layer' | 'input' | 'tokens';

interface Described {
  readonly id: string;
  readonly title: string;
  /** Where the method was published: authors, year, arXiv or DOI. */
  readonly paper: string;
  /** Default: the layer. */
  readonly at?: Site;
  /** What a reader of its maps must know, for the report: a limit of the method itself. */
  readonly caveat?: string;
  /** What the tail, from the layer to the logits, must be; by default anything. */
  readonly head?: 'pooled-linear';
  /** Values inside the whole network that it looks at; only for methods that are not at the layer. */
  readonly taps?: 'biases' | 'attention';
  /** Whether ReLUs let only positive gradients back; only for methods at the input. Default: no. */
  readonly guided?: boolean;
}

/** A method of one pass forward and at most one back: all asked for together are one graph. */
export interface CamMethod extends Described {
  readonly needs: 'gradients' | 'activations' | 'scores';
  /** The method's map, `[batch, height, width]`, at the site's own resolution, after the method's ReLU, unscaled. */
  readonly map: (cam: Cam) => tf.Tensor3D;
  /** The same before the method's last ReLU; absent where there is none, or where nothing before it can be negative. */
  readonly signed?: (cam: Cam) => tf.Tensor3D;
  /** What `signed` is the sum of over the channels, `[batch, height, width, channels]`; absent where it is no such sum. */
  readonly terms?: (cam: Cam) => tf.Tensor4D;
}

export interface PassMap {
  /** Before the method's ReLU, row-major `[height, width]` at the site's resolution. */
  readonly map: Float32Array;
  /** What the reader must know of this map; null or absent: nothing. */
  readonly note?: string | null;
}

/** A method of many passes, picture by picture. */
export interface PassMethod extends Described {
  readonly needs: 'passes';
  /** Whether the paper's map ends in a ReLU, which is applied to what `explain` gives unless signed maps are asked for. */
  readonly relu: boolean;
  /** Whether it asks for passes through the tail alone. */
  readonly tail: boolean;
  readonly explain: (passes: Passes) => Promise<PassMap>;
  /** The same map in one pass, before its ReLU, where the tail is affine in the feature maps and the target in the logits. */
  readonly closedForm?: ((cam: Cam) => tf.Tensor3D) | undefined;
}

export type MapMethod = CamMethod | PassMethod;

export const isManyPass = (method: MapMethod): method is PassMethod => method.needs === 'passes';
