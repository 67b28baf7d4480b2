// TensorFlow and Keras keep convolution filters as [height, width, in, out]; ONNX wants [out, in, height, width]. The
// reordering is done here, once per array, in blocks that fit the cache: most of a network's bytes go through it. It is done
// in place: the memory of a large network taken anew would cost more time than the reordering itself.
import type { Constant } from '../graph/graph.ts';
import { floatsOf } from '../graph/tensor.ts';

const BLOCK = 32;
/** By the memory that an array lies in and the place there: two arrays of a file may be one. */
const reordered = new WeakMap<ArrayBufferLike, Map<number, Float32Array>>();
/** Room for most networks' largest filter; what it does not need of it is never taken from the system. */
let scratch = new Int32Array(2 ** 19);

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
  // Their bits as integers: V8 makes an object of every float that a loop moves before it has compiled the loop.
  const bits = new Int32Array(floats.buffer, floats.byteOffset, floats.length);
  // Twice as much as is needed now: filters grow from the first to the last.
  if (scratch.length < bits.length) scratch = new Int32Array(2 * bits.length);
  scratch.set(bits);
  reorder(scratch, bits, { taps, rows, columns });
  places.set(byteOffset, floats);
  return floats;
}

/** Four rows at a time in strips of columns: what is read lies in four runs, what is written stays in the cache. */
function reorder(from: Int32Array, to: Int32Array, { taps, rows, columns }: FilterAxes): void {
  const step = rows * taps;
  const whole = rows - (rows % 4);
  for (let column0 = 0; column0 < columns; column0 += BLOCK) {
    const count = Math.min(BLOCK, columns - column0);
    for (let tap = 0; tap < taps; tap++) {
      let a = tap * rows * columns + column0;
      let target = column0 * rows * taps + tap;
      let row = 0;
      for (; row < whole; row += 4, a += 4 * columns, target += 4 * taps)
        fourRows(from, to, a, target, count, columns, taps, step);
      for (; row < rows; row++, a += columns, target += taps) oneRow(from, to, a, target, count, step);
    }
  }
}

// Loops of their own: V8 compiles each for what it sees, whichever filter comes first. Numbers, not an object of them, because
// they are called for every strip.

function oneRow(from: Int32Array, to: Int32Array, a: number, target: number, count: number, step: number): void {
  for (let end = a + count; a < end; a++, target += step) to[target] = from[a]!;
}

function fourRows(
  from: Int32Array,
  to: Int32Array,
  a: number,
  target: number,
  count: number,
  columns: number,
  taps: number,
  step: number,
): void {
  for (let end = a + count; a < end; a++, target += step) {
    to[target] = from[a]!;
    to[target + taps] = from[a + columns]!;
    to[target + 2 * taps] = from[a + 2 * columns]!;
    to[target + 3 * taps] = from[a + 3 * columns]!;
  }
}
