// Keras keeps convolution filters as [height, width, in, out]; the convolutions of src/tf want [out, in, height, width].
// The reordering is done here, once per array, in blocks that fit the cache: most of a network's bytes go through it.
import type { Constant } from '../../graph/graph.ts';
import { floatsOf } from './layer.ts';

const BLOCK = 32;
const reordered = new WeakMap<Constant, Float32Array>();

export interface FilterAxes {
  /** Height times width. */
  readonly taps: number;
  readonly rows: number;
  readonly columns: number;
}

/** The elements of a [taps, rows, columns] array as [columns, rows, taps]. Kept as long as the array is. */
export function lastAxesFirst(array: Constant, { taps, rows, columns }: FilterAxes): Float32Array {
  const known = reordered.get(array);
  if (known !== undefined) return known;
  const result = reorder(floatsOf(array), taps, rows, columns);
  reordered.set(array, result);
  return result;
}

function reorder(from: Float32Array, taps: number, rows: number, columns: number): Float32Array {
  const to = new Float32Array(from.length);
  for (let row0 = 0; row0 < rows; row0 += BLOCK) {
    const rowEnd = Math.min(rows, row0 + BLOCK);
    for (let column0 = 0; column0 < columns; column0 += BLOCK) {
      const columnEnd = Math.min(columns, column0 + BLOCK);
      for (let column = column0; column < columnEnd; column++) {
        let target = (column * rows + row0) * taps;
        for (let row = row0; row < rowEnd; row++) {
          let source = row * columns + column;
          for (let tap = 0; tap < taps; tap++) {
            to[target++] = from[source]!;
            source += rows * columns;
          }
        }
      }
    }
  }
  return to;
}
