// Names: what somebody may have meant, which order people expect, names that no file system refuses, names told apart.
import { createHash } from 'node:crypto';
import { GradcamError } from './errors.ts';

const collator = new Intl.Collator('en', { numeric: true });

/** Order of people: `img2` before `img10`, capitals beside their small letters. Total: equal only for equal text. */
export function naturalCompare(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

/**
 * Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal string alignment:
 * no part is edited twice). Counted in UTF-16 units.
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/**
 * The known names most like `wanted`, best first, at most `limit`. Case does not count; a name that contains the wanted
 * one, or is contained in it, is near. Names that would have to be rewritten by more than half are left out.
 */
export function nearestNames(wanted: string, known: readonly string[], limit = 3): string[] {
  const needle = wanted.toLowerCase();
  const scored = [...new Set(known)].map((name) => ({ name, score: unlikeness(needle, name.toLowerCase()) }));
  return scored
    .filter(({ score }) => score <= 0.5)
    .sort((a, b) => a.score - b.score || naturalCompare(a.name, b.name))
    .slice(0, limit)
    .map(({ name }) => name);
}

/**
 * The error for a name that is in no list: `unknown <kind> "<wanted>"`, the names there are, the nearest ones.
 * Its code is `unknown-<kind>` with blanks as dashes.
 */
export function unknownName(kind: string, wanted: string, known: readonly string[]): GradcamError {
  const nearest = nearestNames(wanted, known);
  const shown = known.length > 20 ? `one of ${known.length} names` : `one of ${known.join(', ')}`;
  return new GradcamError({
    code: `unknown-${kind.replaceAll(' ', '-')}`,
    what: `unknown ${kind} "${wanted}"`,
    expected: shown,
    hint: nearest.length > 0 ? `did you mean ${nearest.map((name) => `"${name}"`).join(' or ')}?` : undefined,
  });
}

/** 0: the same, 1: nothing in common. */
function unlikeness(a: string, b: string): number {
  if (a === b) return 0;
  const longer = Math.max(a.length, b.length);
  const distance = editDistance(a, b) / longer;
  const contains = Math.min(a.length, b.length) >= 3 && (a.includes(b) || b.includes(a));
  return contains ? Math.min(distance, 0.3 + 0.1 * distance) : distance;
}

/** Longest name made by `safeName`, in UTF-8 bytes: leaves room for an extension below the usual limit of 255. */
export const SAFE_NAME_BYTES = 120;

/**
 * A name that Linux, macOS and Windows accept for a file or folder and that no shell or address mistakes for something
 * else: the text itself wherever that is possible. Two texts may give the same name, see `distinctSafeNames`.
 */
export function safeName(text: string): string {
  const plain = text
    .normalize('NFC')
    // Refused by Windows; control and formatting characters (text direction, zero width); halves of broken characters.
    .replace(/[<>:"/\\|?*\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '_')
    .replace(/\s/g, ' ')
    .trim()
    .replace(/^\.+/, (dots) => '_'.repeat(dots.length)) // hidden, or the folder itself, or the one above it
    .replace(/[. ]+$/, (ends) => '_'.repeat(ends.length)); // Windows drops them
  if (plain === '') return '_';
  const usable = isReservedOnWindows(plain) ? `_${plain}` : plain;
  return shorten(usable, SAFE_NAME_BYTES);
}

/** Safe names for texts that differ: no two are equal, not even on a file system that ignores case. Same order. */
export function distinctSafeNames(texts: readonly string[]): string[] {
  const names = texts.map(safeName);
  const counts = new Map<string, number>();
  for (const name of names) counts.set(folded(name), (counts.get(folded(name)) ?? 0) + 1);
  const taken = new Set([...counts].flatMap(([name, count]) => (count === 1 ? [name] : [])));
  return names.map((name) => {
    if (counts.get(folded(name)) === 1) return name;
    let candidate = name;
    for (let n = 2; taken.has(folded(candidate)); n++) candidate = `${name}-${n}`;
    taken.add(folded(candidate));
    return candidate;
  });
}

/**
 * Short names for paths, given as components with the wanted name last. A name that is unique is kept; where several
 * paths share one, the folders from the one that tells them apart on are put before it: `train/nv/1`, `test/nv/1`
 * give `train_nv_1`, `test_nv_1`. Paths that are equal in every component get numbers.
 */
export function distinctNames(paths: readonly (readonly string[])[]): string[] {
  const names: string[] = Array.from({ length: paths.length }, () => '');
  for (const group of groupBy(paths.keys(), (i) => paths[i]?.at(-1) ?? '')) {
    const members = group.map((i) => paths[i] ?? []);
    const depth = members.length === 1 ? 1 : distinguishingDepth(members);
    for (const [k, i] of group.entries()) names[i] = (members[k] ?? []).slice(-depth).join('_');
  }
  const taken = new Set<string>();
  return names.map((name) => {
    let candidate = name;
    for (let n = 2; taken.has(candidate); n++) candidate = `${name}-${n}`;
    taken.add(candidate);
    return candidate;
  });
}

/** How many components from the end make all paths differ; all of them where none does. */
function distinguishingDepth(paths: readonly (readonly string[])[]): number {
  const deepest = Math.max(...paths.map((path) => path.length));
  for (let depth = 2; depth < deepest; depth++) {
    if (new Set(paths.map((path) => path.slice(-depth).join('/'))).size === paths.length) return depth;
  }
  return deepest;
}

function groupBy(indices: Iterable<number>, keyOf: (index: number) => string): number[][] {
  const groups = new Map<string, number[]>();
  for (const index of indices) {
    const key = keyOf(index);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [index]);
    else group.push(index);
  }
  return [...groups.values()];
}

/** Equal for names that macOS or Windows take for the same file. */
function folded(name: string): string {
  return name.normalize('NFC').toLowerCase().toUpperCase();
}

/** Names of devices, with or without an extension: https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
function isReservedOnWindows(name: string): boolean {
  return /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *(\.|$)/i.test(name);
}

/** Cuts at a whole character and appends a hash of the whole, so that names that differ late still differ. */
function shorten(name: string, bytes: number): string {
  if (Buffer.byteLength(name) <= bytes) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  let kept = '';
  let used = hash.length + 1;
  for (const character of name) {
    used += Buffer.byteLength(character);
    if (used > bytes) break;
    kept += character;
  }
  return `${kept}-${hash}`;
}
