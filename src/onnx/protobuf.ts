// The protobuf wire format: numbers, byte strings and nested messages, out and in. No schema; encode.ts and decode.ts know that.
// The writer keeps large byte strings by reference until the one final copy; the reader hands out slices, never copies.
import { toInt64 } from '../graph/tensor.ts';

/** Byte strings below this many bytes are copied into the writer's buffer, larger ones kept by reference. */
const BY_REFERENCE = 1024;

const utf8Decoder = new TextDecoder('utf-8', { fatal: true });

/** The bytes are not what they should be. Turned into a GradcamError, with the file's name, by whoever knows that. */
export class MalformedError extends Error {
  /** What to do about it, where that is not simply to get the file again. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'MalformedError';
    this.hint = hint;
  }
}

/** A byte string that is not copied until the end, and where in the buffer it belongs. */
interface Held {
  at: number;
  readonly bytes: Uint8Array;
}

/** Writes one message, and the messages within it, into one buffer: a network is thousands of them. */
export class WireWriter {
  private buffer = Buffer.alloc(256);
  private used = 0;
  private readonly held: Held[] = [];
  private heldBytes = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.used + this.heldBytes;
  }

  /** Signed or unsigned integer, two's complement below zero. Numbers from 2^63 on are written as the largest int64. */
  integer(field: number, value: number | bigint): void {
    this.varint(field * 8);
    this.varint(value);
  }

  float32(field: number, value: number): void {
    this.varint(field * 8 + 5);
    this.reserve(4);
    this.used = this.buffer.writeFloatLE(value, this.used);
  }

  /** A byte string; one of 1 KB or more must not change until `finish` has copied it. */
  bytes(field: number, value: Uint8Array): void {
    this.varint(field * 8 + 2);
    this.varint(value.length);
    this.append(value);
  }

  string(field: number, value: string): void {
    this.varint(field * 8 + 2);
    this.reserve(10 + 3 * value.length);
    const start = this.used++;
    this.used += this.buffer.write(value, this.used);
    this.putLength(start, this.used - start - 1, this.held.length);
  }

  /** A message within, whose fields `write` adds to this writer. */
  nested(field: number, write: () => void): void {
    this.varint(field * 8 + 2);
    this.reserve(1);
    const [start, before, firstHeld] = [this.used++, this.length, this.held.length];
    write();
    this.putLength(start, this.length - before, firstHeld);
  }

  /** A message that was written apart. */
  message(field: number, message: WireWriter): void {
    this.varint(field * 8 + 2);
    this.varint(message.length);
    for (const piece of message.pieces()) this.append(piece);
  }

  /** Fields encoded already. */
  append(fields: Uint8Array): void {
    if (fields.length >= BY_REFERENCE) {
      this.held.push({ at: this.used, bytes: fields });
      this.heldBytes += fields.length;
      return;
    }
    this.reserve(fields.length);
    this.buffer.set(fields, this.used);
    this.used += fields.length;
  }

  /** The message in pieces, in order; their lengths sum to `length`. They are good until the next field is written. */
  pieces(): readonly Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let from = 0;
    for (const { at, bytes } of [...this.held, { at: this.used, bytes: new Uint8Array() }]) {
      if (at > from) pieces.push(this.buffer.subarray(from, at));
      if (bytes.length > 0) pieces.push(bytes);
      from = at;
    }
    return pieces;
  }

  /** The message in one piece, freshly allocated. */
  finish(): Uint8Array {
    const whole = new Uint8Array(this.length);
    let at = 0;
    for (const piece of this.pieces()) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  /** The length before what was written after `start`, where one byte was left for it: what follows makes room for more. */
  private putLength(start: number, length: number, firstHeld: number): void {
    let size = 1;
    for (let rest = length; rest > 127; rest = Math.floor(rest / 128)) size++;
    if (size > 1) {
      this.reserve(size - 1);
      this.buffer.copyWithin(start + size, start + 1, this.used);
      this.used += size - 1;
      for (let index = firstHeld; index < this.held.length; index++) this.held[index]!.at += size - 1;
    }
    this.putVarint(start, length);
  }

  private varint(value: number | bigint): void {
    // Most are tags and numbers of one byte.
    if (typeof value === 'number' && value >= 0 && value < 128 && this.used < this.buffer.length) {
      this.buffer[this.used++] = value;
      return;
    }
    this.reserve(10);
    if (typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER) {
      this.used = this.putVarint(this.used, value);
      return;
    }
    let rest = BigInt.asUintN(64, typeof value === 'bigint' ? value : toInt64(value));
    for (; rest > 127n; rest >>= 7n) this.buffer[this.used++] = Number(rest & 127n) | 128;
    this.buffer[this.used++] = Number(rest);
  }

  /** Writes at `at`, and gives the place after it. */
  private putVarint(at: number, value: number): number {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.buffer[at++] = (rest % 128) | 128;
    this.buffer[at++] = rest;
    return at;
  }

  private reserve(count: number): void {
    if (this.used + count <= this.buffer.length) return;
    const grown = Buffer.alloc(Math.max(this.buffer.length * 2, this.used + count));
    grown.set(this.buffer.subarray(0, this.used));
    this.buffer = grown;
  }
}

/** How a field is encoded: varint, 8 bytes, length and bytes, 4 bytes. */
export type WireType = 0 | 1 | 2 | 5;

/**
 * Walks the fields of one message: `next()` moves to a field, then exactly one of `integer`, `bytes`, `fixed`, `skip`
 * reads it. Throws MalformedError on anything that is no message.
 */
export class WireReader {
  field = 0;
  wire: WireType = 0;
  private at = 0;
  /** Where the current field's tag begins. */
  private start = 0;
  private readonly source: Uint8Array;
  private readonly end: number;

  /** The message is the bytes of `source` from `at` up to `end`. */
  constructor(source: Uint8Array, at = 0, end = source.length) {
    this.source = source;
    this.at = at;
    this.end = end;
  }

  /** A reader of the same message from where this one is. */
  again(): WireReader {
    return new WireReader(this.source, this.at, this.end);
  }

  /** A reader of the same message from the current field on, which this one has not read yet. */
  fromField(): WireReader {
    return new WireReader(this.source, this.start, this.end);
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    this.start = this.at;
    if (this.at >= this.end) return false;
    const tag = Number(this.unsigned());
    const wire = tag % 8;
    this.field = Math.floor(tag / 8);
    if (this.field === 0 || this.field > 0x1fffffff) throw new MalformedError(`invalid field number ${this.field}`);
    if (wire !== 0 && wire !== 1 && wire !== 2 && wire !== 5) throw new MalformedError(`invalid wire type ${wire}`);
    this.wire = wire;
    return true;
  }

  /** A signed 64-bit integer as the nearest number. */
  integer(): number {
    this.expect(0);
    return this.signed();
  }

  /** A slice of the source, not a copy. */
  bytes(): Uint8Array {
    this.expect(2);
    return this.take(this.lengthAhead());
  }

  /** A reader of a message within: graphs are thousands of them, and a slice for each would be as many objects to collect. */
  message(): WireReader {
    this.expect(2);
    const length = this.lengthAhead();
    this.advance(length);
    return new WireReader(this.source, this.at - length, this.at);
  }

  /** A name. Throws where the bytes are no UTF-8. */
  string(): string {
    try {
      return utf8Decoder.decode(this.bytes());
    } catch (error) {
      if (error instanceof MalformedError) throw error;
      throw new MalformedError('invalid UTF-8');
    }
  }

  /** A string that only people read: bytes that are no UTF-8 become replacement characters. */
  text(): string {
    this.expect(2);
    const length = this.lengthAhead();
    this.advance(length);
    return asBuffer(this.source).toString('utf8', this.at - length, this.at);
  }

  /** Whether the string is this one, which is of ASCII letters: without making it. */
  isText(text: string): boolean {
    this.expect(2);
    const length = this.lengthAhead();
    this.advance(length);
    if (length !== text.length) return false;
    const start = this.at - length;
    for (let index = 0; index < length; index++)
      if (this.source[start + index] !== text.charCodeAt(index)) return false;
    return true;
  }

  /** The 4 or 8 bytes of a fixed-size field. */
  fixed(size: 4 | 8): Uint8Array {
    this.expect(size === 4 ? 5 : 1);
    return this.take(size);
  }

  float32(): number {
    const bytes = this.fixed(4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true);
  }

  skip(): void {
    if (this.wire === 0) this.unsigned();
    else if (this.wire === 1) this.advance(8);
    else if (this.wire === 2) this.advance(this.lengthAhead());
    else this.advance(4);
  }

  /** The current field as it stands, tag and all; `WireWriter.append` writes it back. */
  whole(): Uint8Array {
    this.skip();
    return this.source.subarray(this.start, this.at);
  }

  /** A repeated integer, in either encoding: one varint, or a packed run of them. Appends to `into`. */
  integers(into: number[]): void {
    if (this.wire === 0) {
      into.push(this.signed());
      return;
    }
    const packed = this.message();
    while (packed.at < packed.end) into.push(packed.signed());
  }

  /** A repeated float, in either encoding. Appends to `into`. */
  floats(into: number[]): void {
    if (this.wire === 5) {
      into.push(this.float32());
      return;
    }
    const packed = this.bytes();
    if (packed.length % 4 !== 0) throw new MalformedError(`${packed.length} bytes of floats`);
    const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
    for (let at = 0; at < packed.length; at += 4) into.push(view.getFloat32(at, true));
  }

  /** As `integers`, without rounding. */
  bigints(into: bigint[]): void {
    if (this.wire === 0) {
      into.push(BigInt(this.unsigned()));
      return;
    }
    const packed = this.message();
    while (packed.at < packed.end) into.push(BigInt(packed.unsigned()));
  }

  private signed(): number {
    const value = this.unsigned();
    return typeof value === 'bigint' ? Number(BigInt.asIntN(64, value)) : value;
  }

  /** A varint: a number below 2^49, else a bigint. */
  private unsigned(): number | bigint {
    const { source } = this;
    const start = this.at;
    let value = 0;
    let factor = 1;
    for (let index = start; index < start + 7; index++) {
      const byte = source[index];
      if (byte === undefined || index >= this.end) throw new MalformedError('the data ends inside a number');
      value += (byte & 127) * factor;
      if (byte < 128) {
        this.at = index + 1;
        return value;
      }
      factor *= 128;
    }
    let long = BigInt(value);
    for (let index = start + 7; index < start + 10; index++) {
      const byte = source[index];
      if (byte === undefined || index >= this.end) throw new MalformedError('the data ends inside a number');
      long |= BigInt(byte & 127) << BigInt(7 * (index - start));
      if (byte < 128) {
        this.at = index + 1;
        return BigInt.asUintN(64, long);
      }
    }
    throw new MalformedError('a number of more than 10 bytes');
  }

  /** Of a byte string, checked. */
  private lengthAhead(): number {
    const length = Number(this.unsigned());
    const left = this.end - this.at;
    if (length > left) throw new MalformedError(`a field of ${length} bytes where ${left} are left`);
    return length;
  }

  private take(count: number): Uint8Array {
    this.advance(count);
    const { buffer, byteOffset } = this.source;
    return new Uint8Array(buffer, byteOffset + this.at - count, count);
  }

  private advance(count: number): void {
    if (count > this.end - this.at) throw new MalformedError('the data ends inside a field');
    this.at += count;
  }

  private expect(wire: WireType): void {
    if (this.wire !== wire)
      throw new MalformedError(`field ${this.field} has wire type ${this.wire}, expected ${wire}`);
  }
}

const buffers = new WeakMap<Uint8Array, Buffer>();

/** The same memory, as what Node decodes texts from. */
function asBuffer(bytes: Uint8Array): Buffer {
  if (bytes instanceof Buffer) return bytes;
  const known = buffers.get(bytes);
  if (known !== undefined) return known;
  const made = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  buffers.set(bytes, made);
  return made;
}
