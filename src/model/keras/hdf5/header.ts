// Object headers of HDF5: the messages of a group or dataset, and those of them that are types, shapes and attributes.
// Format: HDF5 File Format Specification 3.0, sections IV.A and C.
import { Cursor, damaged, unsupportedHdf5, type Hdf5Bytes } from './cursor.ts';

export interface Message {
  readonly type: number;
  readonly flags: number;
  /** Absolute offsets of the first byte and of the one after the last. */
  readonly start: number;
  readonly end: number;
}

export const MESSAGE = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  link: 0x06,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

const MAX_MESSAGES = 100_000;

/** Every message of the object at an absolute offset, continuations followed. */
export function messagesAt(source: Hdf5Bytes, offset: number): Message[] {
  const cursor = new Cursor(source, offset);
  if (source.bytes[offset] === 1) return messagesOfVersion1(cursor);
  return messagesOfVersion2(cursor);
}

function messagesOfVersion1(cursor: Cursor): Message[] {
  cursor.skip(2);
  const count = cursor.u16();
  cursor.skip(4);
  const size = cursor.u32();
  cursor.skip(4);
  const blocks = [{ start: cursor.at, length: size }];
  const messages: Message[] = [];
  for (let next = 0; next < blocks.length && messages.length < count; next++) {
    const { start, length } = blocks[next]!;
    const block = new Cursor(cursor.source, start, start + length);
    while (messages.length < count && block.left() >= 8) {
      const type = block.u16();
      const bytes = block.u16();
      const flags = block.u8();
      block.skip(3);
      keep(messages, blocks, block, { type, flags, bytes });
    }
  }
  return messages;
}

function messagesOfVersion2(cursor: Cursor): Message[] {
  cursor.signature('OHDR');
  cursor.skip(1);
  const flags = cursor.u8();
  if (flags & 0x20) cursor.skip(16);
  if (flags & 0x10) cursor.skip(4);
  const length = cursor.unsigned(2 ** (flags & 3));
  const blocks = [{ start: cursor.at, length }];
  const messages: Message[] = [];
  for (let next = 0; next < blocks.length; next++) {
    const { start, length: size } = blocks[next]!;
    // A continuation has a signature before and a checksum after its messages; the first block has neither.
    const [from, to] = next === 0 ? [start, start + size] : [start + 4, start + size - 4];
    if (next > 0) new Cursor(cursor.source, start).signature('OCHK');
    const block = new Cursor(cursor.source, from, to);
    const head = flags & 4 ? 6 : 4;
    while (block.left() >= head) {
      const type = block.u8();
      const bytes = block.u16();
      const messageFlags = block.u8();
      if (flags & 4) block.skip(2);
      keep(messages, blocks, block, { type, flags: messageFlags, bytes });
    }
  }
  return messages;
}

interface Head {
  readonly type: number;
  readonly flags: number;
  readonly bytes: number;
}

/** Notes a message, and what it says about further blocks; the cursor goes behind it. */
function keep(
  messages: Message[],
  blocks: { start: number; length: number }[],
  block: Cursor,
  { type, flags, bytes }: Head,
): void {
  const start = block.at;
  block.skip(bytes);
  messages.push({ type, flags, start, end: block.at });
  if (messages.length > MAX_MESSAGES) throw damaged(block.source.file, 'headers of sensible length', 'an endless one');
  if (type !== MESSAGE.continuation) return;
  const inner = new Cursor(block.source, start, block.at);
  blocks.push({ start: inner.address(), length: inner.length() });
}

/** The first message of a type, or null. Shared messages, which Keras files have none of, are refused. */
export function messageOf(source: Hdf5Bytes, messages: readonly Message[], type: number): Cursor | null {
  const message = messages.find((candidate) => candidate.type === type);
  if (message === undefined) return null;
  if (message.flags & 2) throw unsupportedHdf5(source.file, 'shared messages');
  return new Cursor(source, message.start, message.end);
}

/** Shape of a dataspace message: `[]` for a scalar, null for none at all. */
export function readDataspace(cursor: Cursor): number[] | null {
  const version = cursor.u8();
  const rank = cursor.u8();
  cursor.skip(1);
  const kind = version === 2 ? cursor.u8() : 1;
  if (version === 1) cursor.skip(5);
  if (version !== 1 && version !== 2) throw unsupportedHdf5(cursor.source.file, `dataspaces of version ${version}`);
  if (kind === 2) return null;
  return Array.from({ length: rank }, () => cursor.length());
}

/** An element type as far as Keras files need it. */
export type ElementType =
  | { readonly kind: 'integer'; readonly size: number; readonly signed: boolean }
  | { readonly kind: 'float'; readonly size: number }
  | { readonly kind: 'text'; readonly size: number }
  | { readonly kind: 'opaque'; readonly size: number }
  /** Elements of any length, in the global heap: length, address, index. */
  | { readonly kind: 'variable-text'; readonly size: number };

export function readDatatype(cursor: Cursor): ElementType {
  const { file } = cursor.source;
  const head = cursor.u8();
  const bits = cursor.u8() | (cursor.u8() << 8) | (cursor.u8() << 16);
  const size = cursor.u32();
  const kind = head & 15;
  if ((kind === 0 || kind === 1) && bits & 1) throw unsupportedHdf5(file, 'numbers in big-endian order');
  switch (kind) {
    case 0:
      return { kind: 'integer', size, signed: (bits & 8) !== 0 };
    case 1:
      return { kind: 'float', size };
    case 3:
      return { kind: 'text', size };
    case 5:
      return { kind: 'opaque', size };
    case 8:
      // An enumeration, h5py's booleans: integers of the same size.
      return { kind: 'integer', size, signed: true };
    case 9:
      if ((bits & 15) === 1) return { kind: 'variable-text', size };
      throw unsupportedHdf5(file, 'sequences of variable length');
    default:
      throw unsupportedHdf5(file, `elements of class ${kind}`);
  }
}

export interface RawAttribute {
  readonly type: ElementType;
  readonly shape: readonly number[] | null;
  /** At its first element. */
  readonly data: Cursor;
}

/** The attribute in a message if it has the name that is wanted; others are not looked into. */
export function readAttribute(cursor: Cursor, wanted: string): RawAttribute | null {
  const version = cursor.u8();
  const flags = cursor.u8();
  if (version < 1 || version > 3 || (version > 1 && flags !== 0)) {
    throw unsupportedHdf5(cursor.source.file, `attributes of version ${version}`);
  }
  const [nameSize, typeSize, spaceSize] = [cursor.u16(), cursor.u16(), cursor.u16()];
  if (version === 3) cursor.skip(1);
  const part = (size: number): Cursor => {
    const start = cursor.at;
    cursor.skip(size);
    const inner = new Cursor(cursor.source, start, cursor.at);
    if (version === 1) cursor.align(start);
    return inner;
  };
  if (part(nameSize).text() !== wanted) return null;
  const type = readDatatype(part(typeSize));
  const shape = readDataspace(part(spaceSize));
  return { type, shape, data: cursor };
}
