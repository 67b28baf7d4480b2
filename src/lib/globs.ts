// Paths with wildcards -> the paths that exist. Shells on Linux and macOS expand them before we see them, those on
// Windows do not, and a quoted pattern reaches us everywhere.
import { lstat, readdir, stat } from 'node:fs/promises';
import { isAbsolute, parse } from 'node:path';
import { GradcamError } from './errors.ts';
import { naturalCompare } from './names.ts';

export interface FoundPath {
  readonly path: string;
  /** The pattern that found it; null for a path that was named. */
  readonly pattern: string | null;
}

/**
 * Expands `*`, `?`, `[a-z]`, `[!a]`, `{a,b}` and `**` (folders at any depth) in each path; what a pattern finds comes in
 * natural order. A path that exists is taken as it is, whatever characters are in its name, and so is one without
 * wildcards, existing or not. Hidden files are found only by patterns that begin with a dot. Throws GradcamError
 * `no-match` for a pattern that finds nothing.
 */
export async function expandPaths(paths: readonly string[]): Promise<FoundPath[]> {
  const found: FoundPath[] = [];
  for (const path of paths) {
    if (!hasWildcards(path) || (await exists(path))) {
      found.push({ path, pattern: null });
      continue;
    }
    const matches = await expandGlob(path);
    if (matches.length === 0) {
      const hint = 'check the folder; names that begin with a dot are not matched';
      throw new GradcamError({ code: 'no-match', what: `nothing matches ${path}`, hint });
    }
    found.push(...matches.map((match) => ({ path: match, pattern: path })));
  }
  return found;
}

/** Everything that one pattern finds, in natural order. */
export async function expandGlob(pattern: string): Promise<string[]> {
  const found = new Set<string>();
  for (const plain of expandBraces(pattern)) {
    const root = isAbsolute(plain) ? parse(plain).root : '';
    await walk(root, splitSegments(plain.slice(root.length)), found);
  }
  const sorted = [...found].sort(naturalCompare);
  return /[/\\]$/.test(pattern) ? keepFolders(sorted) : sorted; // `runs/*/` means folders only
}

/** One name (no separators) against one pattern of `*`, `?`, `[...]`; a leading dot must be written out. */
export function matchesSegment(name: string, pattern: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  return segmentToRegExp(pattern).test(name);
}

/** `a{b,c}d` -> `abd`, `acd`; nested ones too. Braces without a comma, or never closed, are text. */
export function expandBraces(pattern: string): string[] {
  const results: string[] = [];
  const waiting = [pattern];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const group = firstBraceGroup(next);
    if (group === null) results.push(next);
    else for (const part of group.parts.toReversed()) waiting.push(group.before + part + group.after);
    if (results.length + waiting.length > MAX_ALTERNATIVES) {
      throw new GradcamError({
        code: 'bad-pattern',
        what: `too many alternatives in ${pattern}`,
        expected: `at most ${MAX_ALTERNATIVES}`,
      });
    }
  }
  return results;
}

const MAX_ALTERNATIVES = 1000;
const ESCAPES = process.platform !== 'win32'; // a backslash separates folders there
const IGNORE_CASE = process.platform === 'win32' || process.platform === 'darwin';

function hasWildcards(path: string): boolean {
  return /[*?[{]/.test(path);
}

async function keepFolders(paths: readonly string[]): Promise<string[]> {
  const isFolder = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        (info) => info.isDirectory(),
        () => false,
      ),
    ),
  );
  return paths.filter((_, i) => isFolder[i]);
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function splitSegments(path: string): string[] {
  return path.split(ESCAPES ? '/' : /[/\\]/).filter((segment) => segment !== '');
}

async function walk(folder: string, segments: readonly string[], found: Set<string>): Promise<void> {
  const [segment, ...rest] = segments;
  if (segment === undefined) return;
  if (segment === '**') {
    // At no depth: what follows, here; `**` at the end means the files and folders below.
    await walk(folder, rest.length === 0 ? ['*'] : rest, found);
    for (const entry of await entriesOf(folder)) {
      // Links are not followed: they may lead back up.
      if (entry.isDirectory() && !entry.name.startsWith('.')) await walk(joined(folder, entry.name), segments, found);
    }
    return;
  }
  if (!hasWildcards(segment)) {
    const path = joined(folder, ESCAPES ? segment.replaceAll(/\\(.)/g, '$1') : segment);
    if (rest.length > 0) await walk(path, rest, found);
    else if (await exists(path)) found.add(path);
    return;
  }
  for (const { name } of await entriesOf(folder)) {
    if (!matchesSegment(name, segment)) continue;
    if (rest.length === 0) found.add(joined(folder, name));
    else await walk(joined(folder, name), rest, found);
  }
}

/** Keeps `./` and `..` as they were written. */
function joined(folder: string, name: string): string {
  if (folder === '') return name;
  return /[/\\]$/.test(folder) ? folder + name : `${folder}/${name}`;
}

/** Entries of a folder; none where it is a file, is missing or may not be read. */
async function entriesOf(folder: string) {
  return readdir(folder === '' ? '.' : folder, { withFileTypes: true }).catch(() => []);
}

interface BraceGroup {
  readonly before: string;
  readonly parts: readonly string[];
  readonly after: string;
}

function firstBraceGroup(pattern: string): BraceGroup | null {
  for (let open = 0; open < pattern.length; open++) {
    if (ESCAPES && pattern[open] === '\\') open++;
    else if (pattern[open] === '{') {
      const group = braceGroupAt(pattern, open);
      if (group !== null) return group;
    }
  }
  return null;
}

function braceGroupAt(pattern: string, open: number): BraceGroup | null {
  const parts: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let i = open; i < pattern.length; i++) {
    const character = pattern[i];
    if (ESCAPES && character === '\\') i++;
    else if (character === '{') depth++;
    else if (character === ',' && depth === 1) {
      parts.push(pattern.slice(start, i));
      start = i + 1;
    } else if (character === '}' && --depth === 0) {
      parts.push(pattern.slice(start, i));
      return parts.length > 1 ? { before: pattern.slice(0, open), parts, after: pattern.slice(i + 1) } : null;
    }
  }
  return null;
}

function segmentToRegExp(pattern: string): RegExp {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const character = String.fromCodePoint(pattern.codePointAt(i) ?? 0);
    if (character === '*') source += source.endsWith('.*') ? '' : '.*';
    else if (character === '?') source += '.';
    else if (character === '[') {
      const group = characterClass(pattern, i);
      source += group?.source ?? escaped('[');
      i = group?.end ?? i;
    } else if (character === '\\' && ESCAPES && i + 1 < pattern.length) {
      const next = String.fromCodePoint(pattern.codePointAt(++i) ?? 0);
      source += escaped(next);
      i += next.length - 1;
    } else {
      source += escaped(character);
      i += character.length - 1;
    }
  }
  return new RegExp(`^${source}$`, IGNORE_CASE ? 'isu' : 'su');
}

/** `[a-z]`, `[!a]`, `[^a]`, `[]a]`; null where it is never closed. A range that runs backwards holds nothing. */
function characterClass(pattern: string, open: number): { source: string; end: number } | null {
  const [, negated = '', members] = /^\[([!^]?)(\]?[^\]]*)\]/su.exec(pattern.slice(open)) ?? [];
  if (members === undefined || members === '') return null;
  const items: string[] = [];
  for (const [, from = '', to = from] of members.matchAll(/(.)(?:-(.))?/gsu)) {
    if ((from.codePointAt(0) ?? 0) <= (to.codePointAt(0) ?? 0))
      items.push(from === to ? escaped(from) : `${escaped(from)}-${escaped(to)}`);
  }
  const end = open + 1 + negated.length + members.length;
  if (items.length === 0) return { source: negated === '' ? '(?!)' : '.', end };
  return { source: `[${negated === '' ? '' : '^'}${items.join('')}]`, end };
}

/** The character itself, wherever it stands in a regular expression with the u flag. */
function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
