// Weights in files beside the model: the places that tensors name, checked, in; bytes out. Nothing outside the model's
// folder is ever opened, but for what the hub's own downloads link to.
import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { join, normalize, posix, resolve, win32 } from 'node:path';
import { GradcamError, messageOf } from '../lib/errors.ts';
import { leaves, liesWithin } from '../lib/within.ts';

/** One read asks the system for at most this many bytes: 2 GB and more in one go fail. */
const READ_AT_MOST = 2 ** 30;

interface DataFile {
  readonly descriptor: number;
  readonly size: number;
  /** Bytes handed out so far, so that overlapping places cannot ask for more memory than the file has. */
  taken: number;
  /** offset:length -> bytes: tensors may share a place. */
  readonly places: Map<string, Uint8Array>;
}

/** Reads external tensors of one model. `close` when done. */
export class ExternalFiles {
  /** Absolute paths of the files opened. */
  readonly paths: string[] = [];
  private readonly folder: string | null;
  private readonly source: string;
  private readonly files = new Map<string, DataFile>();

  /** `folder`: where the model lies, or null where it came without one; `source`: the model as messages name it. */
  constructor(folder: string | null, source: string) {
    this.folder = folder;
    this.source = source;
  }

  /**
   * The bytes of one tensor: `length` of them by its shape. `place` is its external_data: location, offset, length.
   * Throws a GradcamError that names the file when it is missing, too short or outside the model's folder.
   */
  read(place: ReadonlyMap<string, string>, length: number, tensor: string): Uint8Array {
    const location = place.get('location') ?? '';
    const file = this.open(location, tensor);
    const offset = this.number(place.get('offset') ?? '0', location, tensor);
    const stated = place.get('length');
    if (stated !== undefined && this.number(stated, location, tensor) !== length) {
      throw this.failure(location, tensor, `${length} bytes, as its shape says`, `a length of ${stated}`);
    }
    if (offset + length > file.size) {
      throw this.failure(location, tensor, `${length} bytes from byte ${offset} on`, `a file of ${file.size} bytes`);
    }
    const key = `${offset}:${length}`;
    const earlier = file.places.get(key);
    if (earlier !== undefined) return earlier;
    file.taken += length;
    if (file.taken > file.size) {
      throw this.failure(location, tensor, 'tensors that lie apart', 'tensors that overlap');
    }
    const bytes = this.readAt(file, offset, length, location, tensor);
    file.places.set(key, bytes);
    return bytes;
  }

  close(): void {
    for (const { descriptor } of this.files.values()) closeSync(descriptor);
    this.files.clear();
  }

  private open(location: string, tensor: string): DataFile {
    const known = this.files.get(location);
    if (known !== undefined) return known;
    const path = this.resolve(location, tensor);
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch (error) {
      throw this.failure(location, tensor, 'a file that can be read', messageOf(error), error);
    }
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) {
      closeSync(descriptor);
      throw this.failure(location, tensor, 'a file', 'something else');
    }
    const file: DataFile = { descriptor, size: stats.size, taken: 0, places: new Map() };
    this.files.set(location, file);
    this.paths.push(path);
    return file;
  }

  /** The real path of a location, once it is known to lie in the model's folder and to be a file. */
  private resolve(location: string, tensor: string): string {
    if (this.folder === null) {
      throw this.failure(location, tensor, 'a model that lies in a folder, with its data file', 'a model in memory');
    }
    const foreign =
      location === '' || posix.isAbsolute(location) || win32.isAbsolute(location) || location.includes('\0');
    if (foreign || leaves(normalize(location)) || leaves(win32.normalize(location))) {
      throw this.failure(location, tensor, "a relative path inside the model's folder", `'${location}'`);
    }
    let folder: string;
    let path: string;
    try {
      folder = realpathSync(resolve(this.folder));
      path = realpathSync(join(folder, location));
    } catch (error) {
      throw this.failure(
        location,
        tensor,
        `the data file beside the model in '${this.folder}'`,
        messageOf(error),
        error,
      );
    }
    if (!liesWithin(folder, path)) {
      throw this.failure(location, tensor, "a file inside the model's folder", 'a link that leaves it');
    }
    return path;
  }

  private readAt(file: DataFile, offset: number, length: number, location: string, tensor: string): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const count = readSync(file.descriptor, bytes, done, Math.min(length - done, READ_AT_MOST), offset + done);
      if (count === 0) throw this.failure(location, tensor, `${length} bytes`, `${done} bytes`);
      done += count;
    }
    return bytes;
  }

  private number(text: string, location: string, tensor: string): number {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
    if (Number.isSafeInteger(value)) return value;
    throw this.failure(location, tensor, 'an offset and a length in bytes', `'${text}'`);
  }

  private failure(location: string, tensor: string, expected: string, found: string, cause?: unknown): GradcamError {
    return new GradcamError({
      code: 'onnx-external-data',
      what: `Cannot read the weights '${tensor}' of '${this.source}' from '${location}'.`,
      expected,
      found,
      hint: 'Put the data file that was exported with the model beside it, under its original name.',
      cause,
    });
  }
}
