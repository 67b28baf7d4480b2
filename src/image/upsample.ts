// A map's grid -> values at pixels. One definition for overlays and measurements; the report's script repeats it.
import type { Heatmap, Placement } from './picture.ts';

export interface UpsampleOptions {
  /** Pixels of the picture, [height, width]. */
  readonly width: number;
  readonly height: number;
  /** The rectangle that the map covers, in pixels of the picture. Default: all of it. */
  readonly placement?: Placement;
  /** true: bilinear between cell centres (default). false: each pixel takes the cell that it lies in. */
  readonly smooth?: boolean;
}

/** Where the pixels of one axis fall on the cells of a grid. */
export interface Axis {
  /** Pixels `from` .. `to` have their centre inside the placement. */
  readonly from: number;
  readonly to: number;
  /** The two cells each of these pixels lies between, and how far it is from the lower to the upper one, 0..1. */
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  readonly fraction: Float64Array;
}

/**
 * Pixel p, whose centre is p + 0.5, lies at u = (p + 0.5 - start) / extent * cells in the grid, where cell i has its
 * centre at i + 0.5. Between centres values are interpolated, beyond the outer ones the outer value holds.
 */
export function axisOf(cells: number, pixels: number, start: number, extent: number, smooth: boolean): Axis {
  const from = Math.min(pixels, Math.max(0, Math.ceil(start - 0.5)));
  const to = Math.max(from, Math.min(pixels, Math.ceil(start + extent - 0.5)));
  const lower = new Int32Array(to - from);
  const upper = new Int32Array(to - from);
  const fraction = new Float64Array(to - from);
  for (let i = 0; i < to - from; i++) {
    const u = ((from + i + 0.5 - start) / extent) * cells;
    const at = Math.min(cells - 1, Math.max(0, smooth ? u - 0.5 : Math.floor(u)));
    lower[i] = Math.floor(at);
    fraction[i] = at - lower[i]!;
    upper[i] = fraction[i]! > 0 ? lower[i]! + 1 : lower[i]!;
  }
  return { from, to, lower, upper, fraction };
}

/**
 * Values of row `i` of `down` at the pixels of `across`, into `row`. Interpolates along columns, then along the row.
 * A cell that is not a number spreads to every pixel that it has a part in. `cells` is room for a row of the grid.
 */
export function interpolateRow(
  heatmap: Heatmap,
  across: Axis,
  down: Axis,
  i: number,
  row: Float64Array,
  cells = new Float64Array(heatmap.width),
): void {
  const { width, data } = heatmap;
  const above = down.lower[i]! * width;
  const below = down.upper[i]! * width;
  const part = down.fraction[i]!;
  for (let x = 0; x < width; x++) cells[x] = between(data[above + x]!, data[below + x]!, part);
  for (let x = 0; x < row.length; x++) {
    const value = cells[across.lower[x]!]!;
    row[x] = value + across.fraction[x]! * (cells[across.upper[x]!]! - value);
  }
}

/** The map at every pixel, float32 [height, width]; NaN outside the placement. */
export function upsample(heatmap: Heatmap, options: UpsampleOptions): Float32Array {
  const { width, height, placement = { x: 0, y: 0, width, height }, smooth = true } = options;
  const across = axisOf(heatmap.width, width, placement.x, placement.width, smooth);
  const down = axisOf(heatmap.height, height, placement.y, placement.height, smooth);
  const out = new Float32Array(width * height).fill(NaN);
  const row = new Float64Array(across.to - across.from);
  const cells = new Float64Array(heatmap.width);
  for (let i = 0; i < down.to - down.from; i++) {
    interpolateRow(heatmap, across, down, i, row, cells);
    out.set(row, (down.from + i) * width + across.from);
  }
  return out;
}

function between(a: number, b: number, part: number): number {
  return a + part * (b - a);
}
