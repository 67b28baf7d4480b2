// What lies in folders: files at any depth in natural order, and which of them are pictures. Apart because samples,
// masks and labels all look through the same folders.
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { messageOf } from '../lib/errors.ts';
import { naturalCompare } from '../lib/names.ts';

/** Endings of pictures that can be decoded, lower case. */
export const PICTURE_EXTENSIONS = [
  '.jpg',
  '.jpeg',
  '.jpe',
  '.jfif',
  '.png',
  '.webp',
  '.tif',
  '.tiff',
  '.gif',
  '.avif',
  '.bmp',
];

/** Endings of pictures that cannot: said, rather than passed over as if they were notes. */
const OTHER_PICTURE_EXTENSIONS = ['.heic', '.heif', '.jp2', '.jxl', '.dcm', '.nii', '.svs', '.raw', '.psd', '.svg'];

export interface FileFound {
  readonly path: string;
  /** Absolute, links resolved: equal for the same file. */
  readonly real: string;
}

export interface FolderProblem {
  readonly path: string;
  readonly reason: string;
}

export interface FolderListing {
  readonly files: readonly FileFound[];
  /** Folders and links that could not be read. */
  readonly problems: readonly FolderProblem[];
}

/**
 * Every file below a folder, in natural order, those of a folder before those of its subfolders. Hidden files and folders
 * are passed over, links followed, no folder visited twice. `enter` may keep out of subfolders.
 */
export async function listFiles(
  folder: string,
  enter: (path: string) => boolean | Promise<boolean>,
): Promise<FolderListing> {
  const files: FileFound[] = [];
  const problems: FolderProblem[] = [];
  const visited = new Set<string>();
  const visit = async (path: string): Promise<void> => {
    const listing = await entriesOf(path, problems);
    if (listing === null || visited.has(listing.real)) return;
    visited.add(listing.real);
    const folders: string[] = [];
    for (const entry of listing.entries) {
      const child = join(path, entry.name);
      const found = await lookAt(child, join(listing.real, entry.name), entry, problems);
      if (found?.isFolder === true) folders.push(child);
      else if (found !== null) files.push({ path: child, real: found.real });
    }
    for (const child of folders) if (await enter(child)) await visit(child);
  };
  await visit(folder);
  return { files, problems };
}

/** A file name without the ending, if the ending is a picture's. Dots of other names stay: `ISIC.001` is a whole name. */
export function pictureStem(path: string): string {
  const name = basename(path);
  const ending = extname(name).toLowerCase();
  return isPictureEnding(ending) ? name.slice(0, -ending.length) : name;
}

export function isPicture(path: string): boolean {
  return PICTURE_EXTENSIONS.includes(extname(path).toLowerCase());
}

export function isOtherPicture(path: string): boolean {
  return OTHER_PICTURE_EXTENSIONS.includes(extname(path).toLowerCase());
}

/** Names that folders of masks have in published data sets. */
export function isMaskFolder(path: string): boolean {
  return /^((.*[_ -])?masks?|segmentations?)$/i.test(basename(resolve(path)));
}

/** Whether `path` lies in `folder`, at any depth. */
export function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function isPictureEnding(ending: string): boolean {
  return PICTURE_EXTENSIONS.includes(ending) || OTHER_PICTURE_EXTENSIONS.includes(ending);
}

async function entriesOf(
  folder: string,
  problems: FolderProblem[],
): Promise<{ entries: Dirent[]; real: string } | null> {
  try {
    const [entries, real] = await Promise.all([readdir(folder, { withFileTypes: true }), realpath(folder)]);
    const shown = entries.filter((entry) => !entry.name.startsWith('.'));
    return { entries: shown.sort((a, b) => naturalCompare(a.name, b.name)), real };
  } catch (error) {
    problems.push({ path: folder, reason: `the folder cannot be read: ${messageOf(error)}` });
    return null;
  }
}

async function lookAt(path: string, real: string, entry: Dirent, problems: FolderProblem[]) {
  if (entry.isFile()) return { real, isFolder: false };
  if (entry.isDirectory()) return { real, isFolder: true };
  if (!entry.isSymbolicLink()) return null; // pipes, sockets and devices hold no pictures
  try {
    const [info, target] = await Promise.all([stat(path), realpath(path)]);
    return info.isFile() || info.isDirectory() ? { real: target, isFolder: info.isDirectory() } : null;
  } catch (error) {
    if (isPicture(path)) problems.push({ path, reason: `the link leads nowhere: ${messageOf(error)}` });
    return null;
  }
}
