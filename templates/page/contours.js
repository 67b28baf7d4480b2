// Lines of equal value of a map, as SVG path data in units of the picture (0..1000 each way).
import { valueAt } from './grid.js';

/** @typedef {import('./grid.js').Grid} Grid */
/** @typedef {import('./grid.js').Place} Place */

/** Lattice points per cell: a quarter cell apart, straight pieces follow the interpolated map closely. */
const fineness = 4;

/**
 * Marching squares over the interpolated map.
 * @param {Grid} grid @param {Place} place @param {readonly number[]} levels
 * @returns {string}
 */
export function contourPath(grid, place, levels) {
  const columns = grid.width * fineness;
  const rows = grid.height * fineness;
  const values = new Float64Array((columns + 1) * (rows + 1));
  for (let r = 0; r <= rows; r++) {
    for (let c = 0; c <= columns; c++) {
      const x = place.x + (place.width * c) / columns;
      const y = place.y + (place.height * r) / rows;
      // Rounding may put the outermost points a hair outside: they then lie on the edge.
      values[r * (columns + 1) + c] =
        valueAt(grid, place, inside(x, place.x, place.width), inside(y, place.y, place.height), true) ?? 0;
    }
  }
  const toX = (/** @type {number} */ c) => Math.round(1000 * (place.x + (place.width * c) / columns));
  const toY = (/** @type {number} */ r) => Math.round(1000 * (place.y + (place.height * r) / rows));
  let path = '';
  for (const level of levels) {
    for (const [x1, y1, x2, y2] of segments(values, columns, rows, level))
      path += `M${toX(x1)} ${toY(y1)}L${toX(x2)} ${toY(y2)}`;
  }
  return path;
}

/** @param {number} value @param {number} start @param {number} extent */
function inside(value, start, extent) {
  return Math.min(start + extent, Math.max(start, value));
}

/**
 * Straight pieces of the line at `level`, in lattice units.
 * @param {Float64Array} values @param {number} columns @param {number} rows @param {number} level
 * @returns {Generator<[number, number, number, number]>}
 */
function* segments(values, columns, rows, level) {
  const stride = columns + 1;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const at = r * stride + c;
      const corners = [values[at], values[at + 1], values[at + stride + 1], values[at + stride]];
      /** @type {[number, number][]} */
      const crossings = [];
      for (let side = 0; side < 4; side++) {
        const a = corners[side];
        const b = corners[(side + 1) % 4];
        if (a >= level === b >= level) continue;
        const part = (level - a) / (b - a);
        if (side === 0) crossings.push([c + part, r]);
        else if (side === 1) crossings.push([c + 1, r + part]);
        else if (side === 2) crossings.push([c + 1 - part, r + 1]);
        else crossings.push([c, r + 1 - part]);
      }
      // Two crossings are one piece; four, a saddle, are two. Which way round a saddle goes is not seen at this size.
      for (let i = 0; i + 1 < crossings.length; i += 2) yield [...crossings[i], ...crossings[i + 1]];
    }
  }
}
