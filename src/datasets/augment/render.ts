// A plan carried out: 8-bit pixels -> place, colours, normalisation -> a row of a batch. Plain loops over pixels, for workers.
import type { PrepareSpec } from '../../image/picture.ts';
import type { Plan } from './augmentation.ts';

/** 8-bit RGB, [height, width, 3]. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/**
 * Writes a picture into `out`, float32 of the input's size and layout. With the plan `unchanged` and pixels of the input's
 * size the values are those of `prepareInput`, exactly. Places are read bilinearly between pixel centres, reflected at the
 * borders (as torch.grid_sample with padding_mode reflection, align_corners false).
 */
export function renderRow(pixels: Pixels, plan: Plan, spec: PrepareSpec, out: Float32Array): void {
  const [height, width] = spec.size;
  const planes = new Float32Array(3 * height * width);
  if (isUpright(plan) && pixels.width === width && pixels.height === height) copyPlanes(pixels, plan, planes);
  else samplePlanes(pixels, plan, height, width, planes);
  changeColours(planes, plan);
  normalizePlanes(planes, plan, spec, out);
}

/** Mirrored at most. */
function isUpright({ place: [a, b, c, d, e, f] }: Plan): boolean {
  return Math.abs(a) === 1 && b === 0 && c === 0 && d === 0 && Math.abs(e) === 1 && f === 0;
}

function copyPlanes({ width, height, rgb }: Pixels, { place }: Plan, planes: Float32Array): void {
  const size = width * height;
  const step = place[0] > 0 ? 3 : -3;
  for (let y = 0; y < height; y++) {
    const row = place[4] > 0 ? y : height - 1 - y;
    let from = (row * width + (step > 0 ? 0 : width - 1)) * 3;
    for (let to = y * width; to < (y + 1) * width; to++, from += step) {
      planes[to] = rgb[from]!;
      planes[size + to] = rgb[from + 1]!;
      planes[2 * size + to] = rgb[from + 2]!;
    }
  }
}

function samplePlanes(pixels: Pixels, plan: Plan, height: number, width: number, planes: Float32Array): void {
  const { rgb } = pixels;
  const size = width * height;
  const aspect = width / height;
  const [a, b, c, d, e, f] = plan.place;
  // Along a row of the output both coordinates grow by a constant: in pixels of the source.
  const stepX = (a * pixels.width) / width;
  const stepY = (d * aspect * pixels.height) / width;
  for (let j = 0; j < height; j++) {
    const x = (1 / width - 1) * aspect;
    const y = (2 * j + 1) / height - 1;
    let px = (((a * x + b * y + c) / aspect + 1) * pixels.width - 1) / 2;
    let py = ((d * x + e * y + f + 1) * pixels.height - 1) / 2;
    for (let to = j * width; to < (j + 1) * width; to++, px += stepX, py += stepY) {
      const sx = within(px, pixels.width);
      const sy = within(py, pixels.height);
      const x0 = Math.floor(sx);
      const y0 = Math.floor(sy);
      const fx = sx - x0;
      const fy = sy - y0;
      const right = x0 + 1 < pixels.width ? 3 : 0;
      const above = (y0 * pixels.width + x0) * 3;
      const below = y0 + 1 < pixels.height ? above + 3 * pixels.width : above;
      for (let channel = 0; channel < 3; channel++) {
        const upper = rgb[above + channel]! + fx * (rgb[above + right + channel]! - rgb[above + channel]!);
        const lower = rgb[below + channel]! + fx * (rgb[below + right + channel]! - rgb[below + channel]!);
        planes[channel * size + to] = upper + fy * (lower - upper);
      }
    }
  }
}

/** A coordinate reflected at the outer edges of the first and last pixel, then moved onto their centres. */
function within(at: number, pixels: number): number {
  if (at < 0 || at > pixels - 1) {
    const period = 2 * pixels;
    const inside = (((at + 0.5) % period) + period) % period;
    const reflected = (inside < pixels ? inside : period - inside) - 0.5;
    return reflected < 0 ? 0 : reflected > pixels - 1 ? pixels - 1 : reflected;
  }
  return at;
}

/** Luma of Rec. 601. */
const LUMA = [0.299, 0.587, 0.114] as const;

/**
 * v -> clamp(H S (contrast * brightness * v + (1 - contrast) * mean)): S draws colours towards their grey, H turns them
 * around it. Both keep greys, so the mean passes through.
 */
function changeColours(planes: Float32Array, { brightness, contrast, saturation, hue }: Plan): void {
  if (brightness === 1 && contrast === 1 && saturation === 1 && hue === 0) return;
  const size = planes.length / 3;
  const red = planes.subarray(0, size);
  const green = planes.subarray(size, 2 * size);
  const blue = planes.subarray(2 * size);
  let sum = 0;
  for (let i = 0; i < size; i++) sum += LUMA[0] * red[i]! + LUMA[1] * green[i]! + LUMA[2] * blue[i]!;
  const rest = ((1 - contrast) * brightness * sum) / size;
  const m = colourMatrix(saturation, hue).map((weight) => weight * contrast * brightness);
  for (let i = 0; i < size; i++) {
    const r = red[i]!;
    const g = green[i]!;
    const b = blue[i]!;
    red[i] = clamp(m[0]! * r + m[1]! * g + m[2]! * b + rest);
    green[i] = clamp(m[3]! * r + m[4]! * g + m[5]! * b + rest);
    blue[i] = clamp(m[6]! * r + m[7]! * g + m[8]! * b + rest);
  }
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/** Chroma of YIQ (NTSC 1953) from RGB, and back to RGB; its luma is `LUMA`. */
const I_OF = [0.5959, -0.2746, -0.3213] as const;
const Q_OF = [0.2115, -0.5227, 0.3112] as const;
const FROM_I = [0.956, -0.272, -1.106] as const;
const FROM_Q = [0.619, -0.647, 1.703] as const;

/** [3, 3]: grey + saturation * (colour without its grey, turned by `hue` in the plane of I and Q). Rows sum to 1. */
function colourMatrix(saturation: number, hue: number): number[] {
  const cos = saturation * Math.cos(hue);
  const sin = saturation * Math.sin(hue);
  return [0, 1, 2].flatMap((out) =>
    [0, 1, 2].map((from) => {
      const grey = LUMA[from]!;
      const quarterTurn = FROM_Q[out]! * I_OF[from]! - FROM_I[out]! * Q_OF[from]!;
      return grey + cos * ((out === from ? 1 : 0) - grey) + sin * quarterTurn;
    }),
  );
}

/** ((value / 255) * (hi - lo) + lo - mean) / std * gain + offset, in the input's layout and order of channels. */
function normalizePlanes(planes: Float32Array, { gain, offset }: Plan, spec: PrepareSpec, out: Float32Array): void {
  const size = planes.length / 3;
  const [low, high] = spec.scale;
  const source = spec.channels === 'grey' ? greyPlane(planes) : planes;
  const channels = source.length / size;
  const step = spec.layout === 'nchw' ? 1 : channels;
  for (let channel = 0; channel < channels; channel++) {
    const from = (spec.channels === 'bgr' ? 2 - channel : channel) * size;
    const mean = spec.mean[channel]!;
    const std = spec.std[channel]!;
    let to = spec.layout === 'nchw' ? channel * size : channel;
    for (let i = from; i < from + size; i++, to += step)
      out[to] = (((source[i]! / 255) * (high - low) + low - mean) / std) * gain + offset;
  }
}

/** Rec. 601 luma in whole levels, as `prepareInput` has it. */
function greyPlane(planes: Float32Array): Float32Array {
  const size = planes.length / 3;
  const grey = new Float32Array(size);
  for (let i = 0; i < size; i++)
    grey[i] = Math.floor(
      (19595 * planes[i]! + 38470 * planes[size + i]! + 7471 * planes[2 * size + i]! + 32768) / 65536,
    );
  return grey;
}
