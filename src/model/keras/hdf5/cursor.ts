// Reads numbers out of an HDF5 file, little-endian, never outside the bytes: what does not fit is a GradcamError.
import { GradcamError } from '../../../lib/errors.ts';

/** The bytes of a file with what every structure in it depends on. */
export interface Hdf5Bytes {
  readonly bytes: Uint8Array;
  /** The same bytes: as numbers, and as text. Made once, because a file is thousands of small structures. */
  readonly view: DataView;
  readonly text: Buffer;
  /** Named in errors. */
  readonly file: string;
  /** Bytes of an address, and of a length: 2, 4 or 8. */
  readonly offsetSize: number;
  readonly lengthSize: number;
  /** Addresses count from here. */
  readonly base: number;
}

/** The address that stands for "nowhere". */
export const NOWHERE = -1;

export class Cursor {
  readonly source: Hdf5Bytes;
  /** Offset in the file of the next byte. */
  at: number;
  /** First offset that must not be read. */
  readonly end: number;

  /** Reads from the absolute offset `at`, up to `end`. */
  constructor(source: Hdf5Bytes, at: number, end = source.bytes.length) {
    if (!(at >= 0) || at > source.bytes.length || end > source.bytes.length || at > end) {
      throw damaged(source.file, 'structures within the file', `one at byte ${at} of ${source.bytes.length}`);
    }
    this.source = source;
    this.at = at;
    this.end = end;
  }

  u8(): number {
    return this.source.view.getUint8(this.take(1));
  }

  u16(): number {
    return this.source.view.getUint16(this.take(2), true);
  }

  u32(): number {
    return this.source.view.getUint32(this.take(4), true);
  }

  /** An unsigned number of 1, 2, 4 or 8 bytes. */
  unsigned(size: number): number {
    switch (size) {
      case 1:
        return this.u8();
      case 2:
        return this.u16();
      case 4:
        return this.u32();
      case 8: {
        const value = Number(this.source.view.getBigUint64(this.take(8), true));
        // Beyond 2^53 no file can reach; only an address may be all ones.
        return value;
      }
      default:
        throw damaged(this.source.file, 'numbers of 1, 2, 4 or 8 bytes', `${size} bytes`);
    }
  }

  length(): number {
    return this.unsigned(this.source.lengthSize);
  }

  /** An absolute offset in the file, or NOWHERE. */
  address(): number {
    const size = this.source.offsetSize;
    const value = this.unsigned(size);
    return value >= 2 ** (8 * size) - 1 ? NOWHERE : value + this.source.base;
  }

  /** A view of the next bytes. */
  bytes(count: number): Uint8Array {
    const start = this.take(count);
    return this.source.bytes.subarray(start, start + count);
  }

  skip(count: number): void {
    this.take(count);
  }

  /** Goes to the next offset that lies a multiple of 8 after `start`. */
  align(start: number): void {
    this.at = start + Math.ceil((this.at - start) / 8) * 8;
  }

  /** Reads four characters that must be there. */
  signature(wanted: string): void {
    const start = this.take(wanted.length);
    const found = this.source.text.toString('latin1', start, this.at);
    if (found !== wanted) throw damaged(this.source.file, `"${wanted}" at byte ${start}`, JSON.stringify(found));
  }

  /** Bytes up to a zero, which is skipped. */
  text(): string {
    const end = this.source.bytes.indexOf(0, this.at);
    if (end === -1 || end >= this.end) throw damaged(this.source.file, 'a name that ends', 'one that does not');
    const text = this.utf8(end - this.at);
    this.at += 1;
    return text;
  }

  /** The next bytes as text. */
  utf8(count: number): string {
    const start = this.take(count);
    return this.source.text.toString('utf8', start, this.at);
  }

  left(): number {
    return this.end - this.at;
  }

  private take(count: number): number {
    const start = this.at;
    if (!(count >= 0) || start + count > this.end) {
      throw damaged(this.source.file, `${count} bytes at byte ${start}`, `${Math.max(0, this.end - start)}`);
    }
    this.at = start + count;
    return start;
  }
}

/** GradcamError `hdf5-damaged`. */
export function damaged(file: string, expected: string, found: string): GradcamError {
  return new GradcamError({
    code: 'hdf5-damaged',
    what: `${file}: the HDF5 data cannot be read.`,
    expected,
    found,
    hint: 'The file may be truncated: copy it again, or save the model again.',
  });
}

/** GradcamError `hdf5-unsupported`: valid, but a form of HDF5 that Keras does not write. */
export function unsupportedHdf5(file: string, found: string): GradcamError {
  return new GradcamError({
    code: 'hdf5-unsupported',
    what: `${file} uses a form of HDF5 that is not read here.`,
    expected: 'what h5py writes by default',
    found,
    hint: 'Load the model in Keras and save it again: model.save("model.keras").',
  });
}
