// Files below the folder of a dataset: pictures, masks and tables told apart, system files passed over.
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { isMaskFolder, isOtherPicture, isPicture, listFiles, pictureStem } from '../data/folders.ts';
import { distinctNames } from '../lib/names.ts';
import type { SkippedItem } from './dataset.ts';

export interface FoundFiles {
  readonly pictures: readonly string[];
  /** Pictures that are masks by their own name or their folder's. */
  readonly masks: readonly string[];
  /** Everything else: tables, notes. */
  readonly others: readonly string[];
  /** Every folder, empty ones too. */
  readonly folders: readonly string[];
  readonly skipped: readonly SkippedItem[];
}

/** Every file below `root`, told apart by name. Hidden files and what macOS packs beside archives are passed over. */
export async function findFiles(root: string): Promise<FoundFiles> {
  const folders: string[] = [];
  const { files, problems } = await listFiles(root, (path) => {
    const isOurs = basename(path) !== '__MACOSX';
    if (isOurs) folders.push(path);
    return isOurs;
  });
  const skipped: SkippedItem[] = [...problems];
  const shown: string[] = [];
  const others: string[] = [];
  for (const { path } of files) {
    if (isPicture(path)) shown.push(path);
    else if (isOtherPicture(path))
      skipped.push({ path, reason: `${extname(path)} pictures cannot be read; convert it to PNG or JPEG` });
    else others.push(path);
  }
  const masks = masksAmong(shown, root);
  return { pictures: shown.filter((path) => !masks.has(path)), masks: [...masks], others, folders, skipped };
}

/**
 * Masks by name: `x_segmentation`; `x_mask` where `x` is a picture beside it; and what lies in a folder called masks, where
 * most of it is named after pictures elsewhere. A class may be called `with_mask`.
 */
function masksAmong(pictures: readonly string[], root: string): Set<string> {
  const places = new Set(pictures.map((path) => join(dirname(path), pictureStem(path)).toLowerCase()));
  const masks = new Set<string>();
  const inFolders = new Map<string, string[]>();
  const plainStems = new Set<string>();
  for (const path of pictures) {
    const stem = pictureStem(path);
    const owner = /^(.+)_mask$/i.exec(stem)?.[1];
    const folder = maskFolderOf(path, root);
    if (/_segmentation$/i.test(stem)) masks.add(path);
    else if (owner !== undefined && places.has(join(dirname(path), owner).toLowerCase())) masks.add(path);
    else if (folder === null) plainStems.add(stem.toLowerCase());
    else if (inFolders.has(folder)) inFolders.get(folder)!.push(path);
    else inFolders.set(folder, [path]);
  }
  for (const paths of inFolders.values()) {
    const owned = paths.filter((path) => namesOfOwner(path).some((name) => plainStems.has(name.toLowerCase())));
    if (owned.length * 2 > paths.length) for (const path of paths) masks.add(path);
  }
  return masks;
}

/** In a folder of masks: `x`, `x_segmentation` and, whatever the word, `x_cue` may belong to `x`. */
function namesOfOwner(path: string): string[] {
  return [maskOwner(path), pictureStem(path).replace(/_[a-z]+$/i, '')];
}

/** The name of the picture that a mask belongs to, without an ending. */
export function maskOwner(path: string): string {
  return pictureStem(path).replace(/_(segmentation|mask)$/i, '');
}

/** The outermost folder below `root` on the way to `path` that is called masks. */
function maskFolderOf(path: string, root: string): string | null {
  const parts = relative(root, dirname(path)).split(sep);
  for (let depth = 1; depth <= parts.length; depth++) {
    const folder = join(root, ...parts.slice(0, depth));
    if (parts[depth - 1] !== '' && isMaskFolder(folder)) return folder;
  }
  return null;
}

/** A unique id for each file: its name, with folders before it where several share one, with its ending where that tells. */
export function idsOf(paths: readonly string[]): string[] {
  const places = paths.map((path) => join(dirname(resolve(path)), pictureStem(path)));
  const counts = new Map<string, number>();
  for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1);
  return distinctNames(
    paths.map((path, index) => (counts.get(places[index]!) === 1 ? places[index]! : resolve(path)).split(sep)),
  );
}
