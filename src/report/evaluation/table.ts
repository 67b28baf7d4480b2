// A table of numbers, whatever it is printed as: text, CSV, LaTeX, HTML. Which value of a column is best is settled here, so
// that all of them agree.

export interface NumberTable {
  readonly id: string;
  readonly title: string;
  /** Where the best value is marked: of each column, or of each row (then all columns are better the same way). */
  readonly bestIn: 'column' | 'row';
  /** Headings of the row names: usually one, `Run`; two for run and method. */
  readonly corners: readonly string[];
  readonly columns: readonly NumberColumn[];
  readonly rows: readonly NumberRow[];
}

export interface NumberColumn {
  /** Key in CSV, snake_case. */
  readonly id: string;
  readonly title: string;
  /** null: neither, nothing is bold. */
  readonly better: 'higher' | 'lower' | null;
  readonly decimals: number;
}

export interface NumberRow {
  /** As many as there are corners. */
  readonly names: readonly string[];
  /** As many as there are columns; null: there is no such number. */
  readonly cells: readonly (NumberCell | null)[];
}

export interface NumberCell {
  readonly value: number;
  /** Ends of its 95 % interval. */
  readonly interval?: readonly [number, number] | undefined;
  /** Standard deviation over seeds. */
  readonly deviation?: number | undefined;
}

/** A value as the table shows it. */
export function cellText({ value }: Pick<NumberCell, 'value'>, { decimals }: Pick<NumberColumn, 'decimals'>): string {
  return signedText(value, decimals);
}

/** With a true minus sign, and no minus before zero. */
export function signedText(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text.replace('-', '−');
}

/** `[row][column]`: whether a cell holds the best value of its column or row, as shown, among at least two different ones. */
export function bestCells({ bestIn, columns, rows }: NumberTable): boolean[][] {
  const shown = rows.map(({ cells }) =>
    cells.map((cell, c) => cell && Number(cell.value.toFixed(columns[c]!.decimals))),
  );
  const ofColumn = columns.map((column, c) =>
    bestOf(
      shown.map((row) => row[c] ?? null),
      column.better,
    ),
  );
  const ofRow = shown.map((row) => bestOf(row, columns[0]?.better ?? null));
  return shown.map((row, r) =>
    row.map((value, c) => value !== null && value === (bestIn === 'column' ? ofColumn[c] : ofRow[r])),
  );
}

function bestOf(values: readonly (number | null)[], better: NumberColumn['better']): number | null {
  const numbers = values.filter((value) => value !== null);
  if (better === null || new Set(numbers).size < 2) return null;
  return better === 'higher' ? Math.max(...numbers) : Math.min(...numbers);
}

/** A cell of a number, or null where there is none. */
export function numberCell(value: number | null | undefined, more: Omit<NumberCell, 'value'> = {}): NumberCell | null {
  return value === null || value === undefined || !Number.isFinite(value) ? null : { value, ...more };
}
