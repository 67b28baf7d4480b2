// Lines of equal value of a map, as SVG path data. The report's script repeats it (templates/page/contours.js).
import { upsample } from './upsample.ts';
import type { Heatmap, Placement } from './picture.ts';

/** Lattice points per cell: a quarter cell apart, straight pieces follow the interpolated map closely. */
const fineness = 4;

/**
 * Lines at `levels`, in thousandths of the picture's width and height: marching squares over the interpolated map.
 * `place`: what the map covers, in shares of the picture.
 */
export function contourPath(map: Heatmap, place: Placement, levels: readonly number[]): string {
  const columns = map.width * fineness;
  const rows = map.height * fineness;
  const values = latticeOf(map, columns, rows);
  const toX = (column: number): number => Math.round(1000 * (place.x + (place.width * column) / columns));
  const toY = (row: number): number => Math.round(1000 * (place.y + (place.height * row) / rows));
  const pieces: string[] = [];
  for (const level of levels) {
    for (const [x1, y1, x2, y2] of segments(values, columns, rows, level))
      pieces.push(`M${toX(x1)} ${toY(y1)}L${toX(x2)} ${toY(y2)}`);
  }
  return pieces.join('');
}

/** The map at the corners of a lattice over it, [rows + 1, columns + 1]: pixels whose centres are those corners. */
function latticeOf(map: Heatmap, columns: number, rows: number): Float32Array {
  const values = upsample(map, {
    width: columns + 1,
    height: rows + 1,
    // The corner pixels' centres lie on the map's edges, a hair inside, so that they count as covered.
    placement: { x: 0.5 - 1e-9, y: 0.5 - 1e-9, width: columns + 2e-9, height: rows + 2e-9 },
  });
  return values;
}

/** Straight pieces of the line at `level`, in lattice units. */
function* segments(
  values: Float32Array,
  columns: number,
  rows: number,
  level: number,
): Generator<readonly [number, number, number, number]> {
  const stride = columns + 1;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const at = r * stride + c;
      const corners = [values[at]!, values[at + 1]!, values[at + stride + 1]!, values[at + stride]!];
      const crossings: (readonly [number, number])[] = [];
      for (let side = 0; side < 4; side++) {
        const a = corners[side]!;
        const b = corners[(side + 1) % 4]!;
        if (a >= level === b >= level) continue;
        const part = (level - a) / (b - a);
        if (side === 0) crossings.push([c + part, r]);
        else if (side === 1) crossings.push([c + 1, r + part]);
        else if (side === 2) crossings.push([c + 1 - part, r + 1]);
        else crossings.push([c, r + 1 - part]);
      }
      // Two crossings are one piece; four, a saddle, are two. Which way round a saddle goes is not seen at this size.
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const [[x1, y1], [x2, y2]] = [crossings[i]!, crossings[i + 1]!];
        yield [x1, y1, x2, y2];
      }
    }
  }
}
