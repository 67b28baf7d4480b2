// Arrays of one picture or feature map between the model's layout and [height, width, channels].
import type { PrepareSpec } from './image/picture.ts';

type Shape = readonly [number, number, number];

/** `[channels, height, width]` or `[height, width, channels]` -> `[height, width, channels]`; the same array where it is that already. */
export function toHwc(values: Float32Array, [height, width, channels]: Shape, layout: 'nchw' | 'nhwc'): Float32Array {
  if (layout === 'nhwc' || channels === 1) return values;
  const cells = height * width;
  const result = new Float32Array(values.length);
  for (let channel = 0, from = 0; channel < channels; channel++)
    for (let cell = 0; cell < cells; cell++, from++) result[cell * channels + channel] = values[from]!;
  return result;
}

/** The inverse of `toHwc`. */
export function toModel(values: Float32Array, [height, width, channels]: Shape, layout: 'nchw' | 'nhwc'): Float32Array {
  if (layout === 'nhwc' || channels === 1) return values;
  const cells = height * width;
  const result = new Float32Array(values.length);
  for (let channel = 0, to = 0; channel < channels; channel++)
    for (let cell = 0; cell < cells; cell++, to++) result[to] = values[cell * channels + channel]!;
  return result;
}

/** What a black picture becomes under the run's preparation, `[height, width, channels]`. */
export function blackInput({ scale, mean, std }: PrepareSpec, [height, width, channels]: Shape): Float32Array {
  const black = Float32Array.from({ length: channels }, (_, c) => (scale[0] - (mean[c] ?? 0)) / (std[c] ?? 1));
  const result = new Float32Array(height * width * channels);
  for (let at = 0; at < result.length; at++) result[at] = black[at % channels]!;
  return result;
}

/** Left and right exchanged, in the model's layout. */
export function flipAcross(
  values: Float32Array,
  [height, width, channels]: Shape,
  layout: 'nchw' | 'nhwc',
): Float32Array {
  const result = new Float32Array(values.length);
  const [lines, inner] = layout === 'nchw' ? [channels * height, 1] : [height, channels];
  for (let line = 0; line < lines; line++)
    for (let x = 0; x < width; x++) {
      const from = (line * width + x) * inner;
      const to = (line * width + (width - 1 - x)) * inner;
      for (let channel = 0; channel < inner; channel++) result[to + channel] = values[from + channel]!;
    }
  return result;
}
