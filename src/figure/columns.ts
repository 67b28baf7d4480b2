// What stands beside each other in a figure: the picture itself, runs under methods, differences of two of them.
import { unknownName } from '../lib/names.ts';
import type { Report, ReportMethod, ReportRun } from '../report/report.ts';

export interface MapColumn {
  readonly kind: 'map';
  readonly run: ReportRun;
  readonly method: ReportMethod;
}

export type Column =
  | { readonly kind: 'input' }
  | MapColumn
  | { readonly kind: 'difference'; readonly first: MapColumn; readonly second: MapColumn };

/**
 * `names`: `input`, ids or names of runs, `a-vs-b` for a difference; absent: the picture and all runs. A run stands there
 * once for each of `methodIds`, by default all of the report. Throws GradcamError `unknown-run`, `unknown-method`.
 */
export function chooseColumns(
  report: Report,
  names: readonly string[] | undefined,
  methodIds: readonly string[] | undefined,
): readonly Column[] {
  const methods = (methodIds ?? report.methods.map(({ id }) => id)).map((id) => methodOf(report, id));
  const of = (run: ReportRun): MapColumn[] => methods.map((method) => ({ kind: 'map', run, method }));
  const wanted = names ?? ['input', ...report.runs.map(({ id }) => id)];
  return wanted.flatMap((name): Column[] => {
    const run = findRun(report, name);
    if (run !== undefined) return of(run);
    if (name === 'input') return [{ kind: 'input' }];
    const [first, second] = name.split('-vs-').map((part) => findRun(report, part));
    if (first === undefined || second === undefined)
      throw unknownName('run', name, ['input', ...report.runs.map(({ id }) => id)]);
    return of(first).map((column, i) => ({ kind: 'difference', first: column, second: of(second)[i]! }));
  });
}

/** Runs that appear, each once, in order. */
export function runsOf(columns: readonly Column[]): readonly ReportRun[] {
  return [...new Set(mapColumns(columns).map(({ run }) => run))];
}

export function methodsOf(columns: readonly Column[]): readonly ReportMethod[] {
  return [...new Set(mapColumns(columns).map(({ method }) => method))];
}

function mapColumns(columns: readonly Column[]): readonly MapColumn[] {
  return columns.flatMap((column) =>
    column.kind === 'map' ? [column] : column.kind === 'difference' ? [column.first, column.second] : [],
  );
}

function findRun({ runs }: Report, name: string): ReportRun | undefined {
  return runs.find(({ id }) => id === name) ?? runs.find((run) => run.name.toLowerCase() === name.toLowerCase());
}

function methodOf({ methods }: Report, id: string): ReportMethod {
  const found = methods.find((method) => method.id === id);
  if (found !== undefined) return found;
  throw unknownName(
    'method',
    id,
    methods.map((method) => method.id),
  );
}
