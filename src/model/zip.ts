// Zip archives, read member by member from an open file: `.keras` files and PyTorch's checkpoints hold a few, mostly stored
// as they are. Sizes come from the archive's own directory and are bounded before anything is unpacked.
import * as zlib from 'node:zlib';
import { GradcamError, messageOf } from '../lib/errors.ts';
import { isWithin, withReader, type FileReader } from './reader.ts';

export interface ZipMember {
  readonly name: string;
  /** Bytes when unpacked. */
  readonly size: number;
  readonly packedSize: number;
  /** CRC-32 of the unpacked bytes. */
  readonly checksum: number;
  /** 0: stored, 8: deflated. */
  readonly method: number;
  readonly encrypted: boolean;
  /** Of the member's own header, in the file. */
  readonly offset: number;
}

export interface Zip {
  readonly members: ReadonlyMap<string, ZipMember>;
  /** The member's bytes, unpacked, in memory of their own. Throws GradcamError `zip-damaged`, also for more than `limit` bytes. */
  read(member: ZipMember, limit: number): Promise<Uint8Array>;
  /** Where the member's packed bytes start in the file, all of them within it. Throws GradcamError `zip-damaged`. */
  locate(member: ZipMember): number;
}

const END_SIZE = 22;
const MAX_COMMENT = 65_535;
const MAX_DIRECTORY = 64 * 2 ** 20;
/** Deflate cannot shrink further than this. */
const MAX_RATIO = 1100;

/** Opens an archive, hands it to `use`, closes it. Throws GradcamError `zip-damaged` for what is no archive. */
export function withZip<T>(path: string, use: (zip: Zip) => Promise<T>): Promise<T> {
  return withReader(path, async (file) => use(await readZip(file)));
}

/** The archive in an open file. Throws GradcamError `zip-damaged` for what is none. */
export async function readZip(file: FileReader): Promise<Zip> {
  return {
    members: await directoryOf(file),
    read: (member, limit) => readMember(file, member, limit),
    locate: (member) => locate(file, member),
  };
}

async function directoryOf(file: FileReader): Promise<Map<string, ZipMember>> {
  const { path, size } = file;
  const tailStart = Math.max(0, size - END_SIZE - MAX_COMMENT);
  const tail = await bytesAt(file, tailStart, size - tailStart);
  const end = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end === -1 || end + END_SIZE > tail.length) throw damaged(path, 'a zip archive', 'no directory at its end');
  const directory = await place(file, tail, end, tailStart + end);
  if (directory.size > MAX_DIRECTORY || directory.start + directory.size > size) {
    throw damaged(path, 'a directory within the file', `${directory.size} bytes at ${directory.start}`);
  }
  const bytes = await bytesAt(file, directory.start, directory.size);
  const members = new Map<string, ZipMember>();
  let at = 0;
  while (at + 46 <= bytes.length && bytes.readUInt32LE(at) === 0x02014b50) {
    const [nameLength, extraLength, commentLength] = [
      bytes.readUInt16LE(at + 28),
      bytes.readUInt16LE(at + 30),
      bytes.readUInt16LE(at + 32),
    ];
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > bytes.length) throw damaged(path, 'entries within the directory', 'one that reaches beyond it');
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const extra = bytes.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    members.set(name, memberAt(bytes, at, name, extra));
    at = next;
  }
  return members;
}

/** Where the directory is; archives beyond 4 GB say it in a record of their own. */
async function place(
  file: FileReader,
  tail: Buffer,
  end: number,
  endInFile: number,
): Promise<{ start: number; size: number }> {
  const near = { size: tail.readUInt32LE(end + 12), start: tail.readUInt32LE(end + 16) };
  if (near.size !== 0xffffffff && near.start !== 0xffffffff) return near;
  const locator = await bytesAt(file, endInFile - 20, 20);
  if (locator.readUInt32LE(0) !== 0x07064b50) throw damaged(file.path, 'the locator of a large archive', 'none');
  const record = await bytesAt(file, Number(locator.readBigUInt64LE(8)), 56);
  return { size: Number(record.readBigUInt64LE(40)), start: Number(record.readBigUInt64LE(48)) };
}

function memberAt(bytes: Buffer, at: number, name: string, extra: Buffer): ZipMember {
  const wide = wideSizes(extra);
  const take = (value: number): number => (value === 0xffffffff ? Number(wide.shift() ?? value) : value);
  const size = take(bytes.readUInt32LE(at + 24));
  const packedSize = take(bytes.readUInt32LE(at + 20));
  const offset = take(bytes.readUInt32LE(at + 42));
  return {
    name,
    size,
    packedSize,
    checksum: bytes.readUInt32LE(at + 16),
    offset,
    method: bytes.readUInt16LE(at + 10),
    encrypted: (bytes.readUInt16LE(at + 8) & 1) !== 0,
  };
}

/** The 64-bit numbers of extra field 1, in the order of those that did not fit 32 bits: size, packed size, offset. */
function wideSizes(extra: Buffer): bigint[] {
  for (let at = 0; at + 4 <= extra.length;) {
    const [id, length] = [extra.readUInt16LE(at), extra.readUInt16LE(at + 2)];
    const end = Math.min(extra.length, at + 4 + length);
    if (id === 1) {
      const numbers: bigint[] = [];
      for (let field = at + 4; field + 8 <= end; field += 8) numbers.push(extra.readBigUInt64LE(field));
      return numbers;
    }
    at += 4 + length;
  }
  return [];
}

async function readMember(file: FileReader, member: ZipMember, limit: number): Promise<Uint8Array> {
  const { path } = file;
  const { name, method, packedSize } = member;
  if (member.encrypted) throw damaged(path, `"${name}" without a password`, 'an encrypted member');
  if (method !== 0 && method !== 8) throw damaged(path, `"${name}" stored or deflated`, `compression method ${method}`);
  if (member.size > limit || member.size > packedSize * MAX_RATIO + 1024) {
    throw damaged(
      path,
      `"${name}" of at most ${limit} bytes, no bomb`,
      `${packedSize} bytes that become ${member.size}`,
    );
  }
  const packed = await bytesAt(file, locate(file, member), packedSize);
  if (method === 0) return plain(packed);
  try {
    // In one piece, which is not filled to its last byte: pieces are held a second time while they are put together.
    const chunkSize = Math.max(64, member.size + 1);
    return plain(zlib.inflateRawSync(packed, { maxOutputLength: Math.max(1, member.size), chunkSize }));
  } catch (error) {
    throw damaged(path, `"${name}" that can be unpacked`, messageOf(error));
  }
}

/**
 * Checks a member's bytes against the archive's checksum. Apart from reading, because PyTorch can be told to write none.
 * Throws GradcamError `zip-damaged`.
 */
export function requireIntact({ name, checksum }: ZipMember, bytes: Uint8Array, path: string): void {
  // Node before 20.15 has no crc32; a damaged member then goes as far as its own format lets it.
  if (!('crc32' in zlib) || zlib.crc32(bytes) === checksum) return;
  throw damaged(path, `"${name}" with the checksum that the archive has for it`, 'other contents');
}

function locate(file: FileReader, { name, offset, packedSize }: ZipMember): number {
  const isThere = isWithin(offset, 30, file.size);
  const head = Buffer.from(isThere ? file.peek(offset, 30) : []);
  if (!isThere || head.readUInt32LE(0) !== 0x04034b50)
    throw damaged(file.path, `"${name}" where the directory says`, 'something else there');
  const start = offset + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
  if (start + packedSize > file.size) throw damaged(file.path, `"${name}" within the file`, 'a truncated archive');
  return start;
}

function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

async function bytesAt(file: FileReader, offset: number, length: number): Promise<Buffer> {
  if (!isWithin(offset, length, file.size))
    throw damaged(file.path, `${length} bytes at ${offset}`, `a file of ${file.size} bytes`);
  const bytes = await file.read(offset, length);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function damaged(path: string, expected: string, found: string): GradcamError {
  return new GradcamError({
    code: 'zip-damaged',
    what: `${path}: the archive cannot be read.`,
    expected,
    found,
    hint: 'The file may be truncated: copy it again, or save the model again.',
  });
}
