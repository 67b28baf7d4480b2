// Pictures of a report -> data URIs, for a page in a single file. Apart from links.ts because pictures are re-encoded here.
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { decodeBytes, encodeJpeg } from '../image/codec.ts';
import { isInside } from './links.ts';
import type { Report } from './report.ts';

const mimeByExtension: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
};

interface Limits {
  /** Files of at most so many bytes are taken as they are; larger ones become JPEG of at most `maxSide` pixels a side. */
  readonly maxBytes: number;
  readonly maxSide: number;
}

/** The script draws over these, and they are looked at large. */
const pictureLimits: Limits = { maxBytes: 150_000, maxSide: 1024 };
/** Shown only where there is no script. */
const overlayLimits: Limits = { maxBytes: 30_000, maxSide: 480 };

/** URLs of all pictures and overlays of the report, inside the page; null for those that cannot be had. */
export async function embedPictures(report: Report, folder: string): Promise<(path: string | null) => string | null> {
  const uris = new Map<string, string | null>();
  const embed = async (path: string | null, limits: Limits): Promise<void> => {
    if (path !== null && !uris.has(path)) uris.set(path, await dataUri(folder, path, limits));
  };
  // One after another: few files are open and few pictures in memory at a time.
  for (const sample of report.samples) await embed(sample.picture, pictureLimits);
  for (const cell of report.cells) {
    await embed(cell.overlay, overlayLimits);
    await embed(cell.input?.picture ?? null, pictureLimits);
  }
  return (path) => (path === null ? null : (uris.get(path) ?? null));
}

/** The picture in `folder`/`path` as a data URI; null where it is not there, leaves the folder or is no picture. */
export async function dataUri(folder: string, path: string, limits: Limits): Promise<string | null> {
  const mime = mimeByExtension[extname(path).toLowerCase()];
  if (mime === undefined || !isInside(path)) return null;
  try {
    const bytes = await readFile(join(folder, path));
    if (bytes.length <= limits.maxBytes) return `data:${mime};base64,${bytes.toString('base64')}`;
    const jpeg = await encodeJpeg(await decodeBytes(bytes, path), { maxSide: limits.maxSide });
    return `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`;
  } catch {
    return null; // the cell then says that there is no picture; the report itself is still worth having
  }
}
