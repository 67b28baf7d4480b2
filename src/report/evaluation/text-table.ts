// A table of numbers as text of even width: a line of values a row, its intervals on a line below. The best value has a star.
import { printable } from '../../lib/format.ts';
import { bestCells, cellText, signedText, type NumberCell, type NumberColumn, type NumberTable } from './table.ts';

/** What draws attention on a terminal, and what draws it away. Identity for plain text. */
export interface TextStyle {
  readonly strong: (text: string) => string;
  readonly dim: (text: string) => string;
}

const PLAIN: TextStyle = { strong: (text) => text, dim: (text) => text };

/** Lines joined by line ends, none at the end. */
export function textTable(table: NumberTable, { strong, dim }: TextStyle = PLAIN): string {
  const { columns, rows, corners } = table;
  const best = bestCells(table);
  // Where a value may have a star, everything else in its column has a blank there.
  const blanks = columns.map(({ better }) => (better === null ? '' : ' '));
  const titles = columns.map(({ title }, c) => title + blanks[c]!);
  const values = rows.map(({ cells }, r) =>
    cells.map((cell, c) => {
      const text = cell === null ? '–' : shownValue(cell, columns[c]!);
      return text + (best[r]![c] === true ? '*' : blanks[c]!);
    }),
  );
  const intervals = rows.map(({ cells }) =>
    cells.map((cell, c) => (cell?.interval ? intervalText(cell.interval, columns[c]!) + blanks[c]! : '')),
  );
  const widths = titles.map((title, c) =>
    Math.max(widthOf(title), ...[...values, ...intervals].map((row) => widthOf(row[c]!))),
  );
  const nameWidths = corners.map((corner, i) =>
    Math.max(widthOf(corner), ...rows.map(({ names }) => widthOf(shownName(names[i]!)))),
  );
  const line = (
    names: readonly string[],
    cells: readonly string[],
    paint: (text: string, c: number) => string,
  ): string =>
    [
      ...names.map((name, i) => `${name}${' '.repeat(nameWidths[i]! - widthOf(name))}`),
      ...cells.map((cell, c) => ' '.repeat(widths[c]! - widthOf(cell)) + paint(cell, c)),
    ]
      .join('  ')
      .trimEnd();
  const head = line(corners, titles, (text) => text);
  const body = rows.flatMap(({ names }, r) => {
    const shown = line(names.map(shownName), values[r]!, (text, c) => (best[r]![c] === true ? strong(text) : text));
    const hasIntervals = intervals[r]!.some((text) => text !== '');
    const blank = corners.map(() => '');
    return hasIntervals ? [shown, dim(line(blank, intervals[r]!, (text) => text))] : [shown];
  });
  return [dim(head), ...body].join('\n');
}

function shownValue(cell: NumberCell, column: NumberColumn): string {
  const { deviation } = cell;
  return deviation === undefined
    ? cellText(cell, column)
    : `${cellText(cell, column)} ± ${deviation.toFixed(column.decimals)}`;
}

function intervalText([low, high]: readonly [number, number], { decimals }: NumberColumn): string {
  const digits = Math.min(2, decimals); // plenty for the ends
  return `${signedText(low, digits)}–${signedText(high, digits)}`;
}

const LONGEST_NAME = 32;

function shownName(name: string): string {
  const characters = Array.from(printable(name).replaceAll('\n', ' '));
  return characters.length <= LONGEST_NAME ? characters.join('') : `${characters.slice(0, LONGEST_NAME - 1).join('')}…`;
}

/** Columns on a terminal, about: one a character. */
function widthOf(text: string): number {
  return Array.from(text).length;
}
