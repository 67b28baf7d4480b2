// HAM10000 (Tschandl et al. 2018) as Dataverse, Kaggle and the ISIC 2018 challenge (task 3) give it.
import { basename } from 'node:path';
import { assemblePublished, findPublished, noTable, tablesNamed, type IdRow } from '../by-id.ts';
import type { DatasetFormat, SplitName } from '../dataset.ts';
import type { FoundFiles } from '../pictures.ts';
import { imageColumn, isOneHotTable, lesionsIn, oneHotClasses } from '../isic.ts';
import { badTable, columnOf, readTable, textOrNull, type Table } from '../table.ts';

const CLASSES = ['akiec', 'bcc', 'bkl', 'df', 'mel', 'nv', 'vasc'] as const;
const TABLES =
  /^(HAM10000_metadata(\.(csv|tab|tsv|txt))?|ISIC_?2018_Task3_\w*GroundTruth(\.(csv|tab))?|ISIC_?2018_Task3_\w*LesionGroupings\.csv)$/i;

/**
 * `HAM10000_metadata` with or without .csv (`image_id` without ending, `dx`, `lesion_id`), or one-hot
 * `ISIC2018_Task3_*_GroundTruth.csv` with `*_LesionGroupings.csv`; pictures in any folders, those of the Kaggle archive that
 * are there twice once. Masks `<id>_segmentation.png`. Classes in the order of their codes. Tables for validation and test
 * give those splits.
 */
export const ham10000: DatasetFormat = {
  id: 'ham10000',
  title: 'HAM10000',
  async open(spec) {
    const files = await findPublished(spec.root);
    const expected =
      'HAM10000_metadata.csv, or ISIC2018_Task3_Training_GroundTruth.csv, and the pictures below one folder';
    const tables = await tablesIn(files);
    if (tables.length === 0)
      throw noTable(spec.root, 'HAM10000', expected, files, 'point --data at the folder that holds table and pictures');
    const lesions = lesionsIn(tables);
    const rows = new Map<string, IdRow>();
    for (const table of tables)
      for (const row of rowsOf(table, lesions)) rows.set(row.name.toLowerCase(), merge(row, rows));
    return assemblePublished(
      {
        format: ham10000,
        classes: CLASSES,
        multiLabel: false,
        rows: [...rows.values()],
        files,
        notes: [
          ...files.notes,
          'Splits keep lesions whole by lesion_id; some lesions are known under two ids (arXiv 2401.14497).',
        ],
        licence: 'CC BY-NC 4.0 (Dataverse, doi:10.7910/DVN/DBW86T); the Kaggle copy says CC BY-NC-SA 4.0',
        citation: 'Tschandl, Rosendahl, Kittler: The HAM10000 dataset. Scientific Data 5, 180161 (2018)',
        expected,
      },
      spec,
    );
  },
};

/** Tables under their published names; without any, copies under other names, known by their columns. */
async function tablesIn(files: FoundFiles): Promise<Table[]> {
  const named = tablesNamed(files, TABLES);
  if (named.length > 0) return Promise.all(named.map(readTable));
  const others = tablesNamed(files, /^(?!hmnist).*\.(csv|tsv|tab)$/i); // hmnist_*.csv hold pixels
  const read = await Promise.all(others.map((file) => readTable(file).catch(() => null)));
  return read.flatMap((table) => (table !== null && isOfHam(table) ? [table] : []));
}

function rowsOf(table: Table, lesions: ReadonlyMap<string, string>): IdRow[] {
  const image = imageColumn(table);
  const dx = columnOf(table, ['dx', 'diagnosis']);
  const isOneHot = isOneHotTable(table, CLASSES);
  if (image === -1 || (dx === -1 && !isOneHot)) {
    if (/LesionGroupings/i.test(table.file)) return [];
    throw badTable(table.file, 'the columns image_id and dx, or image and one per class', table.header.join(', '));
  }
  const classes = isOneHot ? oneHotClasses(table, CLASSES) : table.rows.map((cells) => codeOf(cells[dx]!));
  const split = splitOf(basename(table.file));
  return table.rows.map((cells, index) => {
    const name = cells[image]!;
    return { name, names: namesOf(classes[index]!), group: lesions.get(name.toLowerCase()) ?? null, split };
  });
}

function isOfHam(table: Table): boolean {
  return isOneHotTable(table, CLASSES) || (imageColumn(table) !== -1 && columnOf(table, ['dx']) !== -1);
}

function namesOf(name: string | null): string[] | null {
  return name === null ? null : [name];
}

function codeOf(cell: string): string | null {
  const code = textOrNull(cell)?.toLowerCase();
  return CLASSES.find((name) => name === code) ?? null;
}

/** A picture that two tables name: the first one that gives a class counts. */
function merge(row: IdRow, known: ReadonlyMap<string, IdRow>): IdRow {
  const before = known.get(row.name.toLowerCase());
  return before?.names == null ? row : before;
}

/** Training rows are free to be divided; the challenge's other tables are what they say. */
function splitOf(file: string): SplitName | null {
  if (/_Test_/i.test(file)) return 'test';
  return /_Validation_/i.test(file) ? 'val' : null;
}
