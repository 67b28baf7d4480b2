// Maps of an evaluation as tables for machines: a row for every map, a row for every test.
import { join } from 'node:path';
import type { MeasuredMaps } from './maps.ts';
import { formatCsv } from '../lib/csv.ts';
import { writeFileAtomic } from '../lib/files.ts';
import { csvTable } from '../report/evaluation/csv-table.ts';
import type { EvaluationRun } from '../report/evaluation/evaluation.ts';
import { testsTable } from '../report/evaluation/maps-section.ts';

/** Writes maps.csv and, with several runs, map-tests.csv into `folder`. */
export async function writeMaps(maps: MeasuredMaps, runs: readonly EvaluationRun[], folder: string): Promise<void> {
  await writeFileAtomic(join(folder, 'maps.csv'), mapsCsv(maps));
  const tests = testsTable(maps.evaluation, runs, maps.evaluation.metrics, 'map-tests');
  if (tests !== null) await writeFileAtomic(join(folder, 'map-tests.csv'), csvTable(tests));
}

/** `sample,group,run,method,target,<metric>...,centred_<metric>...,random_<metric>...`; empty where there is no such number. */
function mapsCsv({ evaluation, runs, methods, rows }: MeasuredMaps): string {
  const metrics = evaluation.metrics.filter((id) =>
    rows.some(({ cells }) => cells.some((cell) => id in (cell.metrics ?? {}))),
  );
  const baselines = metrics.filter((id) => rows.some(({ cells }) => cells.some((cell) => id in cell.centred)));
  const snake = (id: string): string => id.replaceAll('-', '_');
  const text = (value: number | null | undefined): string =>
    value == null ? '' : String(Number(value.toPrecision(9)));
  const header = [
    ...['sample', 'group', 'run', 'method', 'target'],
    ...metrics.map(snake),
    ...['centred', 'random'].flatMap((of) => baselines.map((id) => `${of}_${snake(id)}`)),
  ];
  const body = rows.flatMap(({ item, targets, cells }) =>
    cells.map((cell, i) => [
      ...[item.id, item.group ?? '', runs[Math.floor(i / methods.length)]!, cell.method],
      targets[Math.floor(i / methods.length)]!,
      ...metrics.map((id) => text(cell.metrics?.[id])),
      ...[cell.centred, cell.random].flatMap((numbers) => baselines.map((id) => text(numbers[id]))),
    ]),
  );
  return formatCsv([header, ...body]);
}
