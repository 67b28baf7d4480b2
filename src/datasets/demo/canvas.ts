// Float pictures to draw on: smooth noise, soft shapes, colours laid over or multiplied. Coordinates do not depend on the
// resolution: y from -1 to 1 downwards, x from -4/3 to 4/3, so that one picture can be drawn at any size.
import type { Random } from '../../lib/random.ts';

/** Width / height of every picture. */
export const ASPECT = 4 / 3;

export type Colour = readonly [number, number, number];

export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** Linear in 8-bit terms: 0..1, [height, width, 3]. */
  readonly rgb: Float32Array;
  /** Coordinates of the centre of each pixel. */
  readonly x: Float32Array;
  readonly y: Float32Array;
}

export function createCanvas(height: number, colour: Colour): Canvas {
  const width = Math.round(height * ASPECT);
  const x = new Float32Array(width * height);
  const y = new Float32Array(width * height);
  const rgb = new Float32Array(3 * width * height);
  for (let i = 0; i < x.length; i++) {
    x[i] = ((((i % width) + 0.5) / width) * 2 - 1) * ASPECT;
    y[i] = ((Math.floor(i / width) + 0.5) / height) * 2 - 1;
    rgb.set(colour, 3 * i);
  }
  return { width, height, rgb, x, y };
}

/** What lies at each pixel: a number for its index. */
export type Field = (i: number) => number;

/** Lays a colour over: `alpha` 0 leaves the picture, 1 hides it. */
export function over({ rgb }: Canvas, alpha: Field, colour: Colour): void {
  for (let i = 0, at = 0; at < rgb.length; i++, at += 3) {
    const a = alpha(i);
    if (a <= 0.001) continue;
    for (let c = 0; c < 3; c++) rgb[at + c] = rgb[at + c]! + a * (colour[c]! - rgb[at + c]!);
  }
}

/** Multiplies by a colour, as pigment does: 1 + alpha (factor - 1). */
export function tint({ rgb }: Canvas, alpha: Field, factor: Colour): void {
  for (let i = 0, at = 0; at < rgb.length; i++, at += 3) {
    const a = alpha(i);
    if (a <= 0.001) continue;
    for (let c = 0; c < 3; c++) rgb[at + c] = rgb[at + c]! * (1 + a * (factor[c]! - 1));
  }
}

/** Multiplies all channels. */
export function dim({ rgb }: Canvas, factor: Field): void {
  for (let i = 0, at = 0; at < rgb.length; i++, at += 3) {
    const f = factor(i);
    for (let c = 0; c < 3; c++) rgb[at + c] = rgb[at + c]! * f;
  }
}

/** Smooth noise about 0 with spread about 1: normal numbers on grids of `cells`, 2 `cells`, ... across, enlarged. */
export function noise(random: Random, cells: number, { width, height }: Canvas, octaves = 3): Float32Array {
  const out = new Float32Array(width * height);
  let power = 0;
  for (let octave = 0; octave < octaves; octave++) {
    const across = cells * 2 ** octave;
    const down = Math.max(2, Math.round(across / ASPECT));
    const grid = new Float32Array(across * down);
    for (let i = 0; i < grid.length; i++) grid[i] = random.normal();
    addEnlarged(out, width, height, grid, across, down, 0.5 ** octave);
    power += (0.72 * 0.5 ** octave) ** 2; // enlarging leaves about 0.72 of the spread
  }
  const norm = 1 / Math.sqrt(power);
  for (let i = 0; i < out.length; i++) out[i] = out[i]! * norm;
  return out;
}

/** Adds `gain` times the grid at the canvas's size, along rows, then along columns. */
function addEnlarged(
  out: Float32Array,
  width: number,
  height: number,
  grid: Float32Array,
  across: number,
  down: number,
  gain: number,
): void {
  const columns = cubicTaps(across, width);
  const rows = cubicTaps(down, height);
  const wide = new Float32Array(down * width);
  for (let y = 0; y < down; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0; k < columns.taps; k++)
        sum += columns.weights[x * columns.taps + k]! * grid[y * across + columns.from[x * columns.taps + k]!]!;
      wide[y * width + x] = sum;
    }
  for (let y = 0; y < height; y++)
    for (let k = 0; k < rows.taps; k++) {
      const weight = rows.weights[y * rows.taps + k]! * gain;
      if (weight === 0) continue;
      const from = rows.from[y * rows.taps + k]! * width;
      for (let x = 0; x < width; x++) out[y * width + x] = out[y * width + x]! + weight * wide[from + x]!;
    }
}

/** Cubic convolution with a = -1/2, widened where the grid is finer than the pixels; cells beyond the border are the outer ones. */
function cubicTaps(cells: number, pixels: number): { taps: number; from: Int32Array; weights: Float32Array } {
  const scale = Math.max(1, cells / pixels);
  const taps = 2 * Math.ceil(2 * scale);
  const from = new Int32Array(pixels * taps);
  const weights = new Float32Array(pixels * taps);
  for (let p = 0; p < pixels; p++) {
    const centre = ((p + 0.5) * cells) / pixels - 0.5;
    const first = Math.floor(centre) - taps / 2 + 1;
    let sum = 0;
    for (let k = 0; k < taps; k++) sum += weights[p * taps + k] = cubic((first + k - centre) / scale);
    for (let k = 0; k < taps; k++) {
      from[p * taps + k] = Math.min(cells - 1, Math.max(0, first + k));
      weights[p * taps + k] = weights[p * taps + k]! / sum;
    }
  }
  return { taps, from, weights };
}

function cubic(x: number): number {
  const t = Math.abs(x);
  if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
  return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
}

/** 0 below `low`, 1 above `high`, smooth between. */
export function smooth(value: number, low: number, high: number): number {
  const t = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return t * t * (3 - 2 * t);
}

/** Length of a vector; Math.hypot, which guards against overflow, takes ten times as long. */
export function lengthOf(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

export function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

/** Gaussian blur of the whole picture; `sigma` in pixels. */
export function blurCanvas({ width, height, rgb }: Canvas, sigma: number): void {
  const radius = Math.ceil(3 * sigma);
  const kernel = Float32Array.from({ length: 2 * radius + 1 }, (_, k) => Math.exp(-0.5 * ((k - radius) / sigma) ** 2));
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  const pass = (source: Float32Array, length: number, step: number, lines: number, lineStep: number): Float32Array => {
    const out = new Float32Array(source.length);
    for (let line = 0; line < lines; line++)
      for (let i = 0; i < length; i++)
        for (let k = -radius; k <= radius; k++) {
          const from = line * lineStep + Math.min(length - 1, Math.max(0, i + k)) * step;
          const to = line * lineStep + i * step;
          const weight = kernel[k + radius]! / sum;
          for (let c = 0; c < 3; c++) out[to + c] = out[to + c]! + weight * source[from + c]!;
        }
    return out;
  };
  const rows = pass(rgb, width, 3, height, 3 * width);
  rgb.set(pass(rows, height, 3 * width, width, 3));
}
