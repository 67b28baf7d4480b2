// The header of a safetensors file: names, element types, shapes and places of its tensors, all checked against the file.
// Format: https://github.com/huggingface/safetensors#format
import { GradcamError, messageOf } from '../../lib/errors.ts';
import { sizeOf } from '../../graph/tensor.ts';
import type { FileReader } from '../reader.ts';
import type { Place } from '../places.ts';
import type { TensorFile } from './tensor-file.ts';
import { contiguousStrides, ELEMENT_TYPES, StoredData, StoredTensor, type ElementType } from './stored-tensor.ts';

/** Some 100,000 tensors; the format itself allows 100 MB. */
const MAX_HEADER = 32 * 2 ** 20;

const TYPES: Readonly<Record<string, string>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U64: 'uint64',
  U32: 'uint32',
  U16: 'uint16',
  U8: 'uint8',
  BOOL: 'bool',
  F8_E4M3: 'float8_e4m3fn',
  F8_E5M2: 'float8_e5m2',
  C64: 'complex64',
};

/** Reads the header. Throws GradcamError `safetensors-damaged`. */
export async function readSafetensors(file: FileReader): Promise<TensorFile> {
  const header = await headerOf(file);
  const start = 8 + header.length;
  const tensors = new Map<string, StoredTensor>();
  const places = new Map<string, Place>();
  for (const [name, entry] of Object.entries(parse(header, file.path))) {
    if (name === '__metadata__') continue;
    const { type, shape, begin, end } = entryOf(entry, name, file);
    const data = new StoredData(name, type, (end - begin) / type.width);
    if (start + end > file.size) {
      throw damaged(file.path, `"${name}" up to byte ${start + end}`, `a file of ${file.size} bytes`);
    }
    tensors.set(name, new StoredTensor({ data, type, shape, strides: contiguousStrides(shape), offset: 0 }));
    places.set(name, { offset: start + begin, length: end - begin });
  }
  refuseOverlaps(places, file.path);
  return { tensors, placeOf: ({ key }) => places.get(key)! };
}

async function headerOf(file: FileReader): Promise<Uint8Array> {
  if (file.size < 10) throw damaged(file.path, 'a header', `a file of ${file.size} bytes`);
  const head = await file.read(0, 8);
  const length = new DataView(head.buffer).getBigUint64(0, true);
  if (length > MAX_HEADER || 8 + Number(length) > file.size) {
    throw damaged(file.path, 'a header within the file', `one of ${length} bytes in a file of ${file.size}`);
  }
  return file.read(8, Number(length));
}

function parse(header: Uint8Array, path: string): Readonly<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header));
  } catch (error) {
    throw damaged(path, 'a header in JSON', messageOf(error));
  }
  if (!isRecord(json)) throw damaged(path, 'a header { "name": { ... } }', 'other JSON');
  return json;
}

interface Entry {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** In bytes after the header. */
  readonly begin: number;
  readonly end: number;
}

function entryOf(entry: unknown, name: string, { path }: FileReader): Entry {
  const fields = isRecord(entry) ? entry : {};
  const { dtype, shape, data_offsets: offsets } = fields;
  const known = typeof dtype === 'string' && Object.hasOwn(TYPES, dtype) ? TYPES[dtype] : undefined;
  if (known === undefined) {
    const found = typeof dtype === 'string' ? `"${dtype.slice(0, 40)}"` : 'none';
    throw damaged(path, `an element type of "${name}": ${Object.keys(TYPES).join(', ')}`, found);
  }
  const type = ELEMENT_TYPES[known]!;
  if (!isCounts(shape) || shape.length > 16)
    throw damaged(path, `a shape of "${name}"`, JSON.stringify(shape) ?? 'none');
  const [begin = -1, end = -1] = isCounts(offsets) ? offsets : [];
  const bytes = sizeOf(shape) * type.width;
  if (begin < 0 || end - begin !== bytes) {
    const wanted = `${bytes} bytes for "${name}" ${known} [${shape.join(', ')}]`;
    throw damaged(path, wanted, `data_offsets ${JSON.stringify(offsets) ?? 'missing'}`);
  }
  return { type, shape, begin, end };
}

function refuseOverlaps(places: ReadonlyMap<string, Place>, path: string): void {
  const ordered = [...places].filter(([, { length }]) => length > 0).sort(([, a], [, b]) => a.offset - b.offset);
  for (const [index, [name, place]] of ordered.entries()) {
    const before = ordered[index - 1];
    if (before === undefined || before[1].offset + before[1].length <= place.offset) continue;
    throw damaged(path, 'tensors that lie apart', `"${before[0]}" and "${name}" overlap`);
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && Number(item) >= 0);

function damaged(path: string, expected: string, found: string): GradcamError {
  return new GradcamError({
    code: 'safetensors-damaged',
    what: `${path} is not a sound safetensors file.`,
    expected,
    found,
    hint: 'The file may be truncated: copy it again, or save the weights again.',
  });
}
