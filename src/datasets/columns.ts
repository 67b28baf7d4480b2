// Which column of a table of labels says what: as the user named it, else by the usual names.
import { formatList } from '../lib/format.ts';
import type { DatasetSpec } from './dataset.ts';
import { splitNamed } from './dataset.ts';
import { badTable, columnOf, isBinaryColumn, plainName, requireColumn, textOrNull, type Table } from './table.ts';

// Plain forms. Most telling first: `id` may be a patient, `target` a number.
const IMAGE = [
  ...['imageid', 'image', 'imagename', 'imagefile', 'imagepath', 'imageindex', 'filename', 'file', 'filepath'],
  ...['path', 'img', 'isicid', 'picture', 'name', 'id'],
];
const LABEL = [
  ...['dx', 'label', 'class', 'classname', 'diagnosis', 'category', 'labels', 'findinglabels', 'classes'],
  ...['groundtruth', 'target', 'y', 'classid', 'labelid'],
];
const GROUP = [
  ...['lesionid', 'lesion', 'patientid', 'patient', 'subjectid', 'subject', 'caseid', 'participantid'],
  ...['studyid', 'groupid', 'group'],
];
const SPLIT = ['split', 'subset', 'partition', 'fold', 'set', 'phase', 'usage'];
const MASK = ['mask', 'maskpath', 'maskfile', 'segmentation', 'segmentationpath'];

export interface Columns {
  readonly image: number;
  /** One column of labels, or several of 0 and 1, one per class. */
  readonly labels: readonly number[];
  readonly isOneHot: boolean;
  /** -1: none. */
  readonly group: number;
  readonly split: number;
  readonly mask: number;
}

/**
 * Settles the columns of a table. Throws GradcamError `no-such-column` where the user named one that is not there,
 * `bad-labels` where image or labels cannot be found.
 */
export function settleColumns(table: Table, spec: DatasetSpec): Columns {
  const image =
    spec.imageCol === undefined ? columnOf(table, IMAGE) : requireColumn(table, spec.imageCol, '--image-col');
  if (image === -1) throw noColumn(table, 'file names or ids', IMAGE.slice(0, 6), '--image-col');
  const group =
    spec.groupCol === undefined ? columnOf(table, GROUP) : requireColumn(table, spec.groupCol, '--group-col');
  const split = spec.splitCol === undefined ? splitColumn(table) : requireColumn(table, spec.splitCol, '--split-col');
  const mask = columnOf(table, MASK);
  const others = new Set([image, group, split, mask]);
  const named = spec.labelCol === undefined ? [] : namedLabels(table, spec.labelCol);
  if (named.length > 0) return { image, labels: named, isOneHot: named.length > 1, group, split, mask };
  const label = labelColumn(table, others);
  if (label !== -1) return { image, labels: [label], isOneHot: false, group, split, mask };
  const classes =
    table.rows.length === 0 ? [] : [...table.header.keys()].filter((i) => isClassColumn(table, i, others));
  if (classes.length < 2) throw noColumn(table, 'classes', LABEL.slice(0, 5), '--label-col');
  return { image, labels: classes, isOneHot: true, group, split, mask };
}

function namedLabels(table: Table, names: string | readonly string[]): number[] {
  const isOne = typeof names !== 'string' || table.header.includes(names.trim());
  const list = typeof names !== 'string' ? names : isOne ? [names] : names.split(',');
  return list.map((name) => requireColumn(table, name, '--label-col'));
}

/** A column called split and its like counts only where all it says are splits: a `set` may be anything. */
function splitColumn(table: Table): number {
  const index = columnOf(table, SPLIT);
  const isSplit = table.rows.every((cells) => textOrNull(cells[index]) === null || splitNamed(cells[index]!) !== null);
  return index !== -1 && isSplit ? index : -1;
}

function labelColumn(table: Table, others: ReadonlySet<number>): number {
  const plain = table.header.map((name, i) => (others.has(i) ? '' : plainName(name)));
  const called = LABEL.map((name) => plain.indexOf(name)).find((index) => index !== -1);
  if (called !== undefined) return called;
  const free = [...table.header.keys()].filter((i) => !others.has(i));
  return free.length === 1 ? free[0]! : -1;
}

function isClassColumn(table: Table, index: number, others: ReadonlySet<number>): boolean {
  return !others.has(index) && table.header[index] !== '' && isBinaryColumn(table, index);
}

function noColumn({ file, header }: Table, what: string, examples: readonly string[], option: string) {
  const expected = `a column of ${what}, called for example ${examples.join(', ')}`;
  return badTable(file, expected, `the columns ${formatList(header, 12)}`, `name it with ${option}`);
}
