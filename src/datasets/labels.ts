// Cells of a table -> names of classes: names, indices, lists of them, or a 0 or 1 in a column per class.
import { GradcamError } from '../lib/errors.ts';
import { formatCount } from '../lib/format.ts';
import type { DatasetSpec } from './dataset.ts';
import { pythonList, textOrNull, type Table } from './table.ts';

export interface LabelColumns {
  readonly table: Table;
  /** One column of labels, or one per class. */
  readonly columns: readonly number[];
  readonly isOneHot: boolean;
}

export interface ReadLabels {
  /** For each table and row: names of classes; null where the row gives none. */
  readonly namesOf: readonly (readonly (readonly string[] | null)[])[];
  /** Order of the header or of indices; null: none given. */
  readonly classes: readonly string[] | null;
  readonly multiLabel: boolean;
  readonly notes: readonly string[];
}

/** Reads the labels of tables that belong together. Throws GradcamError `classes-do-not-fit` for an index beyond `spec.classes`. */
export function readLabels(sources: readonly LabelColumns[], spec: DatasetSpec): ReadLabels {
  return sources.every(({ isOneHot }) => isOneHot) ? oneHot(sources) : named(sources, spec);
}

/** A row with several 1s anywhere makes the dataset multi-label; there a row without any is a negative, else it is none. */
function oneHot(sources: readonly LabelColumns[]): ReadLabels {
  const raw = sources.map(({ table, columns }) =>
    table.rows.map((cells) => columns.filter((i) => Number(cells[i]) === 1).map((i) => table.header[i]!)),
  );
  const several = raw.flat().filter((names) => names.length > 1).length;
  const multiLabel = several > 0;
  const classes = [...new Set(sources.flatMap(({ table, columns }) => columns.map((i) => table.header[i]!)))];
  return {
    namesOf: raw.map((rows) => rows.map((names) => (names.length > 0 || multiLabel ? names : null))),
    classes,
    multiLabel,
    notes: multiLabel ? [`Multi-label: ${formatCount(several, 'row')} with several classes.`] : [],
  };
}

function named(sources: readonly LabelColumns[], spec: DatasetSpec): ReadLabels {
  const cells = sources.map(({ table, columns }) => table.rows.map((row) => textOrNull(row[columns[0]!])));
  const shown = cells.flat().filter((cell) => cell !== null);
  const separator = spec.labelSeparator ?? (shown.some((cell) => cell.includes('|')) ? '|' : undefined);
  const partsOf = (cell: string): string[] =>
    (pythonList(cell) ?? (separator === undefined ? [cell] : cell.split(separator)))
      .map((part) => part.trim())
      .filter((part) => part !== '');
  const multiLabel = separator !== undefined || shown.some((cell) => partsOf(cell).length > 1);
  const raw = cells.map((rows) =>
    rows.map((cell) => {
      const parts = cell === null ? [] : partsOf(cell);
      return parts.length === 0 ? null : parts;
    }),
  );
  const indexed = asIndices(raw.flat(), spec.classes);
  return {
    namesOf: raw.map((rows) => rows.map((names) => names?.map(indexed.nameOf) ?? null)),
    classes: indexed.classes,
    multiLabel,
    notes: multiLabel ? ['Multi-label: pictures have lists of classes.', ...indexed.notes] : indexed.notes,
  };
}

/** Labels that are all whole numbers are indices: of the given class list, else in the order of numbers. */
function asIndices(
  labels: readonly (readonly string[] | null)[],
  given: readonly string[] | undefined,
): { nameOf: (label: string) => string; classes: readonly string[] | null; notes: string[] } {
  const distinct = [...new Set(labels.flatMap((names) => names ?? []))];
  const isIndex = distinct.length > 0 && distinct.every((label) => /^\d+(\.0+)?$/.test(label));
  if (!isIndex || given?.some((name) => distinct.includes(name)) === true)
    return { nameOf: (label) => label, classes: null, notes: [] };
  const numbers = [...new Set(distinct.map(Number))].sort((a, b) => a - b);
  const last = numbers.at(-1)!;
  if (given !== undefined) {
    if (last >= given.length) throw beyond(last, given.length);
    return { nameOf: (label) => given[Number(label)]!, classes: given, notes: ['Labels are indices, counted from 0.'] };
  }
  const isCounted = numbers[0] === 0 && last < 10 * numbers.length;
  const classes = isCounted ? Array.from({ length: last + 1 }, (_, index) => String(index)) : numbers.map(String);
  return { nameOf: (label) => String(Number(label)), classes, notes: ['Labels are numbers, classes in their order.'] };
}

function beyond(index: number, count: number): GradcamError {
  return new GradcamError({
    code: 'classes-do-not-fit',
    what: `a label is index ${index}, but there are ${count} classes`,
    expected: `indices from 0 to ${count - 1}`,
    found: String(index),
    hint: 'give the class list that the indices were made with',
  });
}
