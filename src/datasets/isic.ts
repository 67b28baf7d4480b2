// Tables of the ISIC challenges: one column of 0 and 1 per class, beside it tables of lesions. Read by header, never by
// position: copies in circulation have other orders of columns and more of them.
import { columnOf, plainName, textOrNull, type Table } from './table.ts';

/** Id of the picture, without an ending. -1 where the table has none. */
export function imageColumn(table: Table): number {
  return columnOf(table, ['imageid', 'image', 'isicid', 'imagename', 'filename', 'name']);
}

/** The class of each row, as `classes` spells it: null for none, for several, and for what `classes` does not have. */
export function oneHotClasses(table: Table, classes: readonly string[]): (string | null)[] {
  const columns = classes.map((name) => table.header.findIndex((cell) => plainName(cell) === plainName(name)));
  return table.rows.map((cells) => {
    const [first, ...more] = classes.filter((_, index) => Number(cells[columns[index]!] ?? NaN) === 1);
    return first !== undefined && more.length === 0 ? first : null;
  });
}

/** Whether most of `classes` have a column. */
export function isOneHotTable(table: Table, classes: readonly string[]): boolean {
  const header = new Set(table.header.map(plainName));
  return imageColumn(table) !== -1 && classes.filter((name) => header.has(plainName(name))).length * 2 > classes.length;
}

/** Lesion of each picture, by lower-case id, from tables that have both; empty cells are no lesion. */
export function lesionsIn(tables: readonly Table[]): Map<string, string> {
  const lesions = new Map<string, string>();
  for (const table of tables) {
    const image = imageColumn(table);
    const lesion = columnOf(table, ['lesionid', 'lesion']);
    if (image === -1 || lesion === -1) continue;
    for (const cells of table.rows) {
      const id = textOrNull(cells[lesion]);
      if (id !== null) lesions.set(cells[image]!.toLowerCase(), id);
    }
  }
  return lesions;
}
