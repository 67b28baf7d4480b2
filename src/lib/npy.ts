// NumPy's .npy files: what a map is kept in, readable by numpy.load and by everything that reads numpy's files.
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import { GradcamError } from './errors.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const; // \x93NUMPY

/** Encodes float32 numbers in C order as a version 1.0 file. Throws RangeError when `shape` does not hold `data`. */
export function encodeNpy(data: Float32Array, shape: readonly number[]): Uint8Array {
  if (sizeOf(shape) !== data.length) {
    throw new RangeError(`shape [${shape.join(', ')}] holds ${sizeOf(shape)} numbers, there are ${data.length}`);
  }
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  // Magic 6, version 2, header length 2; the numbers start at a multiple of 64 so that they can be mapped into memory.
  const start = Math.ceil((10 + header.length + 1) / 64) * 64;
  const file = new Uint8Array(start + data.length * 4);
  const view = new DataView(file.buffer);
  file.set([...MAGIC, 1, 0]);
  view.setUint16(8, start - 10, true);
  file.set(new TextEncoder().encode(header.padEnd(start - 11) + '\n'), 10);
  for (let i = 0; i < data.length; i++) view.setFloat32(start + i * 4, data[i] ?? 0, true);
  return file;
}

/**
 * Decodes a file of little-endian float32 numbers in C order, the kind that `encodeNpy` writes.
 * Throws GradcamError `bad-npy`, naming `file`, for anything else.
 */
export function decodeNpy(bytes: Uint8Array, file: string): { shape: number[]; data: Float32Array } {
  const fail = (expected: string, found: string) =>
    new GradcamError({ code: 'bad-npy', what: `cannot read ${file} as .npy`, expected, found });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || MAGIC.some((byte, i) => bytes[i] !== byte)) throw fail('a NumPy file', 'other bytes');
  const wide = (bytes[6] ?? 0) >= 2; // versions 2 and 3 count the header with four bytes
  const headerStart = wide ? 12 : 10;
  const start = headerStart + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder().decode(bytes.subarray(headerStart, start));
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  if (descr !== '<f4') throw fail("numbers of type '<f4'", `'${descr ?? header.slice(0, 80)}'`);
  if (!/'fortran_order':\s*False/.test(header)) throw fail('C order', 'Fortran order');
  const dims = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (dims === undefined) throw fail('a shape', header.slice(0, 80));
  const shape = dims.split(',').flatMap((dim) => (dim.trim() === '' ? [] : [Number(dim)]));
  const size = sizeOf(shape);
  if (bytes.length !== start + size * 4)
    throw fail(`${start + size * 4} bytes for shape (${dims})`, `${bytes.length} bytes`);
  const data = new Float32Array(size);
  for (let i = 0; i < size; i++) data[i] = view.getFloat32(start + i * 4, true);
  return { shape, data };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}
