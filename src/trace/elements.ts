// Moving the elements of constants: axes permuted, repetitions carried out. Filters of tens of millions of weights pass
// here, so the loops work on flat indices and in blocks that stay in cache.
import { sizeOf } from '../graph/tensor.ts';
import { isIdentity, pick, type Permutation } from './layout.ts';

/** Elements of a constant: float32, int32 or truth values. */
export type Elements = Float32Array | Int32Array | Uint8Array;

/** Side of the tiles in which two axes are exchanged: 32 cache lines of each array at a time. */
const TILE = 32;

/** Elements of a run below which setting them one by one beats a bulk copy. */
const SHORT = 64;

/** A typed array of the same kind, zero. */
export function like(elements: Elements, length: number): Elements {
  if (elements instanceof Float32Array) return new Float32Array(length);
  return elements instanceof Int32Array ? new Int32Array(length) : new Uint8Array(length);
}

/** The elements of an array of shape `extents` in the order of permuted axes; the same array where nothing moves. */
export function permute(elements: Elements, extents: readonly number[], order: Permutation): Elements {
  const { sizes, axes } = merged(extents, order);
  if (isIdentity(axes)) return elements;
  const strides = stridesOf(sizes);
  const result = like(elements, elements.length);
  const outer = pick(sizes, axes);
  const steps = pick(strides, axes);
  const rank = axes.length;
  // The axis that is innermost in the source, wherever it goes, against the one that is innermost in the result.
  const fast = axes.indexOf(rank - 1);
  if (fast === rank - 1) copyRuns(elements, result, outer, steps);
  else exchange(elements, result, outer, steps, fast);
  return result;
}

/** The elements of `extents`, where an extent of 1 is repeated up to that of `shape`. */
export function repeat(elements: Elements, extents: readonly number[], shape: readonly number[]): Elements {
  if (elements.length === sizeOf(shape)) return elements;
  if (elements.length === 1) return like(elements, sizeOf(shape)).fill(elements[0]!);
  const result = like(elements, sizeOf(shape));
  const steps = stridesOf(extents).map((stride, axis) => (extents[axis] === 1 ? 0 : stride));
  walk(shape, steps, (source, target) => (result[target] = elements[source]!));
  return result;
}

/** Axes of one element dropped and neighbours that stay neighbours merged: the same move with as few axes as possible. */
function merged(extents: readonly number[], order: Permutation): { sizes: number[]; axes: number[] } {
  const kept = order.filter((axis) => extents[axis] !== 1);
  const runs: number[][] = [];
  for (const axis of kept) {
    const last = runs.at(-1);
    const next = last?.at(-1);
    const adjacent = next !== undefined && extents.slice(next + 1, axis).every((extent) => extent === 1) && axis > next;
    if (adjacent) last!.push(axis);
    else runs.push([axis]);
  }
  const logical = [...runs].sort((a, b) => a[0]! - b[0]!);
  return {
    sizes: logical.map((run) => sizeOf(pick(extents, run))),
    axes: runs.map((run) => logical.indexOf(run)),
  };
}

function stridesOf(sizes: readonly number[]): number[] {
  const strides = new Array<number>(sizes.length).fill(1);
  for (let axis = sizes.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * sizes[axis + 1]!;
  return strides;
}

/** Innermost axis in place: whole runs are copied, short ones faster by hand. */
function copyRuns(source: Elements, target: Elements, sizes: readonly number[], steps: readonly number[]): void {
  const run = sizes.at(-1)!;
  const copy =
    run < SHORT
      ? (from: number, to: number): void => {
          for (let i = 0; i < run; i++) target[to + i] = source[from + i]!;
        }
      : (from: number, to: number): void => target.set(source.subarray(from, from + run), to);
  walk(sizes.slice(0, -1), steps.slice(0, -1), (from, index) => copy(from, index * run));
}

/**
 * The result's innermost axis strides through the source, and place `fast` of the result is contiguous there. The two are
 * walked in tiles, all other places around them.
 */
function exchange(
  source: Elements,
  target: Elements,
  sizes: readonly number[],
  steps: readonly number[],
  fast: number,
): void {
  const last = sizes.length - 1;
  const targetSteps = stridesOf(sizes);
  const others = sizes.map((_, place) => place).filter((place) => place !== fast && place !== last);
  const [rows, columns] = [sizes[fast]!, sizes[last]!];
  const [rowStep, columnStep] = [targetSteps[fast]!, steps[last]!];
  walkBoth(pick(sizes, others), pick(steps, others), pick(targetSteps, others), (from, to) => {
    for (let row0 = 0; row0 < rows; row0 += TILE) {
      const row1 = Math.min(rows, row0 + TILE);
      for (let column0 = 0; column0 < columns; column0 += TILE) {
        const column1 = Math.min(columns, column0 + TILE);
        for (let row = row0; row < row1; row++) {
          let index = from + column0 * columnStep + row;
          const start = to + row * rowStep;
          for (let column = column0; column < column1; column++, index += columnStep) {
            target[start + column] = source[index]!;
          }
        }
      }
    }
  });
}

/** Visits all positions of `sizes` in C order with the source's flat index and the running number. */
function walk(
  sizes: readonly number[],
  steps: readonly number[],
  visit: (source: number, index: number) => void,
): void {
  walkBoth(sizes, steps, stridesOf(sizes), visit);
}

/** Visits all positions of `sizes` in C order with the flat index in each of two arrays. */
function walkBoth(
  sizes: readonly number[],
  stepsA: readonly number[],
  stepsB: readonly number[],
  visit: (a: number, b: number) => void,
): void {
  const position = new Array<number>(sizes.length).fill(0);
  let a = 0;
  let b = 0;
  for (let left = sizeOf(sizes); left > 0; left--) {
    visit(a, b);
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      a += stepsA[axis]!;
      b += stepsB[axis]!;
      if (++position[axis]! < sizes[axis]!) break;
      a -= stepsA[axis]! * sizes[axis]!;
      b -= stepsB[axis]! * sizes[axis]!;
      position[axis] = 0;
    }
  }
}
