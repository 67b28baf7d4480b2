// Attributes of TensorFlow's nodes and the tensors in them, read from their messages.
import type { Constant, DType } from '../../graph/graph.ts';
import { constantOf, ELEMENT_BYTES, numbersOf, sizeOf } from '../../graph/tensor.ts';
import { MalformedError, type WireReader } from '../../onnx/protobuf.ts';
import { eachField } from './graph-def.ts';
import type { Attribute } from './node.ts';

/** By TensorFlow's number of the type. https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/framework/types.proto */
const DTYPES: Readonly<Record<number, DType>> = {
  1: 'float32',
  2: 'float64',
  3: 'int32',
  4: 'uint8',
  5: 'int16',
  6: 'int8',
  9: 'int64',
  10: 'bool',
  14: 'bfloat16',
  19: 'float16',
};

/** Elements that one constant of a graph may have where it repeats a single number. */
const MAX_REPEATED = 2 ** 24;

export const dtypeOf = (number: number): DType | null => DTYPES[number] ?? null;

/** A shape's dimensions, -1 where open; null for an unknown rank. */
export function readShape(reader: WireReader): number[] | null {
  const dims: number[] = [];
  let unknown = false;
  while (reader.next()) {
    if (reader.field === 2) dims.push(sizeIn(reader.message()));
    else if (reader.field === 3) unknown = reader.integer() !== 0;
    else reader.skip();
  }
  return unknown ? null : dims;
}

function sizeIn(reader: WireReader): number {
  let size = 0;
  while (reader.next()) {
    if (reader.field === 1) size = reader.integer();
    else reader.skip();
  }
  return size;
}

/** An attribute of any kind but tensors. */
export function readAttribute(message: WireReader): Attribute {
  const found: Writable<Attribute> = {};
  eachField(message, {
    1: (reader) => (found.list = readList(reader.message())),
    2: (reader) => (found.s = reader.text()),
    3: (reader) => (found.i = reader.integer()),
    4: (reader) => (found.f = reader.float32()),
    5: (reader) => (found.b = reader.integer() !== 0),
    6: (reader) => (found.type = reader.integer()),
    7: (reader) => (found.shape = readShape(reader.message())),
    10: (reader) => eachField(reader.message(), { 1: (inner) => (found.s = inner.text()) }),
  });
  return found;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function readList(message: WireReader): NonNullable<Attribute['list']> {
  const [s, i]: [string[], number[]] = [[], []];
  eachField(message, { 2: (reader) => s.push(reader.text()), 3: (reader) => reader.integers(i) });
  return { s, i };
}

/** The tensor in the `value` of a constant node; null for one of texts or of types that no network computes with. */
export function readTensor(attribute: WireReader): Constant | null {
  let found: Constant | null = null;
  eachField(attribute, { 8: (reader) => (found = tensorOf(reader.message())) });
  return found;
}

/** Texts of a constant node of strings. */
export function readTexts(attribute: WireReader): string[] {
  const texts: string[] = [];
  eachField(attribute, { 8: (reader) => eachField(reader.message(), { 8: (inner) => texts.push(inner.text()) }) });
  return texts;
}

/** Elements as bytes, or as a list that goes on with its last one. */
function tensorOf(reader: WireReader): Constant | null {
  let [type, shape, content]: [number, number[] | null, Uint8Array | null] = [0, [], null];
  const values: number[] = [];
  // Graphs hold hundreds of them: no handlers here.
  while (reader.next()) {
    const { field } = reader;
    if (field === 1) type = reader.integer();
    else if (field === 2) shape = readShape(reader.message());
    else if (field === 4) content = reader.bytes();
    else if (field === 5) reader.floats(values);
    else if (field === 6) values.push(...doublesOf(reader.wire === 1 ? reader.fixed(8) : reader.bytes()));
    else if (field === 7 || field === 10 || field === 11) reader.integers(values);
    else reader.skip();
  }
  const dtype = dtypeOf(type);
  const size = shape === null ? -1 : sizeOf(shape);
  if (dtype === null || shape === null) return null;
  if (!Number.isSafeInteger(size) || shape.some((dim) => dim < 0))
    throw new MalformedError('a constant without a size');
  if (content !== null && content.length > 0) return plain({ dtype, shape, bytes: content }, size);
  if (size > MAX_REPEATED || values.length > size) throw new MalformedError(`a constant of ${size} elements`);
  const last = values.at(-1) ?? 0;
  const all = new Float64Array(size).fill(last);
  all.set(values);
  return constantOf(
    dtype === 'int64' || dtype === 'bool' ? 'int32' : dtype === 'int32' ? 'int32' : 'float32',
    shape,
    all,
  );
}

function doublesOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, index) => view.getFloat64(8 * index, true));
}

/**
 * A constant in a type that is computed in: float32 or int32. Throws MalformedError where its bytes are not those of
 * `size` elements.
 */
export function plain(constant: Constant, size: number): Constant {
  const { dtype, shape, bytes } = constant;
  if (dtype === 'string') throw new MalformedError('texts where there should be numbers');
  if (bytes.length !== size * ELEMENT_BYTES[dtype]) {
    throw new MalformedError(`${bytes.length} bytes for ${size} elements of ${dtype}`);
  }
  if (dtype === 'float32' || dtype === 'int32') return constant;
  const isFloat = dtype === 'float64' || dtype === 'float16' || dtype === 'bfloat16';
  return constantOf(isFloat ? 'float32' : 'int32', shape, numbersOf(constant));
}
