// Whether a file lies in a folder, on disk: for files that a file from anywhere names.
import { basename, dirname, isAbsolute, relative, sep } from 'node:path';

/**
 * Whether `file` lies in `folder`, both real paths; or where a download of the Hugging Face hub keeps what it links to:
 * `models--x/snapshots/<revision>/weights` is a link to `models--x/blobs/<hash>`. Every other link that leaves the folder is
 * outside: the file that names it may come from anybody.
 */
export function liesWithin(folder: string, file: string): boolean {
  return !leaves(relative(folder, file)) || dirname(file) === blobsOf(folder);
}

/** Whether a relative path leaves the folder that it starts from. */
export function leaves(path: string): boolean {
  return path === '..' || path.startsWith(`..${sep}`) || path.startsWith('..\\') || isAbsolute(path);
}

/** The folder of blobs beside the snapshot that a folder is or lies in, or null. */
function blobsOf(folder: string): string | null {
  const parts = folder.split(sep);
  const at = parts.lastIndexOf('snapshots');
  const repository = parts.slice(0, at).join(sep);
  const isSnapshot = at > 0 && at + 1 < parts.length && /^models--/.test(basename(repository));
  return isSnapshot ? `${repository}${sep}blobs` : null;
}
