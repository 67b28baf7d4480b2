// How much the maps of one sample differ, whatever their strength: each map as a distribution over the picture, compared
// in pairs by total variation (half the sum of absolute differences): 0 the same, 1 nothing in common.
import { valueAt } from './grid.js';

/** @typedef {import('./grid.js').Grid} Grid */
/** @typedef {import('./grid.js').Place} Place */

/** Maps of different grids or places are compared on a lattice of this many cells each way over the picture. */
const lattice = 24;

/**
 * The greatest total variation between any two of the maps; null with fewer than two maps that have positive values.
 * @param {readonly { grid: Grid, place: Place }[]} maps
 */
export function attentionDifference(maps) {
  const first = maps[0];
  if (first === undefined) return null;
  const alike = maps.every(({ grid, place }) => sameCells(grid, place, first.grid, first.place));
  const shares = maps
    .map(({ grid, place }) => distribution(alike ? grid.data : onLattice(grid, place)))
    .filter((share) => share !== null);
  if (shares.length < 2) return null;
  let greatest = 0;
  for (const [i, a] of shares.entries()) {
    for (const b of shares.slice(i + 1)) {
      let sum = 0;
      for (let k = 0; k < a.length; k++) sum += Math.abs(a[k] - b[k]);
      greatest = Math.max(greatest, sum / 2);
    }
  }
  return greatest;
}

/** @param {Grid} a @param {Place} p @param {Grid} b @param {Place} q */
function sameCells(a, p, b, q) {
  const samePlace = p.x === q.x && p.y === q.y && p.width === q.width && p.height === q.height;
  return a.width === b.width && a.height === b.height && samePlace;
}

/** @param {Grid} grid @param {Place} place */
function onLattice(grid, place) {
  const data = new Float32Array(lattice * lattice);
  for (let i = 0; i < data.length; i++) {
    const x = ((i % lattice) + 0.5) / lattice;
    const y = (Math.floor(i / lattice) + 0.5) / lattice;
    data[i] = valueAt(grid, place, x, y, true) ?? 0;
  }
  return data;
}

/** Positive values divided by their sum; null where there are none. @param {Float32Array} data */
function distribution(data) {
  let sum = 0;
  for (const value of data) if (value > 0) sum += value;
  return sum > 0 ? data.map((value) => (value > 0 ? value / sum : 0)) : null;
}
