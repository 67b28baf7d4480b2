// Paths named in a report -> URLs in the page: percent-encoded beside it, or data URIs inside it.
// Apart because this is where user-given names meet URL syntax and the file system.
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

const mimeByExtension: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
};

/** Relative, `/`-separated, and never out of the report's folder. */
function isInside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !/^[a-z]:/i.test(path) && !path.split(/[/\\]/).includes('..');
}

/**
 * URL of a file beside the page: every character that URLs give a meaning to (`#`, `?`, `%`, `:`, quotes, spaces) is
 * encoded, the slashes between folders stay. Null for a path that leaves the folder.
 */
export function fileUrl(path: string): string | null {
  if (!isInside(path)) return null;
  const encode = (part: string): string =>
    encodeURIComponent(part.replace(/\p{Surrogate}/gu, '\ufffd')).replace(/['()*!]/g, percent);
  return path.split('/').map(encode).join('/');
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/**
 * The picture in `folder`/`path` as a data URI; null where it is not there, leaves the folder or is no picture that
 * browsers show.
 */
export async function dataUri(folder: string, path: string): Promise<string | null> {
  const mime = mimeByExtension[extname(path).toLowerCase()];
  if (mime === undefined || !isInside(path)) return null;
  try {
    const bytes = await readFile(join(folder, path));
    return `data:${mime};base64,${bytes.toString('base64')}`;
  } catch {
    // The cell then says that there is no picture; the report itself is still worth having.
    return null;
  }
}
