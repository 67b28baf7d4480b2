// Paths named in a report -> URLs beside the page. Apart because this is where user-given names meet URL syntax.

/** Relative, `/`-separated, and never out of the report's folder. */
export function isInside(path: string): boolean {
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
