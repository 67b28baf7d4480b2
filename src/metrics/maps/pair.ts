// Two maps of one picture, brought onto common places: their own cells where grid and placement are the same, else a lattice
// over the part of the picture that both models saw.
import type { Heatmap, Placement } from '../../image/picture.ts';
import { upsample } from '../../image/upsample.ts';
import { rememberedBy } from '../../lib/remembered-by.ts';

/** Cells of the lattice along each side, as on the report's page. */
const LATTICE = 24;
/** Pixels along each side on which structures (SSIM) are compared. */
export const CANVAS = 64;

export interface PlacedMap {
  readonly map: Heatmap;
  /** In pixels of the picture. */
  readonly placement: Placement;
}

export interface Pair {
  /** Values at the common places; as they are, negative ones too. Never changed: metrics keep what they make of them. */
  readonly a: Float32Array;
  readonly b: Float32Array;
  /** Both interpolated to CANVAS x CANVAS pixels over the common part of the picture. */
  canvas(): readonly [Float32Array, Float32Array];
}

/** null where the two models saw no common part of the picture. */
export function pairOf(a: PlacedMap, b: PlacedMap): Pair | null {
  const common = intersection(a.placement, b.placement);
  if (common === null) return null;
  const alike = a.map.width === b.map.width && a.map.height === b.map.height && samePlace(a.placement, b.placement);
  const on = (one: PlacedMap, side: typeof LATTICE | typeof CANVAS): Float32Array =>
    samePlace(one.placement, common) ? wholes[side](one.map) : sampled(one, common, side);
  let canvas: readonly [Float32Array, Float32Array] | undefined;
  return {
    a: alike ? a.map.data : on(a, LATTICE),
    b: alike ? b.map.data : on(b, LATTICE),
    canvas: () => (canvas ??= [on(a, CANVAS), on(b, CANVAS)]),
  };
}

/** Maps whose whole place is common, on so many pixels along each side: interpolated once for all pairs that they are in. */
const wholes = {
  [LATTICE]: rememberedBy((map: Heatmap) => upsample(map, { width: LATTICE, height: LATTICE })),
  [CANVAS]: rememberedBy((map: Heatmap) => upsample(map, { width: CANVAS, height: CANVAS })),
};

function sampled({ map, placement }: PlacedMap, common: Placement, side: number): Float32Array {
  return upsample(map, {
    width: side,
    height: side,
    placement: {
      x: ((placement.x - common.x) * side) / common.width,
      y: ((placement.y - common.y) * side) / common.height,
      width: (placement.width * side) / common.width,
      height: (placement.height * side) / common.height,
    },
  });
}

function intersection(a: Placement, b: Placement): Placement | null {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const width = Math.min(a.x + a.width, b.x + b.width) - x;
  const height = Math.min(a.y + a.height, b.y + b.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

function samePlace(a: Placement, b: Placement): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}
