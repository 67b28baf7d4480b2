// Decoded pictures of one size in memory that all workers share, up to a limit. Who fills a place and when is decided by
// the thread that gives the jobs, so that no locks are needed.
import { totalmem } from 'node:os';
import type { Slot } from './batch-job.ts';

/** Memory is taken in pieces of about this many bytes. */
const CHUNK = 64 * 2 ** 20;

/** 1 GiB, or a quarter of the machine's memory where that is less. */
export const defaultCacheBytes = Math.min(2 ** 30, totalmem() / 4);

export interface PictureCache {
  /** The place of a picture; null where there is no room left. A place stays a picture's own. */
  readonly slotOf: (path: string) => Slot | null;
  /** The picture has been written. */
  readonly fill: (path: string) => void;
}

/** `pictureBytes`: bytes of each picture; `limit`: bytes of all. */
export function createPictureCache(pictureBytes: number, limit: number): PictureCache {
  const perChunk = Math.max(1, Math.floor(Math.min(CHUNK, limit) / pictureBytes));
  const room = Math.floor(limit / pictureBytes);
  const chunks: SharedArrayBuffer[] = [];
  const places = new Map<string, number>();
  const filled = new Set<string>();
  return {
    slotOf(path) {
      const place = places.get(path) ?? places.size;
      if (place >= room) return null;
      places.set(path, place);
      const chunk = Math.floor(place / perChunk);
      const buffer = (chunks[chunk] ??= new SharedArrayBuffer(perChunk * pictureBytes));
      return { buffer, at: (place % perChunk) * pictureBytes, filled: filled.has(path) };
    },
    fill: (path) => void filled.add(path),
  };
}
