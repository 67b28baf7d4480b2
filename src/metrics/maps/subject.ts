// One sample under one run as faithfulness metrics see it: the model's input, the map over it, and inputs changed by it.
// Everything here is at the resolution of the model's input; the map covers exactly that, so it is interpolated over it
// (bilinear between cell centres). Nothing here runs a model.
import type { Heatmap } from '../../image/picture.ts';
import { upsample } from '../../image/upsample.ts';
import { Random } from '../../lib/random.ts';
import { baselineOf, type Baseline } from './baseline-inputs.ts';
import { imputed } from './imputation.ts';

/** What the model says to an input of the class that is explained. */
export interface Scored {
  /** As the model gives it. */
  readonly logit: number;
  /** softmax(logitScale * z) or the sigmoid, 0..1. */
  readonly probability: number;
  /** The map of the input; null where no metric asked for maps. */
  readonly map: Heatmap | null;
}

export interface SubjectParts {
  /** The model's input of one sample, float32, in `layout`; normalised as the model wants it. */
  readonly input: Float32Array;
  readonly layout: 'nchw' | 'nhwc';
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Finite, with a positive value. */
  readonly map: Heatmap;
  /** Of the input as it is. */
  readonly before: Scored;
  /** Names the streams of random numbers: ties, noise, subsets. Same seed, same numbers. */
  readonly seed: number;
  readonly settings?: FaithfulnessSettings;
}

export interface FaithfulnessSettings {
  /** Steps of deletion and insertion. Default 20. */
  readonly steps?: number;
  /** What deleted pixels become. Default `zero`, as in RISE. */
  readonly deletion?: Baseline;
  /** What insertion starts from. Default `blur`, as in RISE. */
  readonly insertion?: Baseline;
  /** Shares of pixels that ROAD removes. Default 0.1, 0.2 ... 0.9. */
  readonly shares?: readonly number[];
  /** Random subsets for each size of sensitivity-n and for infidelity. Default 16. */
  readonly subsets?: number;
}

const faithfulnessDefaults: Required<FaithfulnessSettings> = {
  steps: 20,
  deletion: 'zero',
  insertion: 'blur',
  shares: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
  subsets: 16,
};

export interface Subject extends Omit<SubjectParts, 'settings'> {
  readonly settings: Required<FaithfulnessSettings>;
  /** Pixels, most relevant first; ties in random order. [height * width] */
  order(): Uint32Array;
  /** The map at every pixel, its positive part divided by its greatest value: 0..1. [height * width] */
  share(): Float32Array;
  baseline(kind: Baseline): Float32Array;
  /** The input with the pixels where `chosen` is 1 taken from `other`. Own array. */
  mixed(chosen: Uint8Array, other: Float32Array): Float32Array;
  /** The input with a share of its pixels, the most (or least) relevant ones, filled in from around (ROAD). Remembered. */
  road(share: number, first: 'most' | 'least'): Float32Array;
  /** The input multiplied by `share()`. Remembered. */
  masked(): Float32Array;
  /** A stream of random numbers for `name`. */
  random(name: string): Random;
}

export function subjectOf(parts: SubjectParts): Subject {
  const { input, map, height, width, channels, layout, seed } = parts;
  const settings = { ...faithfulnessDefaults, ...parts.settings };
  const random = (name: string): Random => Random.of(seed, 'map metrics', name);
  const pixels = remembered(() => upsample(map, { width, height }));
  const order = remembered(() => descending(pixels(), random('ties')));
  const share = remembered(() => {
    const max = pixels().reduce((a, b) => Math.max(a, b), 0);
    return pixels().map((value) => (max > 0 ? Math.max(0, value) / max : 0));
  });
  const shape = { height, width, channels, layout };
  const baselines = new Map<Baseline, Float32Array>();
  const roads = new Map<string, Float32Array>();
  const placed = { channels, layout, size: height * width };
  return {
    ...parts,
    settings,
    order,
    share,
    random,
    baseline: (kind) => rememberedIn(baselines, kind, () => baselineOf(kind, input, shape)),
    mixed: (chosen, other) => mixed(input, other, chosen, placed),
    road: (part, first) =>
      rememberedIn(roads, `${part}/${first}`, () => {
        const chosen = firstOf(order(), part, first === 'least');
        return imputed(input, chosen, shape, random(`road/${part}/${first}`));
      }),
    masked: remembered(() => multiplied(input, share(), placed)),
  };
}

/** 1 for the first `part` of the pixels in order, or the last; as many as round(part * pixels). */
export function firstOf(order: Uint32Array, part: number, fromEnd = false): Uint8Array {
  const chosen = new Uint8Array(order.length);
  const count = Math.round(part * order.length);
  for (let i = 0; i < count; i++) chosen[order[fromEnd ? order.length - 1 - i : i]!] = 1;
  return chosen;
}

/** Indices of the values, greatest first. A map is often zero over half a picture: without chance, ties would go by rows. */
function descending(values: Float32Array, random: Random): Uint32Array {
  const order = Uint32Array.from(values.keys());
  for (let last = order.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order.sort((i, j) => values[j]! - values[i]!);
}

interface Placed {
  readonly channels: number;
  readonly layout: 'nchw' | 'nhwc';
  /** Pixels. */
  readonly size: number;
}

/** Index of a channel of a pixel. */
const indexOf = ({ channels, layout, size }: Placed, pixel: number, channel: number): number =>
  layout === 'nchw' ? channel * size + pixel : pixel * channels + channel;

function mixed(input: Float32Array, other: Float32Array, chosen: Uint8Array, placed: Placed): Float32Array {
  const out = Float32Array.from(input);
  for (let pixel = 0; pixel < placed.size; pixel++) {
    if (chosen[pixel] !== 1) continue;
    for (let channel = 0; channel < placed.channels; channel++) {
      const at = indexOf(placed, pixel, channel);
      out[at] = other[at]!;
    }
  }
  return out;
}

function multiplied(input: Float32Array, share: Float32Array, placed: Placed): Float32Array {
  const out = new Float32Array(input.length);
  for (let pixel = 0; pixel < placed.size; pixel++) {
    for (let channel = 0; channel < placed.channels; channel++) {
      const at = indexOf(placed, pixel, channel);
      out[at] = input[at]! * share[pixel]!;
    }
  }
  return out;
}

function remembered<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function rememberedIn<K, T>(known: Map<K, T>, key: K, make: () => T): T {
  const before = known.get(key);
  if (before !== undefined) return before;
  const value = make();
  known.set(key, value);
  return value;
}
