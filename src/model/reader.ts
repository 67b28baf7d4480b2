// A model file open for reading piece by piece: large checkpoints hold much that is not needed, and whole ones may pass what
// one read gives. Every piece lies in memory of its own.
import { readSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { GradcamError } from '../lib/errors.ts';
import { fileError, readInto } from '../lib/files.ts';

export interface FileReader {
  /** As the user, or the loader, gave it. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /**
   * Exactly these bytes, starting on a multiple of 8 in memory, so that arrays in them can be used in place. Throws
   * GradcamError `file-truncated` where they do not lie within the file.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** A few bytes at once: an archive has hundreds of headers, and waiting for each costs more than reading it. */
  peek(offset: number, length: number): Uint8Array;
}

/** Opens a file, hands it to `use`, closes it. */
export async function withReader<T>(path: string, use: (file: FileReader) => Promise<T>): Promise<T> {
  const handle = await open(path).catch((error: unknown) => {
    throw fileError(error, path, 'read');
  });
  try {
    const { size } = await handle.stat();
    return await use({
      path,
      size,
      read: (offset, length) => readAt(handle, { path, size, offset, length }),
      peek: (offset, length) => peekAt(handle, { path, size, offset, length }),
    });
  } finally {
    await handle.close();
  }
}

interface Piece {
  readonly path: string;
  readonly size: number;
  readonly offset: number;
  readonly length: number;
}

async function readAt(handle: FileHandle, { path, size, offset, length }: Piece): Promise<Uint8Array> {
  if (!isWithin(offset, length, size)) throw truncated(path, length, offset, `a file of ${size} bytes`);
  const bytes = new Uint8Array(length);
  const done = await readInto(handle, bytes, offset).catch((error: unknown) => {
    throw fileError(error, path, 'read');
  });
  if (done < length) throw truncated(path, length, offset, `${done} bytes there`);
  return bytes;
}

function peekAt(handle: FileHandle, { path, size, offset, length }: Piece): Uint8Array {
  if (!isWithin(offset, length, size)) throw truncated(path, length, offset, `a file of ${size} bytes`);
  const bytes = new Uint8Array(length);
  const found = readSync(handle.fd, bytes, 0, length, offset);
  if (found !== length) throw truncated(path, length, offset, `${found} bytes there`);
  return bytes;
}

/** Whether a piece lies within a file of `size` bytes. */
export function isWithin(offset: number, length: number, size: number): boolean {
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
  return isCount(offset) && isCount(length) && offset + length <= size;
}

function truncated(path: string, length: number, offset: number, found: string): GradcamError {
  return new GradcamError({
    code: 'file-truncated',
    what: `${path} ends too early.`,
    expected: `${length} bytes from byte ${offset} on`,
    found,
    hint: 'The file may be truncated: copy it again, or save the model again.',
  });
}
