// What HAM10000, ISIC-2019 and ODIR-5K have in common: pictures anywhere below the folder, found by id, some of them twice;
// published tables found by their names.
import { basename } from 'node:path';
import { pictureStem } from '../data/folders.ts';
import { GradcamError } from '../lib/errors.ts';
import { formatCount, formatList } from '../lib/format.ts';
import { assembleDataset } from './assemble.ts';
import type { Dataset, DatasetFormat, DatasetSpec, SkippedItem, SplitName } from './dataset.ts';
import { joinRows } from './join.ts';
import { findFiles, type FoundFiles } from './pictures.ts';

/** A row of a published table: id of the picture, its classes. */
export interface IdRow {
  readonly name: string;
  readonly names: readonly string[] | null;
  readonly group: string | null;
  readonly split: SplitName | null;
}

export interface Published {
  readonly format: Pick<DatasetFormat, 'id' | 'title'>;
  readonly classes: readonly string[];
  readonly multiLabel: boolean;
  readonly rows: readonly IdRow[];
  readonly files: FoundFiles;
  readonly skipped?: readonly SkippedItem[];
  readonly warnings?: readonly string[];
  readonly notes: readonly string[];
  readonly licence: string;
  readonly citation: string;
  readonly expected: string;
}

/** Files below the folder of a dataset; copies of a picture under another folder's name are dropped, `last` ones first. */
export async function findPublished(
  root: string,
  last = /(?!)/,
): Promise<FoundFiles & { readonly notes: readonly string[] }> {
  const files = await findFiles(root);
  const ordered = [
    ...files.pictures.filter((path) => !last.test(path)),
    ...files.pictures.filter((path) => last.test(path)),
  ];
  const seen = new Set<string>();
  const pictures = ordered.filter((path) => {
    const stem = pictureStem(path).toLowerCase();
    return !seen.has(stem) && seen.add(stem);
  });
  const copies = ordered.length - pictures.length;
  const notes = copies === 0 ? [] : [`${formatCount(copies, 'picture')} there twice under the same name, taken once.`];
  return { ...files, pictures, notes };
}

/** Tables whose name fits, in natural order. */
export function tablesNamed(files: FoundFiles, pattern: RegExp): string[] {
  return files.others.filter((path) => pattern.test(basename(path)));
}

/** Throws GradcamError `no-table`. */
export function noTable(root: string, title: string, expected: string, files: FoundFiles, hint: string): GradcamError {
  const names = files.others.map((path) => basename(path)).filter((name) => /\.(csv|tsv|tab|xlsx|txt)$/i.test(name));
  return new GradcamError({
    code: 'no-table',
    what: `no table of ${title} in ${root}`,
    expected,
    found: names.length === 0 ? 'no table' : formatList(names),
    hint,
  });
}

/** A part of the data (a test set) of which no picture was downloaded is no fault: its rows are left out and told. */
function withoutAbsentSplits(rows: readonly IdRow[], pictures: readonly string[]): { rows: IdRow[]; notes: string[] } {
  const stems = new Set(pictures.map((path) => pictureStem(path).toLowerCase()));
  const splits: (SplitName | null)[] = ['val', 'test'];
  const absent = splits.filter((split) => {
    const own = rows.filter((row) => row.split === split);
    return own.length > 0 && !own.some(({ name }) => stems.has(pictureStem(name).toLowerCase()));
  });
  const notes = absent.map((split) => `There is a table for ${split}, but none of its pictures: left out.`);
  return { rows: rows.filter(({ split }) => !absent.includes(split)), notes };
}

export async function assemblePublished(published: Published, spec: DatasetSpec): Promise<Dataset> {
  const { files, multiLabel } = published;
  const present = withoutAbsentSplits(published.rows, files.pictures);
  const joined = joinRows(present.rows, files.pictures, spec.root, multiLabel);
  return assembleDataset(
    {
      id: published.format.id,
      title: published.format.title,
      items: joined.items,
      classes: published.classes,
      multiLabel,
      licence: published.licence,
      citation: published.citation,
      masks: files.masks,
      skipped: [...files.skipped, ...(published.skipped ?? []), ...joined.skipped],
      warnings: [...(published.warnings ?? []), ...joined.warnings],
      notes: [...published.notes, ...present.notes],
      expected: published.expected,
    },
    spec,
  );
}
