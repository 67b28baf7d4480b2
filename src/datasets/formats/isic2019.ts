// ISIC 2019 (25,331 pictures of eight classes; HAM10000, BCN20000 and MSK) as the challenge and its mirrors give it.
import { basename } from 'node:path';
import { formatCount } from '../../lib/format.ts';
import { assemblePublished, findPublished, noTable, tablesNamed, type IdRow } from '../by-id.ts';
import type { DatasetFormat, SkippedItem } from '../dataset.ts';
import { imageColumn, isOneHotTable, lesionsIn, oneHotClasses } from '../isic.ts';
import { badTable, columnOf, readTable, type Table } from '../table.ts';

/** The challenge's own order. */
const CLASSES = ['MEL', 'NV', 'BCC', 'AK', 'BKL', 'DF', 'VASC', 'SCC'] as const;
const UNKNOWN = 'UNK';
const TABLES = /^ISIC_?2019_(Training|Test)_(GroundTruth|Metadata)\w*\.csv$/i;

/**
 * `ISIC_2019_Training_GroundTruth.csv` (one-hot, `1.0` or `1`) and `..._Metadata.csv` (lesions; empty ones are groups of
 * their own); ids ending in `_downsampled` are taken whole. The column UNK is a class only where training pictures have it;
 * unknown test pictures are left out otherwise. A table of the test set gives the test split where its pictures are there.
 */
export const isic2019: DatasetFormat = {
  id: 'isic2019',
  title: 'ISIC 2019',
  async open(spec) {
    const files = await findPublished(spec.root);
    const named = tablesNamed(files, TABLES);
    const expected = 'ISIC_2019_Training_GroundTruth.csv and the pictures below one folder';
    const tables = await Promise.all(named.map(readTable));
    const truths = tables.filter(({ file }) => /GroundTruth/i.test(basename(file)));
    if (truths.length === 0)
      throw noTable(
        spec.root,
        'ISIC 2019',
        expected,
        files,
        'point --data at the folder that holds table and pictures',
      );
    for (const table of truths)
      if (!isOneHotTable(table, CLASSES))
        throw badTable(table.file, `image, ${CLASSES.join(', ')}`, table.header.join(', '));
    const trainsUnknown = truths.some((table) => !isTest(table) && hasUnknown(table));
    const classes = trainsUnknown ? [...CLASSES, UNKNOWN] : CLASSES;
    const lesions = lesionsIn(tables);
    const rows = new Map<string, IdRow>();
    const unknown: SkippedItem[] = [];
    for (const table of truths) {
      const { known, left } = rowsOf(table, classes, lesions);
      for (const row of known) if (!rows.has(row.name.toLowerCase())) rows.set(row.name.toLowerCase(), row);
      unknown.push(...left);
    }
    const ids = new Set(unknown.map(({ path }) => path.toLowerCase()));
    const pictures = files.pictures.filter((path) => !ids.has(stemOf(path)));
    return assemblePublished(
      {
        format: isic2019,
        classes,
        multiLabel: false,
        rows: [...rows.values()],
        files: { ...files, pictures },
        skipped: pictures.length === files.pictures.length ? [] : unknown,
        notes: [
          ...files.notes,
          ...(unknown.length === 0 || pictures.length === files.pictures.length
            ? []
            : [`${formatCount(unknown.length, 'picture')} of the class UNK, which no training picture has: left out.`]),
          'All pictures of HAM10000 are among those of ISIC 2019: do not test a model of one on the other.',
        ],
        licence: 'CC BY-NC 4.0 (ISIC 2019 challenge)',
        citation:
          'Tschandl et al. 2018 (HAM10000); Codella et al., arXiv 1710.05006 (MSK); Combalia et al., arXiv 1908.02288 (BCN20000)',
        expected,
      },
      spec,
    );
  },
};

function rowsOf(
  table: Table,
  classes: readonly string[],
  lesions: ReadonlyMap<string, string>,
): { known: IdRow[]; left: SkippedItem[] } {
  const image = imageColumn(table);
  const found = oneHotClasses(table, classes);
  const unknown = columnOf(table, [UNKNOWN.toLowerCase()]);
  const left: SkippedItem[] = [];
  const known = table.rows.flatMap((cells, index): IdRow[] => {
    const name = cells[image]!;
    const chosen = found[index] ?? null;
    if (chosen === null && Number(cells[unknown]) === 1) {
      left.push({ path: name, reason: 'class UNK, which no training picture has' });
      return [];
    }
    const group = lesions.get(name.toLowerCase()) ?? null;
    return [{ name, names: chosen === null ? null : [chosen], group, split: isTest(table) ? 'test' : null }];
  });
  return { known, left };
}

function hasUnknown(table: Table): boolean {
  const column = columnOf(table, [UNKNOWN.toLowerCase()]);
  return column !== -1 && table.rows.some((cells) => Number(cells[column]) === 1);
}

function isTest({ file }: Table): boolean {
  return /_Test_/i.test(basename(file));
}

function stemOf(path: string): string {
  return basename(path)
    .replace(/\.[^.]+$/, '')
    .toLowerCase();
}
