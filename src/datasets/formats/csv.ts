// A table of pictures and labels, with lesions or patients and splits where it has them.
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { GradcamError } from '../../lib/errors.ts';
import { formatCount, formatList } from '../../lib/format.ts';
import { assembleDataset, type NamedItem } from '../assemble.ts';
import { settleColumns, type Columns } from '../columns.ts';
import { splitNamed, type DatasetFormat, type SplitName } from '../dataset.ts';
import { joinRows, type LabelledRow } from '../join.ts';
import { readLabels } from '../labels.ts';
import { findFiles } from '../pictures.ts';
import { readTable, textOrNull, type Table } from '../table.ts';

/**
 * One CSV, TSV or XLSX file, or a folder with `labels.csv`, `metadata.csv`, a single table, or `train.csv`, `val.csv`,
 * `test.csv`. Pictures are named by paths relative to the table, file names or ids. Labels are names or indices in one
 * column, or 0 and 1 in a column per class; several labels of one picture, apart by `labelSeparator` (a bar is noticed),
 * as a Python list or as several 1s, make a multi-label dataset.
 */
export const csv: DatasetFormat = {
  id: 'csv',
  title: 'Table of pictures and labels',
  async open(spec) {
    const sources = await findTables(spec.root);
    const tables = await Promise.all(
      sources.map(async (source) => ({ ...source, table: await readTable(source.file) })),
    );
    const columns = tables.map(({ table }) => settleColumns(table, spec));
    const labels = readLabels(
      tables.map(({ table }, i) => ({ table, columns: columns[i]!.labels, isOneHot: columns[i]!.isOneHot })),
      spec,
    );
    const rows = tables.flatMap(({ table, split }, i) => rowsOf(table, columns[i]!, labels.namesOf[i]!, split));
    const folder = dirname(sources[0]!.file);
    const files = await findFiles(folder);
    const joined = joinRows(rows, files.pictures, folder, labels.multiLabel);
    return assembleDataset(
      {
        id: csv.id,
        title: csv.title,
        items: joined.items.map((item) => withMask(item, folder)),
        classes: labels.classes,
        multiLabel: labels.multiLabel,
        masks: files.masks,
        skipped: [...files.skipped, ...joined.skipped],
        warnings: [...joined.warnings, ...unknownSplits(tables, columns)],
        notes: [...labels.notes, ...columnNotes(tables[0]!.table, columns[0]!)],
        expected: 'a table with a column of pictures that lie beside it and one of labels',
      },
      spec,
    );
  },
};

interface Source {
  readonly file: string;
  readonly split: SplitName | null;
}

async function findTables(root: string): Promise<Source[]> {
  const info = await stat(root);
  if (!info.isDirectory()) return [{ file: root, split: null }];
  const names = (await readdir(root)).filter((name) => /^[^.].*\.(csv|tsv|xlsx)$/i.test(name)).sort();
  const splits = names.flatMap((name) => {
    const split = splitNamed(basename(name, extname(name)));
    return split === null ? [] : [{ file: join(root, name), split }];
  });
  if (splits.length > 0) return splits;
  const usual = names.find((name) => /^(labels|metadata|annotations)\.(csv|tsv|xlsx)$/i.test(name));
  const chosen = usual ?? (names.length === 1 ? names[0] : undefined);
  if (chosen !== undefined) return [{ file: join(root, chosen), split: null }];
  throw new GradcamError({
    code: 'no-table',
    what: `no table of labels in ${root}`,
    expected: 'labels.csv, metadata.csv, train.csv with val.csv and test.csv, or a single .csv file',
    found: names.length === 0 ? 'none' : formatList(names),
    hint: 'name the file itself with --data',
  });
}

interface CsvRow extends LabelledRow {
  readonly mask: string | null;
}

function rowsOf(
  table: Table,
  columns: Columns,
  namesOf: readonly (readonly string[] | null)[],
  fileSplit: SplitName | null,
): CsvRow[] {
  return table.rows.map((cells, i) => ({
    name: cells[columns.image] ?? '',
    names: namesOf[i]!,
    group: textOrNull(cells[columns.group]),
    split: columns.split === -1 ? fileSplit : splitNamed(cells[columns.split] ?? ''),
    mask: textOrNull(cells[columns.mask]),
  }));
}

/** Masks that the table names are relative to it; where it names none they are looked for by name. */
function withMask({ row, ...item }: { row: CsvRow } & Omit<NamedItem, 'mask'>, folder: string): NamedItem {
  return row.mask === null ? item : { ...item, mask: join(folder, row.mask) };
}

function columnNotes({ header }: Table, { image, labels, isOneHot, group, split }: Columns): string[] {
  const said = [`pictures from "${header[image]}"`];
  said.push(isOneHot ? `labels from ${labels.length} columns of 0 and 1` : `labels from "${header[labels[0]!]}"`);
  if (group !== -1) said.push(`groups from "${header[group]}", which no split divides`);
  if (split !== -1) said.push(`splits from "${header[split]}"`);
  return [`Columns: ${said.join(', ')}.`];
}

function unknownSplits(tables: readonly { table: Table }[], columns: readonly Columns[]): string[] {
  const unknown = tables.flatMap(({ table }, i) =>
    table.rows
      .map((cells) => cells[columns[i]!.split] ?? '')
      .filter((cell) => cell !== '' && splitNamed(cell) === null),
  );
  if (unknown.length === 0) return [];
  const words = [...new Set(unknown)];
  return [`${formatCount(unknown.length, 'row')} with a split other than train, val, test: ${formatList(words)}.`];
}
