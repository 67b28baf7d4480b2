// TensorProto messages in, constants out: raw bytes as slices of the file, typed fields and external data as bytes of their own.
import type { Constant, DType } from '../graph/graph.ts';
import { ELEMENT_BYTES, sizeOf } from '../graph/tensor.ts';
import type { ExternalFiles } from './external.ts';
import { MalformedError, WireReader } from './protobuf.ts';
import { DATA_TYPE, EXTERNAL, STRING_ENTRY, TENSOR } from './schema.ts';

const DTYPE_OF = new Map(Object.entries(DATA_TYPE).map(([dtype, code]) => [code, dtype as DType]));

/** The element type of a TensorProto.DataType, or null for one that a graph cannot hold. */
export function dtypeOf(code: number): DType | null {
  return DTYPE_OF.get(code) ?? null;
}

export interface DecodedTensor {
  readonly name: string;
  /** null for element types that a graph cannot hold: strings, complex numbers, floats and integers below 8 bits. */
  readonly constant: Constant | null;
}

interface Fields {
  name: string;
  code: number;
  location: number;
  raw: Uint8Array | null;
  readonly dims: number[];
  /** float_data, double_data: pieces that are little-endian already. */
  readonly pieces: Uint8Array[];
  readonly int32: number[];
  readonly int64: bigint[];
  readonly external: Map<string, string>;
}

/** Throws MalformedError when data and shape do not fit, GradcamError when external data cannot be read. */
export function decodeTensor(bytes: Uint8Array, files: ExternalFiles): DecodedTensor {
  const fields = readFields(bytes);
  const { name, code, dims } = fields;
  const dtype = dtypeOf(code);
  const external = fields.location === EXTERNAL || fields.external.size > 0;
  if (dtype === null || dtype === 'string') {
    if (external) throw new MalformedError(`tensor '${name}' has external data of element type ${code}`);
    return { name, constant: null };
  }
  if (dims.some((dim) => dim < 0 || !Number.isSafeInteger(dim))) {
    throw new MalformedError(`tensor '${name}' has shape [${dims.slice(0, 8).join(', ')}]`);
  }
  const length = sizeOf(dims) * ELEMENT_BYTES[dtype];
  const data = external ? files.read(fields.external, length, name) : elementsOf(fields, dtype);
  if (data.length !== length) {
    throw new MalformedError(
      `tensor '${name}' of shape [${dims.slice(0, 8).join(', ')}] has ${data.length} bytes, expected ${length}`,
    );
  }
  return { name, constant: { dtype, shape: dims, bytes: data } };
}

function readFields(bytes: Uint8Array): Fields {
  const fields: Fields = {
    name: '',
    code: 0,
    location: 0,
    raw: null,
    dims: [],
    pieces: [],
    int32: [],
    int64: [],
    external: new Map(),
  };
  const reader = new WireReader(bytes);
  while (reader.next()) readField(reader, fields);
  return fields;
}

function readField(reader: WireReader, fields: Fields): void {
  switch (reader.field) {
    case TENSOR.name:
      fields.name = reader.string();
      break;
    case TENSOR.dims:
      reader.integers(fields.dims);
      break;
    case TENSOR.dataType:
      fields.code = reader.integer();
      break;
    case TENSOR.rawData:
      fields.raw = reader.bytes();
      break;
    case TENSOR.floatData:
      fields.pieces.push(reader.wire === 2 ? reader.bytes() : reader.fixed(4));
      break;
    case TENSOR.doubleData:
      fields.pieces.push(reader.wire === 2 ? reader.bytes() : reader.fixed(8));
      break;
    case TENSOR.int32Data:
      reader.integers(fields.int32);
      break;
    case TENSOR.int64Data:
    case TENSOR.uint64Data:
      reader.bigints(fields.int64);
      break;
    case TENSOR.externalData: {
      const [key, value] = readEntry(reader.bytes());
      fields.external.set(key, value);
      break;
    }
    case TENSOR.dataLocation:
      fields.location = reader.integer();
      break;
    case TENSOR.segment:
      throw new MalformedError(`tensor '${fields.name}' is stored in segments`);
    default:
      reader.skip();
  }
}

/** Bytes of the elements, from whichever field the element type uses. */
function elementsOf(fields: Fields, dtype: DType): Uint8Array {
  if (fields.raw !== null) return fields.raw;
  switch (dtype) {
    case 'float32':
    case 'float64':
      return fields.pieces.length === 1 && fields.pieces[0] ? fields.pieces[0] : joined(fields.pieces);
    case 'int64':
      return bytesOf(BigInt64Array.from(fields.int64));
    case 'uint32':
      return bytesOf(Uint32Array.from(fields.int64, Number));
    case 'uint64':
      return bytesOf(BigUint64Array.from(fields.int64));
    case 'int32':
      return bytesOf(Int32Array.from(fields.int32));
    case 'int16':
    case 'uint16':
    case 'float16':
    case 'bfloat16':
      return bytesOf(Uint16Array.from(fields.int32));
    case 'int8':
    case 'uint8':
    case 'bool':
      return Uint8Array.from(fields.int32);
    case 'string':
      throw new MalformedError(`tensor '${fields.name}' holds strings`);
  }
}

/** Key and value of a StringStringEntryProto. */
export function readEntry(bytes: Uint8Array): readonly [string, string] {
  const reader = new WireReader(bytes);
  let key = '';
  let value = '';
  while (reader.next()) {
    if (reader.field === STRING_ENTRY.key) key = reader.string();
    else if (reader.field === STRING_ENTRY.value) value = reader.text();
    else reader.skip();
  }
  return [key, value];
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
