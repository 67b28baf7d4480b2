// The seam of backbones: one file in backbones/ and one line in its table. A backbone is a state dict as PyTorch would start
// it, for a family of the architecture table, with what is dropped in training.
import type { Constant, Graph } from '../graph/graph.ts';
import { constantOf } from '../graph/tensor.ts';
import type { Random } from '../lib/random.ts';
import type { HeadKind } from '../losses/loss.ts';
import type { DropSite } from './network.ts';

export interface BackboneOptions {
  readonly classes: number;
  readonly head: HeadKind;
  /** Channels of the pictures: 3, or 1 for grey ones. */
  readonly channels: number;
}

export interface Backbone {
  readonly id: string;
  readonly title: string;
  readonly paper: string;
  /** Name of the network in the architecture table. */
  readonly architecture: string;
  /** Side in pixels of the pictures it is usually trained on. */
  readonly size: number;
  /** Rate of dropout before the classifier. */
  readonly dropout: number;
  /** Adds all weights in the order of PyTorch's modules: what is drawn from `random` follows it. */
  fill(weights: InitialWeights, options: BackboneOptions): void;
  /** Branches dropped for whole samples (stochastic depth); default none. */
  drops?(graph: Graph): DropSite[];
}

type Shape = readonly number[];

/** A state dict in the making: modules of PyTorch with their own first values. */
export class InitialWeights {
  readonly constants = new Map<string, Constant>();
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  /** A convolution's filter, kaiming_normal_ with gain sqrt(2) over what it sends (`out`) or what it receives (`in`). */
  conv(path: string, shape: readonly [number, number, number, number], fan: 'out' | 'in' = 'out'): void {
    const [out, perGroup, height, width] = shape;
    // PyTorch counts all filters, also those of other groups.
    const count = (fan === 'out' ? out : perGroup) * height * width;
    this.normal(`${path}.weight`, shape, Math.sqrt(2 / count));
  }

  /** Batch normalisation: scale 1, offset 0, running mean 0, running variance 1. */
  norm(path: string, channels: number): void {
    this.filled(`${path}.weight`, [channels], 1);
    this.filled(`${path}.bias`, [channels], 0);
    this.filled(`${path}.running_mean`, [channels], 0);
    this.filled(`${path}.running_var`, [channels], 1);
  }

  /** nn.Linear: evenly within 1 / sqrt(features), the bias too. */
  linear(path: string, classes: number, features: number): void {
    const bound = 1 / Math.sqrt(features);
    this.uniform(`${path}.weight`, [classes, features], bound);
    this.uniform(`${path}.bias`, [classes], bound);
  }

  /** A normed head (see head.ts): evenly from a cube, each row of length 1. */
  cosine(path: string, classes: number, features: number): void {
    this.uniform(`${path}.weight`, [classes, features], 1);
    const { bytes } = this.constants.get(`${path}.weight`)!;
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, classes * features);
    for (let row = 0; row < classes; row++) {
      const part = values.subarray(row * features, (row + 1) * features);
      const length = Math.sqrt(part.reduce((sum, value) => sum + value * value, 0));
      part.forEach((value, index) => (part[index] = value / length));
    }
  }

  filled(name: string, shape: Shape, value: number): void {
    this.add(name, shape, () => value);
  }

  uniform(name: string, shape: Shape, bound: number): void {
    this.add(name, shape, () => this.random.between(-bound, bound));
  }

  normal(name: string, shape: Shape, deviation: number): void {
    this.add(name, shape, () => deviation * this.random.normal());
  }

  private add(name: string, shape: Shape, draw: () => number): void {
    const length = shape.reduce((size, dim) => size * dim, 1);
    this.constants.set(name, constantOf('float32', shape, Float32Array.from({ length }, draw)));
  }
}
