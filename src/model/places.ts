// Many arrays out of one file in as few reads as their places allow: waiting for each costs more than reading it.
import type { FileReader } from './reader.ts';

/** Bytes in a file. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

/** Places at most this far apart are read in one go. */
const MAX_GAP = 64 * 2 ** 10;
const MAX_READ = 2 ** 30;

/**
 * The bytes at each place; neighbours share one piece of memory. null where the places together take more than the file:
 * those of a sound one lie apart, and what makes them overlap could ask for any amount of memory.
 */
export async function readPlaces(file: FileReader, places: readonly Place[]): Promise<Uint8Array[] | null> {
  const order = places.map((_, index) => index).sort((a, b) => places[a]!.offset - places[b]!.offset);
  const pieces: { start: number; end: number; members: number[] }[] = [];
  for (const index of order) {
    const { offset, length } = places[index]!;
    const last = pieces.at(-1);
    if (last !== undefined && offset - last.end <= MAX_GAP && offset + length - last.start <= MAX_READ) {
      last.end = Math.max(last.end, offset + length);
      last.members.push(index);
    } else {
      pieces.push({ start: offset, end: offset + length, members: [index] });
    }
  }
  if (pieces.reduce((sum, { start, end }) => sum + end - start, 0) > file.size) return null;
  const found: Uint8Array[] = [];
  const reads = pieces.map(async ({ start, end, members }) => {
    const bytes = await file.read(start, end - start);
    for (const index of members) {
      const { offset, length } = places[index]!;
      found[index] = bytes.subarray(offset - start, offset - start + length);
    }
  });
  await Promise.all(reads);
  return found;
}
