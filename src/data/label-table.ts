// A table of labels -> (file name, label) pairs, whichever of the usual layouts it has: a column of names beside a column
// of classes, or one column per class with a 1 in one of them. Columns are read by name, never by position.
import { readFile } from 'node:fs/promises';
import { decodeText, parseCsv, type CsvRow } from '../lib/csv.ts';
import { GradcamError } from '../lib/errors.ts';
import { fileError } from '../lib/files.ts';
import { formatCount, formatList } from '../lib/format.ts';
import { naturalCompare } from '../lib/names.ts';

export interface LabelRow {
  /** File name, path or id as the table has it. */
  readonly path: string;
  readonly label: string;
}

export interface LabelTable {
  readonly rows: readonly LabelRow[];
  readonly notes: readonly string[];
}

// Plain forms: lower case, letters and digits only. Most telling first: `id` may be a patient, `target` a number.
const NAME_COLUMNS = [
  'imageid',
  'image',
  'imagename',
  'imagefile',
  'imagepath',
  'filename',
  'file',
  'filepath',
  'path',
  'img',
  'isicid',
  'name',
  'id',
];
const LABEL_COLUMNS = [
  'dx',
  'label',
  'class',
  'classname',
  'diagnosis',
  'category',
  'labels',
  'groundtruth',
  'target',
  'y',
];

/**
 * Reads a CSV file of labels. `isKnown` tells whether a name is that of a sample: it finds the column of names where no
 * header names it. Throws GradcamError for a file that cannot be read (see `fileError`) or understood (`bad-labels`).
 */
export async function readLabelTable(file: string, isKnown: (name: string) => boolean): Promise<LabelTable> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw fileError(error, file, 'read');
  });
  return parseLabelTable(decodeText(bytes), file, isKnown);
}

/** `readLabelTable` on text; `file` is named in errors. */
export function parseLabelTable(text: string, file: string, isKnown: (name: string) => boolean): LabelTable {
  const [first, ...rest] = parseCsv(text, file);
  if (first === undefined) throw badLabels(file, 'a header and rows', 'an empty file');
  const isBare = !hasColumn(first.cells, NAME_COLUMNS) && first.cells.some((cell) => isKnown(cell.trim()));
  const header = isBare ? first.cells.map((_, i) => `column ${i + 1}`) : first.cells.map((cell) => cell.trim());
  const rows = isBare ? [first, ...rest] : rest;
  const names = nameColumn(header, rows, isKnown);
  if (names === -1)
    throw badLabels(
      file,
      `a column of file names, called for example ${NAME_COLUMNS.slice(0, 6).join(', ')}`,
      describe(header),
    );
  const labels = labelColumn(header, names);
  if (labels !== -1) return labelsByColumn(rows, names, labels);
  const classes = classColumns(header, rows, names);
  if (classes.length < 2)
    throw badLabels(
      file,
      `a column of classes, called for example ${LABEL_COLUMNS.slice(0, 5).join(', ')}, or one 0/1 column per class`,
      describe(header),
    );
  return labelsByOneHot(header, rows, names, classes);
}

function labelsByColumn(rows: readonly CsvRow[], names: number, labels: number): LabelTable {
  const pairs = rows.map(({ cells }) => ({ path: (cells[names] ?? '').trim(), label: unwrap(cells[labels] ?? '') }));
  return { rows: pairs.filter(({ path, label }) => path !== '' && label !== ''), notes: [] };
}

function labelsByOneHot(
  header: readonly string[],
  rows: readonly CsvRow[],
  names: number,
  classes: readonly number[],
): LabelTable {
  const pairs: LabelRow[] = [];
  let unclear = 0;
  for (const { cells } of rows) {
    const path = (cells[names] ?? '').trim();
    const [column, ...more] = classes.filter((i) => Number(cells[i]) === 1);
    if (path !== '' && column !== undefined && more.length === 0) pairs.push({ path, label: header[column] ?? '' });
    else unclear++;
  }
  const notes =
    unclear === 0 ? [] : [`${formatCount(unclear, 'row')} of labels with no class or with several, left out.`];
  return { rows: pairs, notes };
}

/** The column whose header says file name, else the one with most names of samples, else -1. */
function nameColumn(header: readonly string[], rows: readonly CsvRow[], isKnown: (name: string) => boolean): number {
  const named = columnCalled(header, NAME_COLUMNS);
  const known = header.map((_, i) => rows.filter(({ cells }) => isKnown((cells[i] ?? '').trim())).length);
  const most = Math.max(...known);
  if (named !== -1 && (known[named] ?? 0) > 0) return named;
  return most > 0 ? known.indexOf(most) : named;
}

/** The column whose header says class; of two columns the other one; else -1. */
function labelColumn(header: readonly string[], names: number): number {
  const called = columnCalled(header, LABEL_COLUMNS, names);
  if (called !== -1) return called;
  return header.length === 2 ? 1 - names : -1;
}

function columnCalled(header: readonly string[], wanted: readonly string[], except = -1): number {
  const plain = header.map((name, i) => (i === except ? '' : name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')));
  return plain.indexOf(wanted.find((name) => plain.includes(name)) ?? '?');
}

function hasColumn(header: readonly string[], wanted: readonly string[]): boolean {
  return columnCalled(header, wanted) !== -1;
}

/** Columns that hold nothing but 0 and 1, however written. */
function classColumns(header: readonly string[], rows: readonly CsvRow[], names: number): number[] {
  const isBinary = (i: number) =>
    rows.every(({ cells }) => cells[i]?.trim() !== '' && [0, 1].includes(Number(cells[i] ?? NaN)));
  return [...header.keys()].filter((i) => i !== names && header[i] !== '' && rows.length > 0 && isBinary(i));
}

/** `['N']`, as Python prints a list of one class, is that class; `nan` is how pandas writes nothing. */
function unwrap(cell: string): string {
  const text = cell.trim();
  const inner = /^\[\s*(['"])(.*)\1\s*\]$/.exec(text)?.[2] ?? text;
  return inner.toLowerCase() === 'nan' ? '' : inner;
}

function describe(header: readonly string[]): string {
  return `the columns ${formatList([...header].sort(naturalCompare), 12)}`;
}

function badLabels(file: string, expected: string, found: string): GradcamError {
  const hint = 'the simplest form is two columns: image_id,dx';
  return new GradcamError({ code: 'bad-labels', what: `cannot read the labels in ${file}`, expected, found, hint });
}
