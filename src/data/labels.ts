// The label of each sample: from --labels, from a labels.csv beside the pictures, or from folders named after classes.
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { formatCount, formatList } from '../lib/format.ts';
import { isBelow, pictureStem } from './folders.ts';
import { readLabelTable, type LabelRow } from './label-table.ts';
import { matchPaths } from './match.ts';
import { foldersOf, type Sample, type SampleList } from './samples.ts';

export interface Labels {
  /** Sample id -> class name: a run's own spelling where a run knows the class. */
  readonly labels: ReadonlyMap<string, string>;
  /** The file that --labels named or that was found; null where there is none. */
  readonly source: string | null;
  /** Sentences: where labels come from, what has none, what matches nothing. */
  readonly notes: readonly string[];
}

export interface LabelOptions {
  /** CSV file; undefined: looked for. */
  readonly file: string | undefined;
  /** Class lists of the runs, one per run. */
  readonly classes: readonly (readonly string[])[];
}

/** Finds labels for samples. Throws GradcamError where a table cannot be read or understood. */
export async function findLabels(list: SampleList, { file, classes }: LabelOptions): Promise<Labels> {
  const { samples } = list;
  if (file !== undefined) return settle(samples, await fromTable(samples, file), file, classes);
  const found = new Map<string, string>();
  const notes: string[] = [];
  const tables = await tablesBeside(list);
  for (const table of tables) {
    // A table speaks of what lies in its folder; one further down speaks first.
    const scope = samples.filter(({ id, path }) => !found.has(id) && isBelow(resolve(path), resolve(dirname(table))));
    const { labels, notes: more } = await fromTable(scope, table);
    for (const [id, label] of labels) found.set(id, label);
    notes.push(`Labels were taken from ${table}, which was found beside the pictures.`, ...more);
  }
  if (tables.length > 0) return settle(samples, { labels: found, notes }, tables[0] ?? null, classes);
  return fromFolders(samples, classes) ?? { labels: new Map(), source: null, notes: [] };
}

interface Assigned {
  readonly labels: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

async function fromTable(samples: readonly Sample[], file: string): Promise<Assigned> {
  const stems = new Set(samples.map(({ path }) => pictureStem(path).toLowerCase()));
  const isKnown = (name: string) => stems.has(pictureStem(name.replaceAll('\\', '/')).toLowerCase());
  const { rows, notes } = await readLabelTable(file, isKnown);
  const { bySample, unused } = matchPaths(samples, rows);
  const labels = new Map<string, string>();
  const unclear: string[] = [];
  const users = new Map<LabelRow, number>();
  for (const [{ id }, chosen] of bySample) {
    const [label, ...others] = new Set(chosen.map((row) => row.label));
    if (label !== undefined && others.length === 0) labels.set(id, label);
    else unclear.push(id);
    for (const row of chosen) users.set(row, (users.get(row) ?? 0) + 1);
  }
  const shared = [...users.values()].filter((count) => count > 1).length;
  const said = [...notes];
  if (unclear.length > 0) said.push(`${file} gives several labels for ${formatList(unclear)}: none was taken.`);
  if (shared > 0)
    said.push(
      `${formatCount(shared, 'row')} of ${file} ${shared === 1 ? 'names' : 'name'} a file that several samples share: all of them got the label.`,
    );
  if (unused.length > 0) said.push(`${formatCount(unused.length, 'label')} without a picture.`);
  return { labels, notes: said };
}

async function tablesBeside(list: SampleList): Promise<string[]> {
  const tables: string[] = [];
  for (const folder of foldersOf(list)) {
    const table = join(folder, 'labels.csv');
    if (
      await stat(table).then(
        (info) => info.isFile(),
        () => false,
      )
    )
      tables.push(table);
  }
  return tables;
}

/** Class-named folders, `<class>/x.jpg`, only where every sample lies in one; null otherwise. */
function fromFolders(samples: readonly Sample[], classes: LabelOptions['classes']): Labels | null {
  const labels = new Map<string, string>();
  for (const { id, path } of samples) {
    const name = knownName(basename(dirname(resolve(path))), classes);
    if (name === null) return null;
    labels.set(id, name);
  }
  return { labels, source: null, notes: ['Labels were taken from the folders, which are named after classes.'] };
}

/** A run's spelling of each label; numbers become names where all runs number their classes alike. */
function settle(
  samples: readonly Sample[],
  assigned: Assigned,
  source: string | null,
  classes: LabelOptions['classes'],
): Labels {
  const [first, ...others] = classes.filter((list) => list.length > 0);
  const isOneOrder = others.every((list) => list.join('\n') === first?.join('\n'));
  const labels = new Map<string, string>();
  const unknown = new Set<string>();
  const several: string[] = [];
  let numbered = 0;
  for (const [id, label] of assigned.labels) {
    const name = knownName(label, classes);
    if (name === null && isSeveral(label, classes)) {
      several.push(id);
      continue;
    }
    const byNumber = isOneOrder && /^\d+(\.0+)?$/.test(label) ? first?.[Number(label)] : undefined;
    if (name === null && byNumber !== undefined) numbered++;
    else if (name === null) unknown.add(label);
    labels.set(id, name ?? byNumber ?? label);
  }
  const notes = [...assigned.notes];
  const unlabelled = samples.length - labels.size - several.length;
  if (numbered > 0)
    notes.push(
      `${formatCount(numbered, 'label')} given as a number, taken as the class at that place, counted from 0.`,
    );
  if (several.length > 0)
    notes.push(
      `${formatCount(several.length, 'picture')} with several labels, of which none was taken: ${formatList(several)}.`,
    );
  if (unlabelled > 0) notes.push(`${formatCount(unlabelled, 'picture')} without a label.`);
  if (unknown.size > 0) notes.push(`Labels that no run has among its classes: ${formatList([...unknown])}.`);
  return { labels, source, notes };
}

/** `mass|nodule`, where runs know each of them. */
function isSeveral(label: string, classes: LabelOptions['classes']): boolean {
  return label.includes('|') && label.split('|').every((part) => knownName(part, classes) !== null);
}

/** A label in the spelling of the first run that knows it, by equal spelling, else by equal spelling but for case. */
function knownName(label: string, classes: LabelOptions['classes']): string | null {
  const folded = label.trim().toLowerCase();
  for (const list of classes) {
    const name = list.includes(label) ? label : list.find((known) => known.trim().toLowerCase() === folded);
    if (name !== undefined) return name;
  }
  return null;
}
