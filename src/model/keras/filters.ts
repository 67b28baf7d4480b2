// Keras keeps convolution filters as [height, width, in, out]; the convolutions of src/tf want [out, in, height, width].
// The reordering is done here, once per array, in blocks that fit the cache: most of a network's bytes go through it. It is
// done in place: the memory of a large network taken anew would cost more time than the reordering itself.
import type { Constant } from '../../graph/graph.ts';
import { floatsOf } from './layer.ts';

const BLOCK = 32;
/** By the memory that an array lies in and the place there: two arrays of a file may be one. */
const reordered = new WeakMap<ArrayBufferLike, Map<number, Float32Array>>();
let scratch = new Float32Array();

export interface FilterAxes {
  /** Height times width. */
  readonly taps: number;
  readonly rows: number;
  readonly columns: number;
}

/**
 * The elements of a [taps, rows, columns] array as [columns, rows, taps]. The array's own memory holds them from then on: a
 * convolution's filters are read through here alone.
 */
export function lastAxesFirst(array: Constant, { taps, rows, columns }: FilterAxes): Float32Array {
  const { buffer, byteOffset } = array.bytes;
  const places = reordered.get(buffer) ?? new Map<number, Float32Array>();
  reordered.set(buffer, places);
  const known = places.get(byteOffset);
  if (known !== undefined) return known;
  const floats = floatsOf(array);
  if (scratch.length < floats.length) scratch = new Float32Array(floats.length);
  scratch.set(floats);
  reorder(scratch, floats, { taps, rows, columns });
  places.set(byteOffset, floats);
  return floats;
}

function reorder(from: Float32Array, to: Float32Array, { taps, rows, columns }: FilterAxes): void {
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
}
