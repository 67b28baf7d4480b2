// 8-bit pixels to another size, bit for bit as Pillow's BILINEAR (to version 12; since 13 it starts with the columns of
// tall pictures, a level apart at most), which torchvision uses: models were trained on pictures made so. Own file
// because sharp's kernels differ by a quarter of a level on average.
import type { Picture } from './picture.ts';

/** A part of the resized picture, in its whole pixels. */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Bits after the binary point of the weights. */
const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);

/** For each output pixel of one axis: its first source pixel, how many there are, and their weights. */
interface Taps {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** [outputs, stride], fixed point, summing to 1 for each output. */
  readonly weights: Int32Array;
  readonly stride: number;
}

/**
 * Scales `picture` to `size` ([height, width]) and returns the `window` of the result as RGB, [height, width, 3].
 * A triangle filter, widened by the reduction so that it sees every source pixel (antialiasing); first along rows, then
 * along columns, rounded to 8 bits after each. The same size gives the same pixels.
 */
export function resample(picture: Picture, size: readonly [number, number], window: Window): Uint8Array {
  const [height, width] = size;
  const across = tapsOf(picture.width, width, window.left, window.width);
  const down = tapsOf(picture.height, height, window.top, window.height);
  const firstRow = down.first[0]!;
  const rows = down.first[window.height - 1]! + down.count[window.height - 1]! - firstRow;
  return scaleColumns(scaleRows(picture, across, firstRow, rows), down, firstRow, 3 * window.width);
}

/** Weights of outputs `from` .. `from + outputs` when `sourceSize` pixels become `size`. */
function tapsOf(sourceSize: number, size: number, from: number, outputs: number): Taps {
  const scale = sourceSize / size;
  const support = Math.max(scale, 1);
  const stride = 2 * Math.ceil(support) + 1;
  const first = new Int32Array(outputs);
  const count = new Int32Array(outputs);
  const weights = new Int32Array(outputs * stride);
  for (let i = 0; i < outputs; i++) {
    const centre = (from + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(sourceSize, Math.trunc(centre + support + 0.5));
    const weightAt = (pixel: number): number => Math.max(0, 1 - Math.abs((pixel + 0.5 - centre) / support));
    let sum = 0;
    for (let pixel = start; pixel < end; pixel++) sum += weightAt(pixel);
    for (let pixel = start; pixel < end; pixel++) {
      weights[i * stride + pixel - start] = Math.trunc((weightAt(pixel) / sum) * 2 ** PRECISION + 0.5);
    }
    first[i] = start;
    count[i] = end - start;
  }
  return { first, count, weights, stride };
}

/** Rows `firstRow` .. `firstRow + rows` of the picture, each scaled: [rows, outputs, 3]. */
function scaleRows({ width, rgba }: Picture, taps: Taps, firstRow: number, rows: number): Uint8Array {
  const outputs = taps.first.length;
  const out = new Uint8Array(rows * outputs * 3);
  let to = 0;
  for (let y = firstRow; y < firstRow + rows; y++) {
    for (let x = 0; x < outputs; x++) {
      let from = (y * width + taps.first[x]!) * 4;
      const end = from + taps.count[x]! * 4;
      let tap = x * taps.stride;
      // Weights sum to 2^22, so the sums stay below 2^31.
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (; from < end; from += 4) {
        const weight = taps.weights[tap++]!;
        red += rgba[from]! * weight;
        green += rgba[from + 1]! * weight;
        blue += rgba[from + 2]! * weight;
      }
      out[to] = red >> PRECISION;
      out[to + 1] = green >> PRECISION;
      out[to + 2] = blue >> PRECISION;
      to += 3;
    }
  }
  return out;
}

/** Columns of `rows` (its first is row `firstRow` of the source; `stride` bytes each) scaled: [outputs, stride]. */
function scaleColumns(rows: Uint8Array, taps: Taps, firstRow: number, stride: number): Uint8Array {
  const outputs = taps.first.length;
  const out = new Uint8Array(outputs * stride);
  const sums = new Int32Array(stride);
  for (let y = 0; y < outputs; y++) {
    sums.fill(HALF);
    for (let k = 0; k < taps.count[y]!; k++) {
      const weight = taps.weights[y * taps.stride + k]!;
      const from = (taps.first[y]! + k - firstRow) * stride;
      for (let i = 0; i < stride; i++) sums[i] = sums[i]! + rows[from + i]! * weight;
    }
    for (let i = 0; i < stride; i++) out[y * stride + i] = sums[i]! >> PRECISION;
  }
  return out;
}
