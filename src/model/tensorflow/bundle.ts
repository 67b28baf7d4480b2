// A checkpoint of TensorFlow 2 (tensor bundle): an index, which is a sorted table of keys, and data files beside it.
// Table: https://github.com/google/leveldb/blob/main/doc/table_format.md; entries: core/protobuf/tensor_bundle.proto
import { dirname, join } from 'node:path';
import type { Constant } from '../../graph/graph.ts';
import { sizeOf } from '../../graph/tensor.ts';
import { MalformedError, WireReader } from '../../onnx/protobuf.ts';
import { readPlaces } from '../places.ts';
import { withReader, type FileReader } from '../reader.ts';
import { dtypeOf, plain, readShape } from './attributes.ts';
import { eachField } from './graph-def.ts';

interface Entry {
  readonly dtype: number;
  readonly shape: readonly number[] | null;
  readonly shard: number;
  readonly offset: number;
  readonly length: number;
}

/** A checkpoint whose files are open. */
export interface Bundle {
  /** Index and data files, absolute. */
  readonly files: readonly string[];
  readonly keys: readonly string[];
  /**
   * The tensors of these keys, as float32 or int32; keys that are not there, or tensors that are not read here, are left out.
   * Every read is under way when the call returns.
   */
  read(keys: Iterable<string>): Promise<Map<string, Constant>>;
}

const FOOTER_BYTES = 48;
const MAGIC = 0xdb4775248b80fb57n;
/** Type and checksum after each block. */
const TRAILER_BYTES = 5;
const MAX_INDEX_BYTES = 2 ** 28;
const MAX_SHARDS = 1000;
const SLICED = 7;

interface Index {
  readonly entries: ReadonlyMap<string, WireReader>;
  /** Data files by number. */
  readonly shards: readonly string[];
}

/**
 * Opens the checkpoint `name` in `folder`, hands it to `use`, closes it. Whether it is needed may be known later: one whose
 * index cannot be read has no keys, and `read` throws why: MalformedError, GradcamError.
 */
export async function withBundle<T>(folder: string, name: string, use: (bundle: Bundle) => Promise<T>): Promise<T> {
  const file = join(folder, `${name}.index`);
  const reading = readIndex(file, name);
  const index = await reading.catch(() => null); // told by `read`
  if (index === null) return use({ files: [], keys: [], read: () => reading.then(() => new Map()) });
  const { entries, shards } = index;
  return withReaders(shards, (readers) =>
    use({
      files: [file, ...shards],
      keys: [...entries.keys()],
      read: (keys) => readTensors(readers, entries, keys),
    }),
  );
}

async function readIndex(file: string, name: string): Promise<Index> {
  const bytes = await withReader(file, (reader) => {
    if (reader.size > MAX_INDEX_BYTES) throw new MalformedError(`an index of ${reader.size} bytes`);
    return reader.read(0, reader.size);
  });
  const entries = tableOf(bytes);
  let count = 1;
  // The header has no key.
  const header = entries.get('');
  if (header !== undefined) eachField(header, { 1: (reader) => (count = reader.integer()) });
  if (!(count >= 1 && count <= MAX_SHARDS)) throw new MalformedError(`${count} data files`);
  const five = (number: number): string => String(number).padStart(5, '0');
  const shards = Array.from({ length: count }, (_, shard) =>
    join(dirname(file), `${name}.data-${five(shard)}-of-${five(count)}`),
  );
  return { entries, shards };
}

function withReaders<T>(files: readonly string[], use: (readers: readonly FileReader[]) => Promise<T>): Promise<T> {
  const [first, ...rest] = files;
  if (first === undefined) return use([]);
  return withReader(first, (reader) => withReaders(rest, (readers) => use([reader, ...readers])));
}

async function readTensors(
  readers: readonly FileReader[],
  entries: ReadonlyMap<string, WireReader>,
  keys: Iterable<string>,
): Promise<Map<string, Constant>> {
  const wanted = [...new Set(keys)].flatMap((key) => {
    const entry = entries.get(key);
    return entry === undefined ? [] : [{ key, ...readEntry(entry) }];
  });
  const found = await Promise.all(
    readers.map(async (reader, shard) => {
      const own = wanted.filter(
        (entry) => entry.shard === shard && entry.shape !== null && dtypeOf(entry.dtype) !== null,
      );
      const pieces = await readPlaces(reader, own);
      if (pieces === null) throw new MalformedError('tensors that overlap');
      return own.map(({ key, dtype, shape }, index) => {
        const constant = { dtype: dtypeOf(dtype)!, shape: shape!, bytes: pieces[index]! };
        return [key, plain(constant, sizeOf(shape!))] as const;
      });
    }),
  );
  return new Map(found.flat());
}

function readEntry(message: WireReader): Entry {
  let [dtype, shard, offset, length] = [0, 0, 0, 0];
  let shape: number[] | null = [];
  // Checkpoints hold a thousand of them: no handlers here.
  const reader = message.again();
  while (reader.next()) {
    const { field } = reader;
    if (field === 1) dtype = reader.integer();
    else if (field === 2) shape = readShape(reader.message());
    else if (field === 3) shard = reader.integer();
    else if (field === 4) offset = reader.integer();
    else if (field === 5) length = reader.integer();
    else {
      reader.skip();
      if (field === SLICED) shape = null; // of parts that lie elsewhere
    }
  }
  return { dtype, shape, shard, offset, length };
}

/** Values of a table by their keys. */
function tableOf(bytes: Uint8Array): Map<string, WireReader> {
  const footer = bytes.length - FOOTER_BYTES;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (footer < 0 || view.getBigUint64(bytes.length - 8, true) !== MAGIC)
    throw new MalformedError('no table of tensors');
  const cursor = { at: footer };
  handleAt(bytes, cursor); // of the meta index, which is empty
  const table = new Map<string, WireReader>();
  eachEntry(bytes, handleAt(bytes, cursor), (_, at) => {
    eachEntry(bytes, handleAt(bytes, { at }), (key, from, to) => table.set(key, new WireReader(bytes, from, to)));
  });
  return table;
}

interface Handle {
  readonly offset: number;
  readonly size: number;
}

function handleAt(bytes: Uint8Array, cursor: { at: number }): Handle {
  return { offset: varint(bytes, cursor), size: varint(bytes, cursor) };
}

/** Entries of a block, in order: each shares the beginning of its key with the one before. */
function eachEntry(
  bytes: Uint8Array,
  { offset, size }: Handle,
  visit: (key: string, from: number, to: number) => void,
): void {
  const block = offset + size;
  if (block + TRAILER_BYTES > bytes.length || size < 4) throw new MalformedError('a block beyond the table');
  if (bytes[block] !== 0) throw new MalformedError('a compressed table');
  const restarts = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(block - 4, true);
  const end = block - 4 - 4 * restarts;
  const cursor = { at: offset };
  let [key, keyLength] = [Buffer.alloc(256), 0];
  while (cursor.at < end) {
    const [shared, own, length] = [varint(bytes, cursor), varint(bytes, cursor), varint(bytes, cursor)];
    const from = cursor.at + own;
    if (shared > keyLength || from + length > end) throw new MalformedError('an entry beyond its block');
    keyLength = shared + own;
    if (keyLength > key.length) key = Buffer.concat([key, Buffer.alloc(keyLength)]);
    for (let index = 0; index < own; index++) key[shared + index] = bytes[cursor.at + index]!;
    cursor.at = from + length;
    visit(key.toString('utf8', 0, keyLength), from, cursor.at);
  }
}

function varint(bytes: Uint8Array, cursor: { at: number }): number {
  let value = 0;
  for (let factor = 1; factor < 2 ** 49; factor *= 128) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) break;
    value += (byte & 127) * factor;
    if (byte < 128) return value;
  }
  throw new MalformedError('a broken number');
}
