// Elements of HDF5 datasets: in one piece, in the header, or in chunks that may be compressed.
import { inflateSync } from 'node:zlib';
import { Cursor, damaged, NOWHERE, unsupportedHdf5, type Hdf5Bytes } from './cursor.ts';
import { MESSAGE, messageOf, type Message } from './header.ts';

/** Bytes that a dataset may take in memory. */
const MAX_BYTES = 2 ** 31;

export interface Block {
  readonly shape: readonly number[];
  readonly elementSize: number;
}

/** The elements in C order: a view of the file where they lie in one piece, else a copy. */
export function readElements(source: Hdf5Bytes, messages: readonly Message[], block: Block): Uint8Array {
  const size = block.shape.reduce((product, dim) => product * dim, block.elementSize);
  if (!(size <= MAX_BYTES))
    throw damaged(source.file, `arrays of at most ${MAX_BYTES} bytes`, `shape [${block.shape.join(', ')}]`);
  const layout = messageOf(source, messages, MESSAGE.layout);
  if (layout === null) throw damaged(source.file, 'a dataset with a layout', 'none');
  const version = layout.u8();
  if (version !== 3 && version !== 4) throw unsupportedHdf5(source.file, `data layouts of version ${version}`);
  const kind = layout.u8();
  if (kind === 0) return exactly(source, layout.bytes(layout.u16()), size);
  if (kind === 1) {
    const start = layout.address();
    // Space that was never written to is not there; it counts as zeros.
    if (start === NOWHERE) return new Uint8Array(size);
    return exactly(source, new Cursor(source, start).bytes(Math.min(layout.length(), size)), size);
  }
  if (kind === 2 && version === 3) return readChunks(source, messages, block, layout, size);
  throw unsupportedHdf5(source.file, 'chunks in the form of HDF5 1.10');
}

function exactly(source: Hdf5Bytes, bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length < size) throw damaged(source.file, `${size} bytes of data`, `${bytes.length}`);
  return bytes.subarray(0, size);
}

interface Chunk {
  readonly start: number;
  readonly length: number;
  readonly mask: number;
  readonly offsets: readonly number[];
}

function readChunks(
  source: Hdf5Bytes,
  messages: readonly Message[],
  block: Block,
  layout: Cursor,
  size: number,
): Uint8Array {
  const rank = layout.u8() - 1;
  const tree = layout.address();
  const chunkShape = Array.from({ length: rank }, () => layout.u32());
  const chunkSize = chunkShape.reduce((product, dim) => product * dim, block.elementSize);
  if (rank !== block.shape.length || chunkShape.includes(0) || chunkSize > MAX_BYTES) {
    throw damaged(source.file, `chunks for shape [${block.shape.join(', ')}]`, `[${chunkShape.join(', ')}]`);
  }
  const filters = filtersOf(source, messages);
  const result = new Uint8Array(size);
  if (tree === NOWHERE) return result;
  // Each chunk is unpacked once; chunks of a damaged file could otherwise repeat without end.
  let budget = 2 * size + 64 * chunkSize;
  visitChunks(source, tree, { rank, levels: 32 }, (chunk) => {
    budget -= chunkSize;
    if (budget < 0) throw damaged(source.file, 'chunks that fit the dataset', 'too many');
    const stored = new Cursor(source, chunk.start).bytes(chunk.length);
    const unpacked = exactly(source, unpack(source, stored, { filters, mask: chunk.mask, chunkSize }), chunkSize);
    place(unpacked, chunk.offsets, chunkShape, result, block);
  });
  return result;
}

function visitChunks(
  source: Hdf5Bytes,
  offset: number,
  { rank, levels }: { rank: number; levels: number },
  visit: (chunk: Chunk) => void,
): void {
  const cursor = new Cursor(source, offset);
  cursor.signature('TREE');
  const [type, level, count] = [cursor.u8(), cursor.u8(), cursor.u16()];
  if (type !== 1 || level >= levels)
    throw damaged(source.file, 'a B-tree of chunks', `one of type ${type}, level ${level}`);
  cursor.address();
  cursor.address();
  for (let index = 0; index < count; index++) {
    const [length, mask] = [cursor.u32(), cursor.u32()];
    const offsets = Array.from({ length: rank }, () => cursor.unsigned(8));
    cursor.skip(8);
    const start = cursor.address();
    if (level === 0) visit({ start, length, mask, offsets });
    else visitChunks(source, start, { rank, levels: level }, visit);
  }
}

type Filter =
  { readonly kind: 'deflate' } | { readonly kind: 'shuffle'; readonly width: number } | { readonly kind: 'checksum' };

function filtersOf(source: Hdf5Bytes, messages: readonly Message[]): Filter[] {
  const cursor = messageOf(source, messages, MESSAGE.filters);
  if (cursor === null) return [];
  const version = cursor.u8();
  const count = cursor.u8();
  if (version === 1) cursor.skip(6);
  return Array.from({ length: count }, (): Filter => {
    const id = cursor.u16();
    const nameLength = version === 1 || id >= 256 ? cursor.u16() : 0;
    cursor.skip(2);
    const valueCount = cursor.u16();
    cursor.skip(version === 1 ? Math.ceil(nameLength / 8) * 8 : nameLength);
    const values = Array.from({ length: valueCount }, () => cursor.u32());
    if (version === 1 && valueCount % 2 === 1) cursor.skip(4);
    if (id === 1) return { kind: 'deflate' };
    if (id === 2) return { kind: 'shuffle', width: values[0] ?? 1 };
    if (id === 3) return { kind: 'checksum' };
    throw unsupportedHdf5(source.file, `compression by filter ${id}`);
  });
}

interface Packed {
  readonly filters: readonly Filter[];
  /** Bit k: filter k was left out for this chunk. */
  readonly mask: number;
  readonly chunkSize: number;
}

/** Undoes the filters, last one first. */
function unpack(source: Hdf5Bytes, stored: Uint8Array, { filters, mask, chunkSize }: Packed): Uint8Array {
  return filters.reduceRight((bytes, filter, index) => {
    if ((mask >> index) & 1) return bytes;
    switch (filter.kind) {
      case 'deflate':
        try {
          return inflateSync(bytes, { maxOutputLength: chunkSize + 8 });
        } catch (error) {
          throw damaged(source.file, 'compressed data', error instanceof Error ? error.message : 'something else');
        }
      case 'shuffle':
        return unshuffle(bytes, filter.width);
      case 'checksum':
        return bytes.subarray(0, Math.max(0, bytes.length - 4));
    }
  }, stored);
}

/** First bytes of all elements, then second ones, ... -> elements. */
function unshuffle(bytes: Uint8Array, width: number): Uint8Array {
  const count = width > 0 ? Math.floor(bytes.length / width) : 0;
  const result = new Uint8Array(bytes);
  for (let byte = 0; byte < width; byte++) {
    for (let element = 0; element < count; element++) result[element * width + byte] = bytes[byte * count + element]!;
  }
  return result;
}

/** Copies the part of a chunk that lies within the dataset, row by row. */
function place(
  chunk: Uint8Array,
  offsets: readonly number[],
  chunkShape: readonly number[],
  to: Uint8Array,
  block: Block,
): void {
  const { shape, elementSize } = block;
  const rank = shape.length;
  if (rank === 0) return void to.set(chunk.subarray(0, elementSize));
  const counts = chunkShape.map((dim, axis) => Math.min(dim, shape[axis]! - offsets[axis]!));
  if (counts.some((count) => !(count > 0))) return;
  const row = counts[rank - 1]! * elementSize;
  const position = Array<number>(rank - 1).fill(0);
  for (;;) {
    let from = 0;
    let target = 0;
    for (let axis = 0; axis < rank; axis++) {
      const index = position[axis] ?? 0;
      from = from * chunkShape[axis]! + index;
      target = target * shape[axis]! + offsets[axis]! + index;
    }
    to.set(chunk.subarray(from * elementSize, from * elementSize + row), target * elementSize);
    let axis = rank - 2;
    while (axis >= 0 && ++position[axis]! >= counts[axis]!) position[axis--] = 0;
    if (axis < 0) return;
  }
}
