// One batch, made in a worker: pictures decoded or taken from the cache, augmented, normalised, blended.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodePicture } from '../image/codec.ts';
import type { PrepareSpec } from '../image/picture.ts';
import { fitPicture, type FitSpec } from '../image/prepare.ts';
import { GradcamError } from '../lib/errors.ts';
import { writeFileAtomic } from '../lib/files.ts';
import { ordered } from '../lib/ordered.ts';
import type { Plan } from './augment/augmentation.ts';
import type { Mix } from './augment/mixup.ts';
import { renderRow } from './augment/render.ts';

/** A place in shared memory for one picture of the kept size, 8-bit RGB. */
export interface Slot {
  readonly buffer: SharedArrayBuffer;
  readonly at: number;
  /** Whether the picture is there already. */
  readonly filled: boolean;
}

export interface BatchRow {
  readonly path: string;
  readonly plan: Plan;
  readonly slot: Slot | null;
}

export interface BatchJob {
  readonly rows: readonly BatchRow[];
  readonly spec: PrepareSpec;
  /** How pictures are kept and augmented from. */
  readonly kept: FitSpec;
  readonly mix: Mix | null;
  /** Folder for pictures of the kept size; null: none. */
  readonly cacheFolder: string | null;
}

export interface BatchResult {
  /** [rows, ...] in the layout of the spec; empty where pictures could not be read. */
  readonly images: Float32Array;
  readonly unreadable: readonly { readonly row: number; readonly reason: string }[];
}

/** Decoding goes on in other threads while pixels are worked on here. */
const DECODE_AHEAD = 3;

export async function makeBatch({ rows, spec, kept, mix, cacheFolder }: BatchJob): Promise<BatchResult> {
  const [height, width] = spec.size;
  const size = height * width * (spec.channels === 'grey' ? 1 : 3);
  const images = new Float32Array(rows.length * size);
  const unreadable: { row: number; reason: string }[] = [];
  let index = 0;
  for await (const pixels of ordered(rows, DECODE_AHEAD, (row) => pixelsOf(row, kept, cacheFolder))) {
    const row = index++;
    if ('reason' in pixels) unreadable.push({ row, reason: pixels.reason });
    else if (unreadable.length === 0)
      renderRow(
        { width: kept.size[1], height: kept.size[0], rgb: pixels.rgb },
        rows[row]!.plan,
        spec,
        images.subarray(row * size, (row + 1) * size),
      );
  }
  if (unreadable.length > 0) return { images: new Float32Array(0), unreadable };
  return { images: mix === null || mix.share === 1 ? images : blend(images, size, mix), unreadable };
}

type PixelsOrReason = { readonly rgb: Uint8Array } | { readonly reason: string };

async function pixelsOf({ path, slot }: BatchRow, kept: FitSpec, cacheFolder: string | null): Promise<PixelsOrReason> {
  const length = kept.size[0] * kept.size[1] * 3;
  if (slot?.filled === true) return { rgb: new Uint8Array(slot.buffer, slot.at, length) };
  const file = cacheFolder === null ? null : await cacheFile(cacheFolder, path, kept);
  const cached = file === null ? null : await readFile(file).catch(() => null); // not there yet
  const found = cached?.length === length ? { rgb: cached } : await decodeFitted(path, kept);
  if ('reason' in found) return found;
  if (file !== null && found.rgb !== cached) await writeFileAtomic(file, found.rgb);
  if (slot !== null) new Uint8Array(slot.buffer, slot.at, length).set(found.rgb);
  return found;
}

async function decodeFitted(path: string, kept: FitSpec): Promise<PixelsOrReason> {
  try {
    return { rgb: fitPicture(await decodePicture(path), kept).rgb };
  } catch (error) {
    if (!(error instanceof GradcamError)) throw error;
    const kind = error.code.replaceAll('-', ' '); // broken picture, not a picture, empty file
    return { reason: error.parts.found === undefined ? kind : `${kind}: ${error.parts.found}` };
  }
}

/** Named after the file as it is now and what is made of it. null for a file that is not there: decoding says why. */
async function cacheFile(folder: string, path: string, kept: FitSpec): Promise<string | null> {
  const info = await stat(path).catch(() => null);
  if (info === null) return null;
  const key = JSON.stringify([path, info.size, info.mtimeMs, kept.resize, kept.size, kept.shortSide]);
  const name = createHash('sha256').update(key).digest('hex').slice(0, 32);
  return join(folder, name.slice(0, 2), `${name}.rgb`);
}

function blend(images: Float32Array, size: number, { share, partners }: Mix): Float32Array {
  const out = new Float32Array(images.length);
  for (const [row, partner] of partners.entries()) {
    let other = partner * size;
    for (let i = row * size; i < (row + 1) * size; i++) out[i] = share * images[i]! + (1 - share) * images[other++]!;
  }
  return out;
}
