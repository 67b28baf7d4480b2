// Sums over feature maps held as arrays, in doubles.

/** sum_k weights_k A_k: `[height, width, channels]`, `[channels]` -> `[height, width]`. */
export function weightedSum(features: Float32Array, weights: ArrayLike<number>): Float32Array {
  const channels = weights.length;
  const map = new Float32Array(features.length / channels);
  for (let cell = 0, at = 0; cell < map.length; cell++) {
    let sum = 0;
    for (let k = 0; k < channels; k++, at++) sum += weights[k]! * features[at]!;
    map[cell] = sum;
  }
  return map;
}

/** Sum over the channels: `[height, width, channels]` -> `[height, width]`. */
export function channelSum(values: ArrayLike<number>, channels: number): Float32Array {
  const map = new Float32Array(values.length / channels);
  for (let cell = 0, at = 0; cell < map.length; cell++) {
    let sum = 0;
    for (let k = 0; k < channels; k++, at++) sum += values[at]!;
    map[cell] = sum;
  }
  return map;
}

/** Greatest absolute value over the channels: `[height, width, channels]` -> `[height, width]`. */
export function channelMaximum(values: ArrayLike<number>, channels: number): Float32Array {
  const map = new Float32Array(values.length / channels);
  for (let at = 0; at < values.length; at++) {
    const cell = Math.floor(at / channels);
    map[cell] = Math.max(map[cell]!, Math.abs(values[at]!));
  }
  return map;
}
