// A table of numbers as CSV, nothing rounded: a column for each number, two more for the ends of its interval.
import { formatCsv } from '../../lib/csv.ts';
import type { Evaluation } from './evaluation.ts';
import { metricsOfRuns } from './tables.ts';
import type { NumberCell, NumberColumn, NumberTable } from './table.ts';

/** The metrics of every run, as `metrics.csv` has them. */
export function evaluationCsv(evaluation: Evaluation): string {
  return csvTable(metricsOfRuns(evaluation));
}

export function csvTable({ corners, columns, rows }: NumberTable): string {
  const parts = columns.map((column, c) =>
    partsOf(
      column,
      rows.map(({ cells }) => cells[c] ?? null),
    ),
  );
  const header = [
    ...corners.map((corner) => corner.toLowerCase().replaceAll(' ', '_')),
    ...parts.flatMap(({ header: own }) => own),
  ];
  const body = rows.map(({ names, cells }) => [
    ...names,
    ...parts.flatMap(({ read }, c) => read.map((part) => numberText(cells[c] ? part(cells[c]) : undefined))),
  ]);
  return formatCsv([header, ...body]);
}

interface Parts {
  readonly header: readonly string[];
  readonly read: readonly ((cell: NumberCell) => number | undefined)[];
}

/** The value, and what else any cell of the column has. */
function partsOf({ id }: NumberColumn, cells: readonly (NumberCell | null)[]): Parts {
  const header = [id];
  const read: ((cell: NumberCell) => number | undefined)[] = [(cell) => cell.value];
  if (cells.some((cell) => cell?.interval !== undefined)) {
    header.push(`${id}_low`, `${id}_high`);
    read.push(
      (cell) => cell.interval?.[0],
      (cell) => cell.interval?.[1],
    );
  }
  if (cells.some((cell) => cell?.deviation !== undefined)) {
    header.push(`${id}_sd`);
    read.push((cell) => cell.deviation);
  }
  return { header, read };
}

function numberText(value: number | undefined): string {
  return value === undefined ? '' : String(value);
}
