// A checkpoint of TensorFlow 2 (tensor bundle): an index, which is a sorted table of keys, and data files beside it.
// Table: https://github.com/google/leveldb/blob/main/doc/table_format.md; entries: core/protobuf/tensor_bundle.proto
import { join } from 'node:path';
import type { Constant } from '../../graph/graph.ts';
import { sizeOf } from '../../graph/tensor.ts';
import { MalformedError, WireReader } from '../../onnx/protobuf.ts';
import { readPlaces } from '../places.ts';
import { withReader } from '../reader.ts';
import { dtypeOf, plain, readShape } from './attributes.ts';
import { eachField } from './graph-def.ts';

interface Entry {
  readonly dtype: number;
  readonly shape: readonly number[] | null;
  readonly shard: number;
  readonly offset: number;
  readonly length: number;
}

export interface Bundle {
  readonly entries: ReadonlyMap<string, Entry>;
  /** Data files, absolute, by number. */
  readonly files: readonly string[];
}

const FOOTER_BYTES = 48;
const MAGIC = 0xdb4775248b80fb57n;
/** Type and checksum after each block. */
const TRAILER_BYTES = 5;
const MAX_INDEX_BYTES = 2 ** 28;
const MAX_SHARDS = 1000;
const SLICED = 7;

/** Reads the index of the checkpoint `name` in `folder`. Throws MalformedError, GradcamError. */
export async function readBundle(folder: string, name: string): Promise<Bundle> {
  const bytes = await withReader(join(folder, `${name}.index`), (file) => {
    if (file.size > MAX_INDEX_BYTES) throw new MalformedError(`an index of ${file.size} bytes`);
    return file.read(0, file.size);
  });
  const entries = new Map<string, Entry>();
  let shards = 1;
  for (const [key, value] of tableOf(bytes)) {
    if (key === '') eachField(new WireReader(value), { 1: (reader) => (shards = reader.integer()) });
    else entries.set(key, readEntry(value));
  }
  if (!(shards >= 1 && shards <= MAX_SHARDS)) throw new MalformedError(`${shards} data files`);
  const five = (number: number): string => String(number).padStart(5, '0');
  const files = Array.from({ length: shards }, (_, shard) =>
    join(folder, `${name}.data-${five(shard)}-of-${five(shards)}`),
  );
  return { entries, files };
}

/** The tensors of these keys, as float32 or int32. Throws MalformedError for a key that is not there. */
export async function readBundleTensors(
  { entries, files }: Bundle,
  keys: Iterable<string>,
): Promise<Map<string, Constant>> {
  const wanted = [...new Set(keys)].map((key) => {
    const entry = entries.get(key);
    if (entry === undefined) throw new MalformedError(`no tensor "${key}" in the checkpoint`);
    return { key, entry };
  });
  const found = new Map<string, Constant>();
  for (const [shard, file] of files.entries()) {
    const own = wanted.filter(({ entry }) => entry.shard === shard);
    if (own.length === 0) continue;
    await withReader(file, async (reader) => {
      const pieces = await readPlaces(
        reader,
        own.map(({ entry }) => entry),
      );
      if (pieces === null) throw new MalformedError('tensors that overlap');
      for (const [index, { key, entry }] of own.entries()) {
        const { dtype: number, shape } = entry;
        const dtype = dtypeOf(number);
        if (dtype === null || shape === null) throw new MalformedError(`tensor "${key}" is of a type that is not read`);
        found.set(key, plain({ dtype, shape, bytes: pieces[index]! }, sizeOf(shape)));
      }
    });
  }
  return found;
}

function readEntry(bytes: Uint8Array): Entry {
  let [dtype, shard, offset, length] = [0, 0, 0, 0];
  let shape: number[] | null = [];
  eachField(new WireReader(bytes), {
    1: (reader) => (dtype = reader.integer()),
    2: (reader) => (shape = readShape(reader.message())),
    3: (reader) => (shard = reader.integer()),
    4: (reader) => (offset = reader.integer()),
    5: (reader) => (length = reader.integer()),
    [SLICED]: () => {
      throw new MalformedError('a tensor cut into slices');
    },
  });
  return { dtype, shape, shard, offset, length };
}

/** Keys and values of a table, in order. */
function* tableOf(bytes: Uint8Array): Generator<[string, Uint8Array]> {
  const footer = bytes.length - FOOTER_BYTES;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (footer < 0 || view.getBigUint64(bytes.length - 8, true) !== MAGIC)
    throw new MalformedError('no table of tensors');
  const cursor = { at: footer };
  handleAt(bytes, cursor); // of the meta index, which is empty
  for (const [, handle] of blockOf(bytes, handleAt(bytes, cursor))) {
    for (const [key, value] of blockOf(bytes, handleAt(handle, { at: 0 })))
      yield [new TextDecoder().decode(key), value];
  }
}

interface Handle {
  readonly offset: number;
  readonly size: number;
}

function handleAt(bytes: Uint8Array, cursor: { at: number }): Handle {
  return { offset: varint(bytes, cursor), size: varint(bytes, cursor) };
}

/** Entries of a block: each shares the beginning of its key with the one before. */
function* blockOf(bytes: Uint8Array, { offset, size }: Handle): Generator<[Uint8Array, Uint8Array]> {
  if (offset + size + TRAILER_BYTES > bytes.length || size < 4) throw new MalformedError('a block beyond the table');
  if (bytes[offset + size] !== 0) throw new MalformedError('a compressed table');
  const block = bytes.subarray(offset, offset + size);
  const restarts = new DataView(block.buffer, block.byteOffset, block.length).getUint32(size - 4, true);
  const end = size - 4 - 4 * restarts;
  const cursor = { at: 0 };
  let last: Uint8Array = new Uint8Array();
  while (cursor.at < end) {
    const [shared, own, length] = [varint(block, cursor), varint(block, cursor), varint(block, cursor)];
    if (shared > last.length || cursor.at + own + length > end) throw new MalformedError('an entry beyond its block');
    const key = new Uint8Array(shared + own);
    key.set(last.subarray(0, shared));
    key.set(block.subarray(cursor.at, cursor.at + own), shared);
    yield [key, block.subarray(cursor.at + own, cursor.at + own + length)];
    cursor.at += own + length;
    last = key;
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
