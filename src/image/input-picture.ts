// The tensor that a model gets -> the picture that it is of, to look at, and its numbers: a wrong size, crop, scale or mean shows.
import type { Picture, PreparedInput, PrepareSpec } from './picture.ts';

export interface InputView {
  /** The tensor with its normalisation undone, in natural colours, of the model's own size. */
  readonly picture: Picture;
  /** Least and greatest value of the tensor. */
  readonly range: readonly [number, number];
  /** Mean of each channel of the tensor, in the order in which the model gets them. */
  readonly means: readonly number[];
}

/** Undoes `prepareInput`: value * std + mean, from scale to 0..255; grey inputs give grey pictures. */
export function viewInput({ data }: PreparedInput, spec: PrepareSpec): InputView {
  const [height, width] = spec.size;
  const pixels = height * width;
  const channels = data.length / pixels;
  const at = (pixel: number, channel: number): number =>
    data[spec.layout === 'nchw' ? channel * pixels + pixel : pixel * channels + channel]!;
  const rgba = new Uint8ClampedArray(4 * pixels).fill(255);
  const sums = new Array<number>(channels).fill(0);
  const [low, high] = spec.scale;
  let [least, greatest] = [Infinity, -Infinity];
  for (let channel = 0; channel < channels; channel++) {
    const places = channels === 1 ? [0, 1, 2] : [spec.channels === 'bgr' ? 2 - channel : channel];
    for (let pixel = 0; pixel < pixels; pixel++) {
      const value = at(pixel, channel);
      sums[channel] = sums[channel]! + value;
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
      const level = ((value * spec.std[channel]! + spec.mean[channel]! - low) / (high - low)) * 255;
      for (const place of places) rgba[4 * pixel + place] = level;
    }
  }
  return { picture: { width, height, rgba }, range: [least, greatest], means: sums.map((sum) => sum / pixels) };
}
