// A map over its picture beside the picture's mask: what localisation metrics look at. Masks have the picture's resolution,
// maps the layer's, so the map is interpolated (bilinear between cell centres, as overlays are drawn) over the rectangle
// that the model saw, and only pixels of the picture inside that rectangle count.
import type { Heatmap, Mask, Placement } from '../../image/picture.ts';
import { axisOf, interpolateRow, type Axis } from '../../image/upsample.ts';
import { levelsOf, sidesOf, type Levels, type Sides } from './levels.ts';

/** Masks are measured on at most this many pixels along the longer side: five times as fine as the finest maps in use. */
const SCENE_SIDE = 160;

export interface Scene {
  /** Pixels along the seen part of the picture. */
  readonly width: number;
  readonly height: number;
  /** The map at these pixels, row-major. */
  readonly values: Float32Array;
  /** 1 inside the mask, row-major. */
  readonly inside: Uint8Array;
  /** Pixels inside, by their number. */
  readonly within: Int32Array;
  /** How many are inside: at least 1. */
  readonly area: number;
  /** Longer side of the whole picture in these pixels: what a tolerance is a share of. */
  readonly side: number;
  /** Greatest value. */
  readonly max: number;
  /** Values that occur inside, greatest first, with how many pixels have them. */
  levels(): Levels;
}

/** The part of a mask that a model saw, ready to be measured against any of that model's maps. */
export interface SeenMask {
  readonly mask: Mask;
  /** In pixels of `mask`. */
  readonly placement: Placement;
  readonly rows: readonly [number, number];
  readonly columns: readonly [number, number];
  readonly inside: Uint8Array;
  readonly sides: Sides;
  readonly area: number;
}

/**
 * The mask where the model saw it. `placement` is in pixels of a picture of `picture` size, which the mask covers, whatever
 * its own size. `area` is 0 for a mask that is empty, or empty there.
 */
export function seenMask(
  mask: Mask,
  placement: Placement,
  picture: { readonly width: number; readonly height: number },
): SeenMask {
  const [toX, toY] = [mask.width / picture.width, mask.height / picture.height];
  const own = {
    x: placement.x * toX,
    y: placement.y * toY,
    width: placement.width * toX,
    height: placement.height * toY,
  };
  const across = axisOf(1, mask.width, own.x, own.width, true);
  const down = axisOf(1, mask.height, own.y, own.height, true);
  const inside = crop(mask.data, mask.width, across, down);
  const sides = sidesOf(inside);
  return {
    mask,
    placement: own,
    rows: [down.from, down.to],
    columns: [across.from, across.to],
    inside,
    sides,
    area: sides.within.length,
  };
}

/** The map beside a mask whose `area` is not 0. Throws RangeError for one that is. */
export function sceneOf(map: Heatmap, seen: SeenMask): Scene {
  const { mask, placement, rows, columns, inside, sides, area } = seen;
  if (area === 0) throw new RangeError('an empty mask has no scene');
  const across = axisOf(map.width, mask.width, placement.x, placement.width, true);
  const down = axisOf(map.height, mask.height, placement.y, placement.height, true);
  const [width, height] = [columns[1] - columns[0], rows[1] - rows[0]];
  const values = new Float32Array(width * height);
  const row = new Float64Array(width);
  const cells = new Float64Array(map.width);
  let max = -Infinity;
  for (let y = 0; y < height; y++) {
    interpolateRow(map, across, down, y, row, cells);
    values.set(row, y * width);
  }
  for (let p = 0; p < values.length; p++) if (values[p]! > max) max = values[p]!;
  let levels: Levels | undefined;
  return {
    width,
    height,
    values,
    inside,
    within: sides.within,
    area,
    side: Math.max(mask.width, mask.height),
    max,
    levels: () => (levels ??= levelsOf(values, sides)),
  };
}

/**
 * The mask on at most `SCENE_SIDE` pixels along the longer side, each inside where its middle is. Smaller masks stay as
 * they are.
 */
export function reducedMask(mask: Mask, maxSide: number = SCENE_SIDE): Mask {
  const factor = Math.max(1, Math.max(mask.width, mask.height) / maxSide);
  if (factor === 1) return mask;
  const width = Math.max(1, Math.round(mask.width / factor));
  const height = Math.max(1, Math.round(mask.height / factor));
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = Math.floor(((y + 0.5) * mask.height) / height) * mask.width;
    for (let x = 0; x < width; x++)
      data[y * width + x] = mask.data[from + Math.floor(((x + 0.5) * mask.width) / width)] ?? 0;
  }
  return { width, height, data };
}

function crop(data: Uint8Array, width: number, across: Axis, down: Axis): Uint8Array {
  if (across.from === 0 && across.to === width && (down.to - down.from) * width === data.length) return data;
  const out = new Uint8Array((across.to - across.from) * (down.to - down.from));
  for (let y = down.from; y < down.to; y++)
    out.set(data.subarray(y * width + across.from, y * width + across.to), (y - down.from) * (across.to - across.from));
  return out;
}
