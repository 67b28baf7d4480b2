// Pictures without content, that methods compare with.
import type { Passes } from './passes.ts';

/** Share of the picture's side over which `blur` averages, each way. */
const BLUR = 1 / 8;

/**
 * `black`: every 8-bit value 0; `zero`: zeros as the model takes them; `mean`: each channel's mean over the picture;
 * `blur`: box means over an eighth of the side each way. `[height, width, channels]`.
 */
export function baselineOf(
  { picture, black, inputShape }: Pick<Passes, 'picture' | 'black' | 'inputShape'>,
  kind: string,
): Float32Array {
  switch (kind) {
    case 'zero':
      return new Float32Array(picture.length);
    case 'mean':
      return meanOf(picture, inputShape[2]);
    case 'blur':
      return blurred(picture, inputShape);
    default:
      return black;
  }
}

function meanOf(picture: Float32Array, channels: number): Float32Array {
  const sums = new Float64Array(channels);
  for (const [at, value] of picture.entries()) sums[at % channels]! += value;
  return picture.map((_, at) => (sums[at % channels]! * channels) / picture.length);
}

/** Box means, separable: along rows, then along columns. */
function blurred(picture: Float32Array, [height, width, channels]: readonly [number, number, number]): Float32Array {
  const along = (source: Float32Array, length: number, step: number, starts: readonly number[]): Float32Array => {
    const reach = Math.max(1, Math.round(length * BLUR));
    const result = new Float32Array(source.length);
    for (const start of starts) {
      const sums = new Float64Array(length + 1);
      for (let i = 0; i < length; i++) sums[i + 1] = sums[i]! + source[start + i * step]!;
      for (let i = 0; i < length; i++) {
        const [from, to] = [Math.max(0, i - reach), Math.min(length, i + reach + 1)];
        result[start + i * step] = (sums[to]! - sums[from]!) / (to - from);
      }
    }
    return result;
  };
  const lines = (count: number, stride: number): number[] =>
    Array.from({ length: count * channels }, (_, i) => Math.floor(i / channels) * stride + (i % channels));
  const rows = along(picture, width, channels, lines(height, width * channels));
  return along(rows, height, width * channels, lines(width, channels));
}
