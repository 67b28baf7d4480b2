// split.csv: which picture was trained on, written beside a run and read again.
import { relative, sep } from 'node:path';
import { formatCsv } from '../lib/csv.ts';
import { GradcamError } from '../lib/errors.ts';
import { writeFileAtomic } from '../lib/files.ts';
import { formatCount, formatList } from '../lib/format.ts';
import { splitNamed, type Dataset, type DatasetItem } from './dataset.ts';
import { badTable, columnOf, readTable } from './table.ts';

const HEADER = ['id', 'path', 'label', 'group', 'split'];

/** Writes `id,path,label,group,split`, a row for each item: path relative to the dataset, several labels joined by bars. */
export async function writeSplit(dataset: Dataset, file: string): Promise<void> {
  const rows = dataset.items.map((item) => [
    item.id,
    relative(dataset.root, item.path).split(sep).join('/'),
    labelText(item, dataset.classes),
    item.group ?? '',
    item.split ?? '',
  ]);
  await writeFileAtomic(file, formatCsv([HEADER, ...rows]));
}

/**
 * The dataset with the splits of a file that `writeSplit` made, by id. Items that the file does not name are left out and
 * counted; so are rows without an item. Throws GradcamError `bad-labels` for another kind of table, `split-does-not-fit`
 * where no item is named or an item has another label there.
 */
export async function readSplit(dataset: Dataset, file: string): Promise<Dataset> {
  const table = await readTable(file);
  const columns = ['id', 'label', 'split'].map((name) => columnOf(table, [name]));
  if (columns.includes(-1)) throw badTable(file, `the columns ${HEADER.join(', ')}`, table.header.join(', '));
  const [id, label, split] = columns as [number, number, number];
  const rows = new Map(table.rows.map((cells) => [cells[id]!, cells]));
  const known = dataset.items.filter((item) => rows.has(item.id));
  const other = known.filter((item) => rows.get(item.id)![label] !== labelText(item, dataset.classes));
  if (known.length === 0 || other.length > 0) throw doesNotFit(dataset, file, known, other);
  const items = known.map((item) => ({ ...item, split: splitNamed(rows.get(item.id)![split]!) }));
  const missing = dataset.items.filter((item) => !rows.has(item.id)).map((item) => item.id);
  const ids = new Set(known.map((item) => item.id));
  const gone = [...rows.keys()].filter((name) => !ids.has(name));
  const warnings = [...dataset.warnings];
  if (missing.length > 0)
    warnings.push(`${formatCount(missing.length, 'picture')} not in ${file}, left out: ${formatList(missing)}.`);
  if (gone.length > 0)
    warnings.push(`${formatCount(gone.length, 'row')} of ${file} without a picture: ${formatList(gone)}.`);
  return { ...dataset, items, warnings };
}

function labelText({ label, labels }: DatasetItem, classes: readonly string[]): string {
  return labels === null ? classes[label]! : classes.filter((_, index) => labels[index] === 1).join('|');
}

function doesNotFit(
  dataset: Dataset,
  file: string,
  known: readonly DatasetItem[],
  other: readonly DatasetItem[],
): GradcamError {
  const found =
    known.length === 0
      ? 'none of its ids is among the pictures'
      : `${formatCount(other.length, 'picture')} with another label: ${formatList(other.map(({ id }) => id))}`;
  return new GradcamError({
    code: 'split-does-not-fit',
    what: `the splits in ${file} do not fit the data in ${dataset.root}`,
    expected: 'the same pictures and labels as when it was written',
    found,
    hint: 'name the data that it was made with, or make a new split',
  });
}
