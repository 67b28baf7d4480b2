// HDF5 files as h5py writes them, read in place: groups, attributes that are text, arrays of numbers as constants that share
// the file's memory. Apart from what Keras means by them.
import type { Constant, DType } from '../../../graph/graph.ts';
import { Cursor, damaged, NOWHERE, unsupportedHdf5, type Hdf5Bytes } from './cursor.ts';
import { readElements } from './data.ts';
import { linksOf, type Links } from './groups.ts';
import {
  MESSAGE,
  messageOf,
  messagesAt,
  readAttribute,
  readDataspace,
  readDatatype,
  type ElementType,
  type Message,
} from './header.ts';

export interface Hdf5Group {
  /** Names of members. */
  names(): string[];
  /** The group at a path of names joined by `/`, or null where there is nothing, or a dataset. */
  group(path: string): Hdf5Group | null;
  /** The array at a path, or null where there is none. bfloat16 is known by Keras's own attribute. */
  array(path: string): Constant | null;
  /** An attribute's strings, or null where there is no such attribute, or one that is no text. */
  texts(name: string): string[] | null;
}

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const MAX_TEXTS = 200_000;

/** Whether bytes start like an HDF5 file. */
export function isHdf5(head: Uint8Array): boolean {
  return SIGNATURE.every((byte, index) => head[index] === byte);
}

/** The root group. Throws GradcamError `hdf5-damaged` or `hdf5-unsupported`; so do the group's methods. */
export function openHdf5(bytes: Uint8Array, file: string): Hdf5Group {
  if (!isHdf5(bytes))
    throw damaged(
      file,
      'an HDF5 file',
      `first bytes ${[...bytes.subarray(0, 8)].map((byte) => byte.toString(16)).join(' ')}`,
    );
  const { buffer, byteOffset, byteLength } = bytes;
  const start: Hdf5Bytes = {
    // A Buffer would do most of what its superclass does, but its slices share memory.
    bytes: new Uint8Array(buffer, byteOffset, byteLength),
    view: new DataView(buffer, byteOffset, byteLength),
    text: Buffer.from(buffer, byteOffset, byteLength),
    file,
    offsetSize: 8,
    lengthSize: 8,
    base: 0,
  };
  const cursor = new Cursor(start, 8);
  const version = cursor.u8();
  if (version > 3) throw unsupportedHdf5(file, `superblocks of version ${version}`);
  if (version < 2) cursor.skip(4);
  const [offsetSize, lengthSize] = [cursor.u8(), cursor.u8()];
  cursor.skip(version < 2 ? (version === 1 ? 13 : 9) : 1);
  const body = new Cursor({ ...start, offsetSize, lengthSize }, cursor.at);
  const base = body.unsigned(offsetSize);
  body.skip((version < 2 ? 3 : 2) * offsetSize);
  const source: Hdf5Bytes = { ...start, offsetSize, lengthSize, base };
  const entry = new Cursor(source, body.at);
  // The root of an old file is a symbol table entry: offset of an empty name, then the header's address.
  if (version < 2) entry.skip(offsetSize);
  return groupAt(source, entry.address());
}

function groupAt(source: Hdf5Bytes, offset: number): Hdf5Group {
  const messages = messagesAt(source, offset);
  let links: Links | null = null;
  const own = (): Links => (links ??= linksOf(source, messages));
  const children = new Map<string, Hdf5Group>();
  const find = (path: string): { group: Hdf5Group | null; member: number } | null => {
    const [first = '', ...rest] = path.split('/');
    const member = own().get(first);
    if (member === undefined || member === NOWHERE) return null;
    if (rest.length === 0) return { group: null, member };
    const child = children.get(first) ?? groupAt(source, member);
    children.set(first, child);
    return { group: child, member: NOWHERE };
  };
  const restOf = (path: string): string => path.slice(path.indexOf('/') + 1);
  return {
    names: () => [...own().keys()],
    group(path) {
      const found = find(path);
      if (found === null) return null;
      if (found.group !== null) return found.group.group(restOf(path));
      if (isDataset(messagesAt(source, found.member))) return null;
      const child = children.get(path) ?? groupAt(source, found.member);
      children.set(path, child);
      return child;
    },
    array(path) {
      const found = find(path);
      if (found === null) return null;
      if (found.group !== null) return found.group.array(restOf(path));
      const member = messagesAt(source, found.member);
      return isDataset(member) ? arrayOf(source, member, path) : null;
    },
    texts: (name) => textsOf(source, messages, name),
  };
}

function isDataset(messages: readonly Message[]): boolean {
  return messages.some((message) => message.type === MESSAGE.layout);
}

function arrayOf(source: Hdf5Bytes, messages: readonly Message[], path: string): Constant {
  const [space, type] = [messageOf(source, messages, MESSAGE.dataspace), messageOf(source, messages, MESSAGE.datatype)];
  const shape = space === null ? null : readDataspace(space);
  if (shape === null || type === null) throw damaged(source.file, `array ${path} with a shape and a type`, 'none');
  const element = readDatatype(type);
  const noted = textsOf(source, messages, 'dtype')?.[0];
  const dtype = noted === 'bfloat16' && element.size === 2 ? 'bfloat16' : dtypeOf(element);
  if (dtype === null)
    throw unsupportedHdf5(source.file, `array ${path} of ${element.kind} elements of ${element.size} bytes`);
  return { dtype, shape, bytes: readElements(source, messages, { shape, elementSize: element.size }) };
}

function dtypeOf(element: ElementType): DType | null {
  const { kind, size } = element;
  if (kind === 'float') return size === 4 ? 'float32' : size === 8 ? 'float64' : size === 2 ? 'float16' : null;
  if (kind !== 'integer' || ![1, 2, 4, 8].includes(size)) return null;
  return `${element.signed ? 'int' : 'uint'}${size * 8}` as DType;
}

function textsOf(source: Hdf5Bytes, messages: readonly Message[], name: string): string[] | null {
  for (const message of messages) {
    if (message.type !== MESSAGE.attribute) continue;
    const attribute = readAttribute(new Cursor(source, message.start, message.end), name);
    if (attribute === null) continue;
    const { type, data } = attribute;
    if (type.kind !== 'text' && type.kind !== 'variable-text') return null;
    const count = (attribute.shape ?? [0]).reduce((product, dim) => product * dim, 1);
    if (!(count <= MAX_TEXTS) || count * type.size > data.left())
      throw damaged(source.file, `attribute ${name}`, `${count} strings`);
    return Array.from({ length: count }, () => (type.kind === 'text' ? fixedText(data, type.size) : heapText(data)));
  }
  const info = messageOf(source, messages, MESSAGE.attributeInfo);
  if (info === null) return null;
  info.skip(1);
  if (info.u8() & 1) info.skip(2);
  if (info.address() !== NOWHERE) throw unsupportedHdf5(source.file, 'attributes in the dense form of HDF5 1.8');
  return null;
}

/** Text of a fixed size, padded with zeros. */
function fixedText(cursor: Cursor, size: number): string {
  const text = cursor.utf8(size);
  const end = text.indexOf('\0');
  return end === -1 ? text : text.slice(0, end);
}

/** Text in a collection of the global heap: its length, the collection's address, its index there. */
function heapText(cursor: Cursor): string {
  const { source } = cursor;
  const length = cursor.u32();
  const collection = cursor.address();
  const wanted = cursor.u32();
  if (length === 0 || collection === NOWHERE) return '';
  const object = collectionAt(source, collection).get(wanted);
  if (object === undefined) throw damaged(source.file, `text ${wanted} in the heap at byte ${collection}`, 'none');
  return Buffer.from(object.buffer, object.byteOffset, Math.min(length, object.length)).toString();
}

const collections = new WeakMap<Hdf5Bytes, Map<number, ReadonlyMap<number, Uint8Array>>>();

/** The objects of a collection of the global heap by index; each collection is read once. */
function collectionAt(source: Hdf5Bytes, offset: number): ReadonlyMap<number, Uint8Array> {
  const known = collections.get(source) ?? new Map<number, ReadonlyMap<number, Uint8Array>>();
  collections.set(source, known);
  const found = known.get(offset) ?? readCollection(source, offset);
  known.set(offset, found);
  return found;
}

function readCollection(source: Hdf5Bytes, offset: number): ReadonlyMap<number, Uint8Array> {
  const heap = new Cursor(source, offset);
  heap.signature('GCOL');
  heap.skip(4);
  const size = heap.length();
  const objects = new Cursor(source, heap.at, Math.min(offset + size, source.bytes.length));
  const found = new Map<number, Uint8Array>();
  while (objects.left() >= 8 + source.lengthSize) {
    const index = objects.u16();
    objects.skip(6);
    const length = objects.length();
    // Index 0 is the space that is left.
    if (index === 0) break;
    found.set(index, objects.bytes(length));
    objects.skip(Math.min(objects.left(), Math.ceil(length / 8) * 8 - length));
  }
  return found;
}
