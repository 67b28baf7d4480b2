// Linear systems on some of the cells of a grid, each coupled to its eight neighbours: conjugate gradients with a multigrid
// cycle as preconditioner (Brandt 1977; aggregation as in Notay 2010, ETNA 37). Symmetric, diagonally dominant matrices only:
// diagonal positive, couplings -weight. Large holes in a picture make such systems slow for simpler solvers.

/** A system and, from `coarse` on, ever coarser ones in which 2 x 2 cells are one. */
export interface Level {
  /** Place of each unknown on its grid; unknowns are numbered in rows. */
  readonly x: Int32Array;
  readonly y: Int32Array;
  /** Eight for each unknown, by place from upper left to lower right: the neighbour's number, -1 where there is none. */
  readonly neighbours: Int32Array;
  readonly weights: Float64Array;
  readonly diagonal: Float64Array;
  /** Number of each unknown's cell on the next level; null on the last. */
  coarse: Int32Array | null;
}

/** Levels of so few unknowns are swept often instead of coarsened. */
const FEW = 16;
const MOST_STEPS = 500;
/** Corrections from cells that are constant over 2 x 2 are too small by about this. */
const OVERCORRECTION = 1.6;

export function levelsOf(finest: Level): Level[] {
  const levels = [finest];
  for (let level = finest; level.diagonal.length > FEW;) {
    level = coarser(level);
    levels.push(level);
  }
  return levels;
}

/** The solution, from the guess `x` (changed in place), until a step changes no unknown by more than `tolerance`. */
export function solve(levels: readonly Level[], right: Float64Array, x: Float64Array, tolerance: number): Float64Array {
  const finest = levels[0]!;
  const residual = residualOf(finest, x, right, new Float64Array(x.length));
  const scratch = levels.map(({ diagonal }) => ({
    x: new Float64Array(diagonal.length),
    right: new Float64Array(diagonal.length),
    residual: new Float64Array(diagonal.length),
  }));
  const zero = new Float64Array(x.length);
  const product = new Float64Array(x.length);
  const precondition = (): Float64Array => {
    scratch[0]!.right.set(residual);
    cycle(levels, 0, scratch);
    return scratch[0]!.x;
  };
  const direction = precondition().slice();
  let strength = dot(residual, direction);
  for (let step = 0; step < MOST_STEPS && strength > 0; step++) {
    residualOf(finest, direction, zero, product); // the negative product
    const along = -strength / dot(direction, product);
    let largest = 0;
    for (let k = 0; k < x.length; k++) {
      const change = along * direction[k]!;
      x[k]! += change;
      residual[k]! += along * product[k]!;
      largest = Math.max(largest, Math.abs(change));
    }
    if (largest < tolerance) break;
    const better = precondition();
    const next = dot(residual, better);
    const kept = next / strength;
    for (let k = 0; k < x.length; k++) direction[k] = better[k]! + kept * direction[k]!;
    strength = next;
  }
  return x;
}

interface Scratch {
  readonly x: Float64Array;
  readonly right: Float64Array;
  readonly residual: Float64Array;
}

/** One symmetric W cycle from zero: forward sweep, two corrections from the coarser level, backward sweep. */
function cycle(levels: readonly Level[], at: number, scratch: readonly Scratch[]): void {
  const level = levels[at]!;
  const { x, right, residual } = scratch[at]!;
  x.fill(0);
  if (level.coarse === null) {
    for (let sweep = 0; sweep < 4; sweep++) relax(level, x, right, false);
    for (let sweep = 0; sweep < 4; sweep++) relax(level, x, right, true);
    return;
  }
  relax(level, x, right, false);
  residualOf(level, x, right, residual);
  const below = scratch[at + 1]!;
  below.right.fill(0);
  for (let k = 0; k < x.length; k++) below.right[level.coarse[k]!]! += residual[k]!;
  cycle(levels, at + 1, scratch);
  for (let k = 0; k < x.length; k++) x[k]! += OVERCORRECTION * below.x[level.coarse[k]!]!;
  relax(level, x, right, true);
}

/** A Gauss-Seidel sweep, forwards or backwards. */
function relax({ neighbours, weights, diagonal }: Level, x: Float64Array, right: Float64Array, back: boolean): void {
  const n = x.length;
  for (let i = 0; i < n; i++) {
    const k = back ? n - 1 - i : i;
    let sum = right[k]!;
    for (let e = 8 * k; e < 8 * k + 8; e++) {
      const other = neighbours[e]!;
      if (other >= 0) sum += weights[e]! * x[other]!;
    }
    x[k] = sum / diagonal[k]!;
  }
}

function residualOf(
  { neighbours, weights, diagonal }: Level,
  x: Float64Array,
  right: Float64Array,
  out: Float64Array,
): Float64Array {
  for (let k = 0; k < x.length; k++) {
    let sum = right[k]! - diagonal[k]! * x[k]!;
    for (let e = 8 * k; e < 8 * k + 8; e++) {
      const other = neighbours[e]!;
      if (other >= 0) sum += weights[e]! * x[other]!;
    }
    out[k] = sum;
  }
  return out;
}

/** The system in which the unknowns of 2 x 2 cells are equal: sums of its rows and columns (Galerkin). */
function coarser(level: Level): Level {
  const [width, height] = [(greatest(level.x) >> 1) + 1, (greatest(level.y) >> 1) + 1];
  const place = (k: number): number => (level.y[k]! >> 1) * width + (level.x[k]! >> 1);
  const taken = new Int32Array(width * height);
  for (let k = 0; k < level.x.length; k++) taken[place(k)] = 1;
  let n = 0; // numbered in rows, as unknowns are everywhere
  for (let cell = 0; cell < taken.length; cell++) taken[cell] = taken[cell] === 1 ? n++ : -1;
  const coarse = level.x.map((_, k) => taken[place(k)]!);
  level.coarse = coarse;
  const next: Level = {
    x: new Int32Array(n),
    y: new Int32Array(n),
    neighbours: new Int32Array(8 * n).fill(-1),
    weights: new Float64Array(8 * n),
    diagonal: new Float64Array(n),
    coarse: null,
  };
  for (let k = 0; k < coarse.length; k++) {
    next.x[coarse[k]!] = level.x[k]! >> 1;
    next.y[coarse[k]!] = level.y[k]! >> 1;
  }
  for (let k = 0; k < coarse.length; k++) {
    const own = coarse[k]!;
    next.diagonal[own]! += level.diagonal[k]!;
    for (let e = 8 * k; e < 8 * k + 8; e++) {
      const other = level.neighbours[e]!;
      if (other < 0) continue;
      const beside = coarse[other]!;
      if (beside === own) next.diagonal[own]! -= level.weights[e]!;
      else {
        const slot = 8 * own + slotOf(next.x[beside]! - next.x[own]!, next.y[beside]! - next.y[own]!);
        next.neighbours[slot] = beside;
        next.weights[slot]! += level.weights[e]!;
      }
    }
  }
  return next;
}

/** Place of a neighbour among the eight. */
function slotOf(right: number, down: number): number {
  const slot = (down + 1) * 3 + right + 1;
  return slot > 4 ? slot - 1 : slot;
}

const greatest = (values: Int32Array): number => values.reduce((a, b) => Math.max(a, b), 0);

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}
