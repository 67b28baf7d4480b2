// Which sample does a name on a list or of a file mean? Names come with and without endings, with folders of this machine
// or of another one, in other case. Used for labels and for masks.
import { dirname } from 'node:path';
import { pictureStem } from './folders.ts';

/** A path taken apart. `parents`: names of its folders, nearest last, lower case. */
interface Parts {
  readonly stem: string;
  readonly ending: string;
  readonly parents: readonly string[];
}

export interface Matches<S, E> {
  /** The entries that fit a sample best: none, one, or several that nothing tells apart. */
  readonly bySample: ReadonlyMap<S, readonly E[]>;
  /** Entries that fit no sample. */
  readonly unused: readonly E[];
}

/**
 * Finds for each sample the entries that mean it. A name in equal case goes before one in other case, then more equal
 * folders, then the same ending. Where several samples share a name, an entry that names folders means only those whose
 * nearest folder is the same.
 */
export function matchPaths<S extends { readonly path: string }, E extends { readonly path: string }>(
  samples: readonly S[],
  entries: readonly E[],
): Matches<S, E> {
  const targets = samples.map((sample) => ({ sample, parts: partsOf(sample.path) }));
  const exact = new Map<string, number>();
  for (const { parts } of targets) exact.set(parts.stem, (exact.get(parts.stem) ?? 0) + 1);
  const byStem = new Map<string, { entry: E; parts: Parts }[]>();
  for (const entry of entries) {
    const parts = partsOf(entry.path);
    const key = parts.stem.toLowerCase();
    const known = byStem.get(key);
    if (known === undefined) byStem.set(key, [{ entry, parts }]);
    else known.push({ entry, parts });
  }
  const bySample = new Map<S, E[]>();
  const used = new Set<E>();
  for (const { sample, parts } of targets) {
    const candidates = (byStem.get(parts.stem.toLowerCase()) ?? [])
      .filter((one) => one.parts.stem === parts.stem || !exact.has(one.parts.stem))
      .map((one) => ({ entry: one.entry, score: likeness(parts, one.parts, (exact.get(parts.stem) ?? 0) > 1) }))
      .filter(({ score }) => score > 0);
    const best = Math.max(...candidates.map(({ score }) => score));
    const chosen = candidates.filter(({ score }) => score === best).map(({ entry }) => entry);
    if (chosen.length > 0) bySample.set(sample, chosen);
    for (const entry of chosen) used.add(entry);
  }
  return { bySample, unused: entries.filter((entry) => !used.has(entry)) };
}

function partsOf(path: string): Parts {
  const folders = dirname(path.replaceAll('\\', '/')).toLowerCase().split('/');
  const name = path.slice(path.replaceAll('\\', '/').lastIndexOf('/') + 1);
  const stem = pictureStem(name);
  const parents = folders.filter((folder) => folder !== '' && folder !== '.' && folder !== '..');
  return { stem, ending: name.slice(stem.length).toLowerCase(), parents };
}

/** 0: does not mean it. Equal case weighs most, then each equal folder from the nearest up, then the ending. */
function likeness(sample: Parts, entry: Parts, isShared: boolean): number {
  let equal = 0;
  while (equal < entry.parents.length && sample.parents.at(-1 - equal) === entry.parents.at(-1 - equal)) equal++;
  if (isShared && entry.parents.length > 0 && equal === 0) return 0;
  return 1 + (sample.ending === entry.ending ? 1 : 0) + 2 * equal + (sample.stem === entry.stem ? 1000 : 0);
}
