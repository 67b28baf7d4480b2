// Bilinear resizing of one channel with aligned corners, for masks made of feature maps.

interface Axis {
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** Share of `high`. */
  readonly share: Float64Array;
}

/** Position i of `to` lies at i (from - 1) / (to - 1) of `from`: the first and last centres coincide. */
function alignedAxis(from: number, to: number): Axis {
  const low = new Int32Array(to);
  const high = new Int32Array(to);
  const share = new Float64Array(to);
  for (let i = 0; i < to; i++) {
    const at = to === 1 ? 0 : (i * (from - 1)) / (to - 1);
    low[i] = Math.min(Math.floor(at), from - 1);
    high[i] = Math.min(low[i]! + 1, from - 1);
    share[i] = at - low[i]!;
  }
  return { low, high, share };
}

/** A function that takes channel k of `[height, width, channels]` and gives it at the size `to`, `[height, width]`. */
export function alignedUpsampler(
  [height, width]: readonly [number, number],
  to: readonly [number, number],
): (features: Float32Array, k: number, channels: number) => Float32Array {
  const [rows, columns] = [alignedAxis(height, to[0]), alignedAxis(width, to[1])];
  return (features, k, channels) => {
    const result = new Float32Array(to[0] * to[1]);
    const line = new Float64Array(width);
    for (let y = 0, at = 0; y < to[0]; y++) {
      const [low, high, share] = [rows.low[y]! * width, rows.high[y]! * width, rows.share[y]!];
      for (let x = 0; x < width; x++) {
        const upper = features[(low + x) * channels + k]!;
        line[x] = upper + (features[(high + x) * channels + k]! - upper) * share;
      }
      for (let x = 0; x < to[1]; x++, at++) {
        const left = line[columns.low[x]!]!;
        result[at] = left + (line[columns.high[x]!]! - left) * columns.share[x]!;
      }
    }
    return result;
  };
}
