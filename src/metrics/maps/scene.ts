// A map over its picture beside the picture's mask: what localisation metrics look at. Masks have the picture's resolution,
// maps the layer's, so the map is interpolated (bilinear between cell centres, as overlays are drawn) over the rectangle
// that the model saw, and only pixels of the picture inside that rectangle count.
import type { Heatmap, Mask, Placement } from '../../image/picture.ts';
import { axisOf, upsample } from '../../image/upsample.ts';

/** Masks are measured on at most this many pixels along the longer side: five times as fine as the finest maps in use. */
export const SCENE_SIDE = 160;

export interface Scene {
  /** Pixels along the seen part of the picture. */
  readonly width: number;
  readonly height: number;
  /** The map at these pixels, row-major. */
  readonly values: Float32Array;
  /** 1 inside the mask, row-major. */
  readonly inside: Uint8Array;
  /** How many are inside: at least 1. */
  readonly area: number;
  /** Longer side of the whole picture in these pixels: what a tolerance is a share of. */
  readonly side: number;
  /** Greatest value. */
  readonly max: number;
  /** Values in descending order, each with how many pixels of it are inside and outside. */
  ranked(): readonly Rank[];
}

/** Pixels of one value. */
export interface Rank {
  readonly value: number;
  readonly inside: number;
  readonly outside: number;
}

/** The part of a mask that a model saw, ready to be measured against any of that model's maps. */
export interface SeenMask {
  readonly mask: Mask;
  /** In pixels of `mask`. */
  readonly placement: Placement;
  readonly rows: readonly [number, number];
  readonly columns: readonly [number, number];
  readonly inside: Uint8Array;
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
  return {
    mask,
    placement: own,
    rows: [down.from, down.to],
    columns: [across.from, across.to],
    inside,
    area: inside.reduce((sum, value) => sum + value, 0),
  };
}

/** The map beside a mask whose `area` is not 0. Throws RangeError for one that is. */
export function sceneOf(map: Heatmap, seen: SeenMask): Scene {
  const { mask, placement, rows, columns, inside, area } = seen;
  if (area === 0) throw new RangeError('an empty mask has no scene');
  const whole = upsample(map, { width: mask.width, height: mask.height, placement });
  const values = crop(whole, mask.width, { from: columns[0], to: columns[1] }, { from: rows[0], to: rows[1] });
  let ranks: readonly Rank[] | undefined;
  return {
    width: columns[1] - columns[0],
    height: rows[1] - rows[0],
    values,
    inside,
    area,
    side: Math.max(mask.width, mask.height),
    max: values.reduce((a, b) => Math.max(a, b), -Infinity),
    ranked: () => (ranks ??= rank(values, inside, area)),
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

interface Span {
  readonly from: number;
  readonly to: number;
}

function crop<T extends Float32Array | Uint8Array>(data: T, width: number, across: Span, down: Span): T {
  if (across.from === 0 && across.to === width && (down.to - down.from) * width === data.length) return data;
  const size = (across.to - across.from) * (down.to - down.from);
  const out = (data instanceof Float32Array ? new Float32Array(size) : new Uint8Array(size)) as T;
  for (let y = down.from; y < down.to; y++)
    out.set(data.subarray(y * width + across.from, y * width + across.to), (y - down.from) * (across.to - across.from));
  return out;
}

/** Two sorted lists merged: sorting plain numbers is several times as fast as sorting pixels by their number. */
function rank(values: Float32Array, inside: Uint8Array, area: number): Rank[] {
  const within = new Float32Array(area);
  const without = new Float32Array(values.length - area);
  let [i, o] = [0, 0];
  for (let p = 0; p < values.length; p++) {
    if (inside[p] === 1) within[i++] = values[p]!;
    else without[o++] = values[p]!;
  }
  within.sort();
  without.sort();
  const ranks: Rank[] = [];
  [i, o] = [within.length - 1, without.length - 1];
  while (i >= 0 || o >= 0) {
    const value = Math.max(i >= 0 ? within[i]! : -Infinity, o >= 0 ? without[o]! : -Infinity);
    const [i0, o0] = [i, o];
    while (i >= 0 && within[i] === value) i--;
    while (o >= 0 && without[o] === value) o--;
    ranks.push({ value, inside: i0 - i, outside: o0 - o });
  }
  return ranks;
}
