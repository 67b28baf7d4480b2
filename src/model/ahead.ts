// The file of a model, read while everything that understands it is still being loaded.
import { readWhole } from '../lib/files.ts';
import { locateModel } from './locate.ts';

/** Files on their way from disk, by absolute path. */
export type FilesAhead = ReadonlyMap<string, Promise<Uint8Array>>;

/** Begins to read an ONNX file; files of other formats are read in parts, as they need them. Never rejects. */
export async function readAhead(path: string | undefined): Promise<FilesAhead> {
  if (path === undefined) return new Map();
  const located = await locateModel(path).catch(() => null); // why not is told when the run is opened
  if (located === null || !located.file.toLowerCase().endsWith('.onnx')) return new Map();
  const bytes = readWhole(located.file);
  bytes.catch(() => undefined); // told where it is awaited
  return new Map([[located.file, bytes]]);
}
