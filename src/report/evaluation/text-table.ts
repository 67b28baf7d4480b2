// A table of numbers as text of even width: a line of values a row, its intervals on a line below. The best value has a star.
import { printable } from '../../lib/format.ts';
import { bestCells, cellText, type NumberCell, type NumberColumn, type NumberTable } from './table.ts';

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
  const values = rows.map(({ cells }, r) =>
    cells.map((cell, c) =>
      cell === null ? '–' : `${shownValue(cell, columns[c]!)}${best[r]![c] === true ? '*' : ' '}`,
    ),
  );
  const intervals = rows.map(({ cells }) =>
    cells.map((cell, c) => (cell === null ? '' : intervalText(cell, columns[c]!))),
  );
  const widths = columns.map(({ title }, c) =>
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
  const titles = line(
    corners,
    columns.map(({ title }) => title),
    (text) => text,
  );
  const body = rows.flatMap(({ names }, r) => {
    const shown = line(names.map(shownName), values[r]!, (text, c) => (best[r]![c] === true ? strong(text) : text));
    const hasIntervals = intervals[r]!.some((text) => text !== '');
    const blank = corners.map(() => '');
    return hasIntervals ? [shown, dim(line(blank, intervals[r]!, (text) => text))] : [shown];
  });
  return [dim(titles), ...body].join('\n');
}

function shownValue(cell: NumberCell, column: NumberColumn): string {
  const { deviation } = cell;
  return deviation === undefined
    ? cellText(cell, column)
    : `${cellText(cell, column)} ± ${deviation.toFixed(column.decimals)}`;
}

function intervalText({ interval }: NumberCell, { decimals }: NumberColumn): string {
  if (interval === undefined) return '';
  // Two decimals are plenty for the ends; the blank stands below the star.
  const digits = Math.min(2, decimals);
  return `${interval[0].toFixed(digits)}–${interval[1].toFixed(digits)} `;
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
