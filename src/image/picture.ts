// What the image room works on: pictures in, tensors and overlays out.

export type ResizeMode = 'squash' | 'crop' | 'pad';

/** How a picture becomes the model's input tensor. */
export interface InputSpec {
  /** [height, width] in pixels. */
  readonly size: readonly [number, number];
  /**
   * squash: both sides scaled to `size`. crop: the picture scaled until it covers `size`, its centre kept.
   * pad: scaled until it fits into `size`, centred, the rest black.
   */
  readonly resize: ResizeMode;
  /**
   * With `crop`: the picture is scaled until its shorter side has so many pixels, more than `size`, before its centre is
   * taken: 256 for the Resize(256), CenterCrop(224) of torchvision. Absent: until it just covers `size`.
   */
  readonly shortSide?: number | undefined;
  /** 8-bit values 0..255 are mapped linearly onto [lo, hi]. */
  readonly scale: readonly [number, number];
  /** Subtracted per channel after scaling, in the order of `channels`. */
  readonly mean: readonly number[];
  /** Divided by per channel after `mean`. */
  readonly std: readonly number[];
  /** `grey` feeds one channel (Rec. 601 luma) where the model has one. */
  readonly channels: 'rgb' | 'bgr' | 'grey';
}

/**
 * 8-bit sRGB pixels, [height, width, 4], EXIF orientation applied. Opaque: what was transparent in the file lies on
 * white, as a page shows it, so that model, overlay and report see the same colours; the fourth value is always 255.
 */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray;
}

/**
 * Where the model saw the picture: the rectangle, in pixels of the picture, that the model's input covers.
 * squash: the whole picture; crop: a part of it; pad: reaches beyond its borders.
 */
export interface Placement {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One prepared input: float32, C order, `[channels, height, width]` or `[height, width, channels]` by `layout`. */
export interface PreparedInput {
  readonly data: Float32Array;
  readonly placement: Placement;
}

/** InputSpec with the layout of the model's input. */
export interface PrepareSpec extends InputSpec {
  readonly layout: 'nchw' | 'nhwc';
}

/** Equal for specs that prepare the same input. */
export function specKey(spec: PrepareSpec): string {
  const { size, resize, shortSide, scale, mean, std, channels, layout } = spec;
  return JSON.stringify({ size, resize, shortSide, scale, mean, std, channels, layout });
}

/** A binary picture: 1 inside, 0 outside, [height, width]. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A map on its own grid, row-major float32 `[height, width]`. */
export interface Heatmap {
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array;
}
