// Tables of labels by header: which column is which, cells as text, labels as names. Columns are read by name, never by
// position; files may have a byte order mark, CRLF and any of the usual separators (lib/csv.ts).
import { readFile } from 'node:fs/promises';
import { decodeText, parseCsv } from '../lib/csv.ts';
import { GradcamError, messageOf } from '../lib/errors.ts';
import { fileError } from '../lib/files.ts';
import { formatList } from '../lib/format.ts';
import { nearestNames } from '../lib/names.ts';

export interface Table {
  readonly file: string;
  /** Trimmed. */
  readonly header: readonly string[];
  /** Cells of each row, trimmed; as many as the header has. */
  readonly rows: readonly (readonly string[])[];
}

/**
 * Reads a table with a header: CSV and its like, or the first sheet of an .xlsx workbook.
 * Throws GradcamError `bad-csv`, `bad-workbook`, `bad-labels` for an empty one, or `fileError`'s.
 */
export async function readTable(file: string): Promise<Table> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw fileError(error, file, 'read');
  });
  if (/\.xlsx$/i.test(file)) return tableOfRows(await readSheet(bytes, file), file);
  return tableOf(decodeText(bytes), file);
}

function tableOf(text: string, file: string): Table {
  return tableOfRows(
    parseCsv(text, file).map(({ cells }) => cells),
    file,
  );
}

function tableOfRows([first, ...rest]: readonly (readonly string[])[], file: string): Table {
  if (first === undefined) throw badTable(file, 'a header and rows', 'an empty file');
  const header = first.map((cell) => cell.trim());
  return { file, header, rows: rest.map((cells) => header.map((_, i) => (cells[i] ?? '').trim())) };
}

async function readSheet(bytes: Buffer, file: string): Promise<string[][]> {
  const excel = await import('read-excel-file/node'); // loaded only where there is a workbook
  const rows = await excel.readSheet(bytes).catch((cause: unknown) => {
    throw new GradcamError({
      code: 'bad-workbook',
      what: `cannot read ${file}`,
      expected: 'an .xlsx workbook',
      found: messageOf(cause),
      hint: 'save the sheet as CSV (UTF-8) and put that in its place',
      cause,
    });
  });
  return rows.map((cells) =>
    cells.map((cell) => (cell === null ? '' : cell instanceof Date ? cell.toISOString() : String(cell))),
  );
}

/** Lower case, letters and digits only: `Image_ID ` and `image id` are one name. */
export function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** Index of the column with one of these names, in their order; -1 where there is none. Names as `plainName` makes them. */
export function columnOf(table: Table, names: readonly string[]): number {
  const plain = table.header.map(plainName);
  return plain.indexOf(names.find((name) => plain.includes(name)) ?? '?');
}

/** Index of the column that the user named. Throws GradcamError `no-such-column`. */
export function requireColumn(table: Table, name: string, option: string): number {
  const exact = table.header.indexOf(name.trim());
  const index = exact === -1 ? table.header.map(plainName).indexOf(plainName(name)) : exact;
  if (index !== -1 && name.trim() !== '') return index;
  const nearest = nearestNames(name, table.header, 1)[0];
  throw new GradcamError({
    code: 'no-such-column',
    what: `${table.file} has no column "${name}"`,
    expected: `one of ${formatList(table.header, 12)}`,
    hint: nearest === undefined ? `correct ${option}` : `did you mean ${option} "${nearest}"?`,
  });
}

/** `nan`, as pandas writes nothing, and its like are nothing. */
export function textOrNull(cell: string | undefined): string | null {
  return cell === undefined || /^(|nan|na|n\/a|null|none)$/i.test(cell) ? null : cell;
}

/** Items of a list as Python prints it, `['N', 'D']` or `[1, 0]`; null where the cell is none. */
export function pythonList(cell: string): string[] | null {
  const inner = /^[[(](.*)[\])]$/s.exec(cell.trim())?.[1];
  if (inner === undefined) return null;
  const items = inner.match(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^,\s]+(?: +[^,\s]+)*/g) ?? [];
  return items.map((item) => (/^(['"]).*\1$/s.test(item) ? item.slice(1, -1).replaceAll(/\\(.)/g, '$1') : item));
}

/** Whether every row has 0 or 1 in this column, however written, and none is empty. */
export function isBinaryColumn(table: Table, index: number): boolean {
  return table.rows.every((cells) => cells[index] !== '' && [0, 1].includes(Number(cells[index])));
}

export function badTable(file: string, expected: string, found: string, hint?: string): GradcamError {
  return new GradcamError({ code: 'bad-labels', what: `cannot read the labels in ${file}`, expected, found, hint });
}
