// Every cell of a report as one line of a table, for spreadsheets, R and pandas.
import { formatCsv } from '../lib/csv.ts';
import type { Payload } from './payload.ts';
import type { Report, ReportCell } from './report.ts';

const header = [
  'sample',
  'run',
  'method',
  'label',
  'target',
  'target_index',
  'predicted',
  'predicted_index',
  'probability',
  'logit',
  'correct',
  'map_min',
  'map_max',
  'map_sum',
  'inside_mask',
  'scale_max',
  'note',
] as const;

/**
 * A header and a line for each cell, in the report's order. What is not known is an empty cell. `map_sum` is the sum of
 * the positive values, `inside_mask` the share of it that lies inside the sample's mask, 0..1, on the map interpolated over
 * the picture; `scale_max` the value that the overlay draws with the last colour.
 */
export function cellsCsv(report: Report, payload: Payload): string {
  const rows = new Map(report.samples.map((sample, index) => [sample.id, index]));
  const columns = new Map(
    report.runs.flatMap((run, r) =>
      report.methods.map((method, m) => [JSON.stringify([run.id, method.id]), r * report.methods.length + m]),
    ),
  );
  const lines = report.cells.map((cell) => {
    const row = rows.get(cell.sample) ?? -1;
    const column = columns.get(JSON.stringify([cell.run, cell.method])) ?? -1;
    const packed = payload.cells[row * payload.columns.length + column] ?? null;
    return lineOf(cell, report.samples[row]?.label ?? null, packed?.grid?.[4] ?? null, packed?.inside ?? null);
  });
  return formatCsv([header, ...lines]);
}

function lineOf(cell: ReportCell, label: string | null, sum: number | null, inside: number | null): string[] {
  const { target, predicted, range } = cell;
  const values: Readonly<Record<(typeof header)[number], string | number | boolean | null>> = {
    sample: cell.sample,
    run: cell.run,
    method: cell.method,
    label,
    target: target?.name ?? null,
    target_index: target?.index ?? null,
    predicted: predicted?.name ?? null,
    predicted_index: predicted?.index ?? null,
    probability: predicted?.probability ?? null,
    logit: cell.logit,
    correct: cell.correct,
    map_min: range?.[0] ?? null,
    map_max: range?.[1] ?? null,
    map_sum: sum,
    inside_mask: inside,
    scale_max: cell.scaleMax,
    note: cell.note,
  };
  return header.map((name) => String(values[name] ?? ''));
}
