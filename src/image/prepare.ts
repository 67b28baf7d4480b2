// Picture -> the model's input tensor, and where in the picture the model looked: resize, place, normalise.
import { GradcamError } from '../lib/errors.ts';
import type { Picture, Placement, PreparedInput, PrepareSpec } from './picture.ts';
import { resample, type Window } from './resample.ts';

/** How a picture is fitted: scaled to `size`, of which `window` is taken, which starts at (left, top) of the input. */
interface Fit {
  /** [height, width] */
  readonly size: readonly [number, number];
  readonly window: Window;
  readonly left: number;
  readonly top: number;
}

/** What settles the pixels, before normalisation. */
export type FitSpec = Pick<PrepareSpec, 'size' | 'resize' | 'shortSide'>;

/** 8-bit RGB of the model's size, [height, width, 3], before normalisation. */
export interface Fitted {
  readonly rgb: Uint8Array;
  readonly placement: Placement;
}

/**
 * The tensor for one picture: antialiased bilinear (`resample`), then ((value / 255) * (hi - lo) + lo - mean) / std per
 * channel, exact to float32. A picture that has the size already is not resampled.
 * Throws GradcamError `bad-input-spec` where size, mean or std cannot be used.
 */
export function prepareInput(picture: Picture, spec: PrepareSpec): PreparedInput {
  requireUsableInput(spec);
  const { rgb, placement } = fitPicture(picture, spec);
  return { data: normalize(rgb, spec), placement };
}

/** The first half of `prepareInput`: resized and placed. */
export function fitPicture(picture: Picture, spec: FitSpec): Fitted {
  const [height, width] = spec.size;
  const fit = fitOf(picture, spec);
  const { window } = fit;
  const resized = resample(picture, fit.size, window);
  const [resizedHeight, resizedWidth] = fit.size;
  const placement = {
    x: ((window.left - fit.left) * picture.width) / resizedWidth,
    y: ((window.top - fit.top) * picture.height) / resizedHeight,
    width: (width * picture.width) / resizedWidth,
    height: (height * picture.height) / resizedHeight,
  };
  if (window.width === width && window.height === height) return { rgb: resized, placement };
  const rgb = new Uint8Array(height * width * 3); // black
  for (let row = 0; row < window.height; row++) {
    const from = row * window.width * 3;
    rgb.set(resized.subarray(from, from + window.width * 3), ((fit.top + row) * width + fit.left) * 3);
  }
  return { rgb, placement };
}

/**
 * Whole pixels are chosen as the common preprocessing does: crop as torchvision's Resize and CenterCrop, pad as Pillow's
 * ImageOps.pad. The sides' scales may therefore differ by a fraction of a pixel; the placement follows what was done.
 */
function fitOf(picture: Picture, spec: FitSpec): Fit {
  const [height, width] = spec.size;
  // The picture scaled to the input's height has this width, scaled to its width that height.
  const widthAtHeight = (picture.width * height) / picture.height;
  const heightAtWidth = (picture.height * width) / picture.width;
  const wide = widthAtHeight >= width;
  const covering = wide
    ? ([height, Math.floor(widthAtHeight)] as const)
    : ([Math.floor(heightAtWidth), width] as const);
  switch (spec.resize) {
    case 'squash':
      return whole(height, width, spec);
    case 'crop': {
      const size = spec.shortSide === undefined ? covering : shortSideScaled(picture, spec.shortSide);
      const left = roundHalfEven((size[1] - width) / 2);
      const top = roundHalfEven((size[0] - height) / 2);
      return { size, window: { left, top, width, height }, left: 0, top: 0 };
    }
    case 'pad':
      return wide
        ? whole(Math.max(1, roundHalfEven(heightAtWidth)), width, spec)
        : whole(height, Math.max(1, roundHalfEven(widthAtHeight)), spec);
  }
}

/** torchvision's Resize with one number: [height, width], the longer side rounded down. */
function shortSideScaled({ width, height }: Picture, shortSide: number): readonly [number, number] {
  return width < height
    ? [Math.floor((shortSide * height) / width), shortSide]
    : [shortSide, Math.floor((shortSide * width) / height)];
}

/** The whole picture scaled to `height` x `width`, centred in the input. */
function whole(height: number, width: number, spec: Pick<PrepareSpec, 'size'>): Fit {
  return {
    size: [height, width],
    window: { left: 0, top: 0, width, height },
    left: roundHalfEven((spec.size[1] - width) / 2),
    top: roundHalfEven((spec.size[0] - height) / 2),
  };
}

/** [height, width, 3] -> float32 in the model's layout. 8-bit values have 256 results a channel: a table each. */
function normalize(rgb: Uint8Array, spec: PrepareSpec): Float32Array {
  const pixels = rgb.length / 3;
  const source = spec.channels === 'grey' ? greyOf(rgb) : rgb;
  const channels = spec.channels === 'grey' ? 1 : 3;
  const data = new Float32Array(pixels * channels);
  const step = spec.layout === 'nchw' ? 1 : channels;
  for (let channel = 0; channel < channels; channel++) {
    const table = tableOf(spec, channel);
    let from = spec.channels === 'bgr' ? 2 - channel : channel;
    let to = spec.layout === 'nchw' ? channel * pixels : channel;
    for (let i = 0; i < pixels; i++) {
      data[to] = table[source[from]!]!;
      from += channels;
      to += step;
    }
  }
  return data;
}

function tableOf({ scale: [low, high], mean, std }: PrepareSpec, channel: number): Float32Array {
  return Float32Array.from(
    { length: 256 },
    (_, v) => ((v / 255) * (high - low) + low - mean[channel]!) / std[channel]!,
  );
}

/** Rec. 601 luma with weights in 1/65536, as Pillow's. [pixels, 3] -> [pixels] */
function greyOf(rgb: Uint8Array): Uint8Array {
  const grey = new Uint8Array(rgb.length / 3);
  for (let i = 0, from = 0; i < grey.length; i++, from += 3) {
    grey[i] = (19595 * rgb[from]! + 38470 * rgb[from + 1]! + 7471 * rgb[from + 2]! + 32768) >> 16;
  }
  return grey;
}

/** Python's `round`, which decides these halves in the preprocessing that models are trained with. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Throws GradcamError `bad-input-spec` where size, scale, mean or std cannot be used. */
export function requireUsableInput({ size, scale, mean, std, channels, shortSide }: PrepareSpec): void {
  const count = channels === 'grey' ? 1 : 3;
  const fail = (expected: string, found: unknown): never => {
    throw new GradcamError({
      code: 'bad-input-spec',
      what: 'the input settings of a run cannot be used',
      expected,
      found: JSON.stringify(found),
      hint: 'correct `input` in run.json',
    });
  };
  if (!size.every((side) => Number.isInteger(side) && side >= 1 && side <= 16384))
    fail('size: two whole numbers from 1 to 16384', size);
  if (shortSide !== undefined && !(Number.isInteger(shortSide) && shortSide >= Math.max(...size) && shortSide <= 16384))
    fail(`shortSide: a whole number from ${Math.max(...size)}, the larger side of the input, to 16384`, shortSide);
  if (!scale.every(Number.isFinite)) fail('scale: two numbers', scale);
  if (mean.length !== count || !mean.every(Number.isFinite)) fail(`mean: a number for each of ${count} channels`, mean);
  const usable = std.length === count && std.every((value) => Number.isFinite(value) && value !== 0);
  if (!usable) fail(`std: a number other than 0 for each of ${count} channels`, std);
}
