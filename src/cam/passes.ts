// What a method of many passes may ask of a network: batches of passes for one picture and one target. Arrays in and out;
// pictures and feature maps are [height, width, channels], row-major, whatever the model's own layout.
import type { Random } from '../lib/random.ts';
import type { ParameterValues } from './parameters.ts';

export interface Gradient {
  /** The target's score. */
  readonly score: number;
  /** Feature maps at the layer, or the picture: `[height, width, channels]`. */
  readonly values: Float32Array;
  /** Gradient of the score with respect to `values`. */
  readonly gradient: Float32Array;
}

/** Every call runs in batches of one compiled graph, opened at the first use in a run. Pictures may come from a generator. */
export interface Passes {
  /** [height, width, channels] of the picture. */
  readonly inputShape: readonly [number, number, number];
  /** [height, width, channels] at the layer. */
  readonly layerShape: readonly [number, number, number];
  /** The picture as the model takes it. */
  readonly picture: Float32Array;
  /** A picture without content, as the model takes it: what black (every 8-bit value 0) becomes. */
  readonly black: Float32Array;
  /** Settings of the method, defaults filled in. */
  readonly settings: ParameterValues;
  /** Seeded, the same for every run and method of a report. */
  random(): Random;
  /** The target's score for each of `count` pictures: forward passes through the whole network. */
  scores(pictures: Iterable<Float32Array>, count: number): Promise<Float32Array>;
  /** Score, picture and gradient for each picture: passes through the whole network and back. */
  inputGradients(pictures: Iterable<Float32Array>, count: number): AsyncIterable<Gradient>;
  /** Score, feature maps and gradient for each picture: passes through the whole network, back to the layer. */
  layerGradients(pictures: Iterable<Float32Array>, count: number): AsyncIterable<Gradient>;
  /** Feature maps of the picture itself; only for methods that say `tail`. */
  features(): Float32Array;
  /**
   * The target's score with the picture's feature maps multiplied channel by channel: one array `[channels]` per pass, through
   * the tail alone. Tokens before the grid keep their values. Only for methods that say `tail`.
   */
  scaledScores(scales: Iterable<Float32Array>, count: number): Promise<Float32Array>;
}
