// Picture + map -> overlay, by plain alpha blending at the picture's own resolution.
import { GradcamError } from '../lib/errors.ts';
import { requireColormap, type ColormapId } from './colormaps.ts';
import type { Colormap } from './colormap.ts';
import type { Heatmap, Picture, Placement } from './picture.ts';
import { axisOf, interpolateRow } from './upsample.ts';

export interface BlendOptions {
  readonly picture: Picture;
  readonly heatmap: Heatmap;
  /** The rectangle of the picture that the map covers; pixels whose centre is outside stay as they are. */
  readonly placement: Placement;
  /** The value drawn with the last colour; greater ones are drawn with it too. The caller's named scale, not the map's own. */
  readonly scaleMax: number;
  /** The value drawn with the first colour. Default 0. */
  readonly scaleMin?: number;
  readonly colormap: ColormapId | Colormap;
  /** Share of the colour in the result, 0..1. */
  readonly alpha: number;
  /** Interpolated between cell centres (default), or cell by cell. */
  readonly smooth?: boolean;
}

/**
 * The overlay, opaque, of the picture's size. With v the map at a pixel (`axisOf`), in doubles:
 *   gain   = 255 / (scaleMax - scaleMin)
 *   colour = table[clamp(floor(v * gain + (0.5 - scaleMin * gain)), 0, 255)]
 *   result = floor(((1 - alpha) * picture + 0.5) + alpha * colour), per channel
 * Where v is not finite the picture stays. A scale without extent (an all-zero map) gives the first colour.
 */
export function blendOverlay(options: BlendOptions): Picture {
  const { picture, heatmap, placement, smooth = true } = options;
  requireBlendable(options);
  const { width, height } = picture;
  const across = axisOf(heatmap.width, width, placement.x, placement.width, smooth);
  const down = axisOf(heatmap.height, height, placement.y, placement.height, smooth);
  const rgba = picture.rgba.slice();
  const pixels = new Uint32Array(rgba.buffer);
  const shares = sharesOf(options);
  const values = new Float64Array(across.to - across.from);
  for (let i = 0; i < down.to - down.from; i++) {
    interpolateRow(heatmap, across, down, i, values);
    blendRow(pixels, (down.from + i) * width + across.from, values, shares);
  }
  return { width, height, rgba };
}

/** What a pixel's colour is summed from, so that no pixel multiplies. */
interface Shares {
  /** (1 - alpha) * v + 0.5 for the picture's 8-bit values v; the half makes truncation round. */
  readonly picture: Float64Array;
  /** alpha * colour for each index of the colormap: [256, 3]. */
  readonly colour: Float64Array;
  /** Index of value v: v * gain + offset, truncated. */
  readonly gain: number;
  readonly offset: number;
}

function sharesOf({ alpha, colormap, scaleMax, scaleMin = 0 }: BlendOptions): Shares {
  const gain = scaleMax > scaleMin ? 255 / (scaleMax - scaleMin) : 0;
  return {
    picture: Float64Array.from({ length: 256 }, (_, value) => (1 - alpha) * value + 0.5),
    colour: Float64Array.from(requireColormap(colormap).rgb, (value) => alpha * value),
    gain,
    offset: 0.5 - scaleMin * gain,
  };
}

/** Blends `values` over the pixels from `at` on. Pixels are R, G, B, A from the lowest byte up (little endian). */
function blendRow(
  pixels: Uint32Array,
  at: number,
  values: Float64Array,
  { picture, colour, gain, offset }: Shares,
): void {
  for (let x = 0; x < values.length; x++) {
    const level = values[x]! * gain + offset;
    if (!Number.isFinite(level)) continue;
    const index = level >= 255 ? 765 : level <= 0 ? 0 : 3 * (level | 0);
    const pixel = pixels[at + x]!;
    const red = picture[pixel & 255]! + colour[index]!;
    const green = picture[(pixel >> 8) & 255]! + colour[index + 1]!;
    const blue = picture[(pixel >> 16) & 255]! + colour[index + 2]!;
    pixels[at + x] = 0xff000000 | (blue << 16) | (green << 8) | red;
  }
}

function requireBlendable({ heatmap, alpha, scaleMin = 0, scaleMax }: BlendOptions): void {
  const { width, height, data } = heatmap;
  const fail = (expected: string, found: string): never => {
    throw new GradcamError({ code: 'bad-overlay', what: 'an overlay cannot be drawn', expected, found });
  };
  if (!(alpha >= 0 && alpha <= 1)) fail('an alpha from 0 to 1', String(alpha));
  if (!Number.isFinite(scaleMin) || !Number.isFinite(scaleMax))
    fail('a scale with finite ends', `${scaleMin} to ${scaleMax}`);
  if (width < 1 || height < 1 || data.length !== width * height) {
    fail('a map with a value for every cell', `${data.length} values for ${height} x ${width} cells`);
  }
}
