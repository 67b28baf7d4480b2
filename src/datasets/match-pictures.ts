// Names in a table -> files of pictures: paths as they stand, then names wherever the pictures lie, then ids.
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { matchPaths } from '../data/match.ts';
import { isPicture } from '../data/folders.ts';

export interface PictureMatches<R> {
  /** One picture for a row; several rows may have one picture. */
  readonly pairs: readonly { readonly row: R; readonly path: string }[];
  /** Rows without a picture. */
  readonly without: readonly R[];
  /** Pictures without a row. */
  readonly unused: readonly string[];
}

/**
 * Finds the picture of each row. `name` is a path relative to `folder`, a path on another machine, a file name or an id
 * without ending; case does not count where nothing fits exactly. Of several files that fit alike the first is taken.
 */
export function matchPictures<R extends { readonly name: string }>(
  rows: readonly R[],
  pictures: readonly string[],
  folder: string,
): PictureMatches<R> {
  const known = new Map(pictures.map((path) => [resolve(path), path]));
  const paths = new Map<R, string>();
  const open: R[] = [];
  for (const row of rows) {
    const place = resolve(folder, row.name.replaceAll('\\', '/'));
    const path = known.get(place) ?? (isOutside(row.name) && isPicture(place) && existsSync(place) ? place : undefined);
    if (path === undefined) open.push(row);
    else paths.set(row, path);
  }
  if (open.length > 0) {
    const taken = new Set(paths.values());
    // Rows are looked up by pictures: a row then means its first one.
    const free = pictures.filter((path) => !taken.has(path)).map((path) => ({ path }));
    const entries = open.map((row) => ({ path: row.name, row }));
    for (const [{ path }, chosen] of matchPaths(free, entries).bySample)
      for (const { row } of chosen) if (!paths.has(row)) paths.set(row, path);
  }
  const used = new Set(paths.values());
  return {
    pairs: rows.flatMap((row) => (paths.has(row) ? [{ row, path: paths.get(row)! }] : [])),
    without: rows.filter((row) => !paths.has(row)),
    unused: pictures.filter((path) => !used.has(path)),
  };
}

/** Only such a name can mean a file that was not listed. */
function isOutside(name: string): boolean {
  return isAbsolute(name) || name.replaceAll('\\', '/').includes('../') || dirname(name) !== '.';
}
