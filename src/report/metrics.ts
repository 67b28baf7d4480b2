// The metrics of run.json, whatever they are, as tables: scalars side by side, records per class, square matrices, the rest
// as text. Apart from view.ts because nothing here knows about maps.
import type { ReportRun } from './report.ts';
import { boxedSentence, nameToWords, numberText, type LongText } from './words.ts';

export interface MetricsTable {
  readonly title: string;
  readonly corner: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly name: string; readonly cells: readonly MetricCell[] }[];
}

export interface MetricCell {
  readonly text: string;
  /** Best of its column (scalars) or row (per class), among at least two different values. */
  readonly best: boolean;
}

export interface ConfusionTable {
  readonly run: string;
  readonly classes: readonly string[];
  /** One row per class; `level` 0..9 is the cell's share of its row, for the tint. */
  readonly rows: readonly {
    readonly name: string;
    readonly cells: readonly { readonly text: string; readonly level: number; readonly diagonal: boolean }[];
  }[];
}

export interface MetricsView {
  /** One row a run, one column a number; null where no run has any. */
  readonly scalars: MetricsTable | null;
  /** One table per record of numbers, e.g. F1 per class: one row a key, one column a run. */
  readonly records: readonly MetricsTable[];
  readonly confusions: readonly ConfusionTable[];
  /** Texts and everything else, one line each: which runs say it, under which name. */
  readonly remarks: readonly { readonly name: string; readonly runs: string | null; readonly text: LongText }[];
}

/** Titles of numbers that are better when higher, in the order they are shown; other names follow as they are. */
const knownTitles: Readonly<Record<string, string>> = {
  accuracy: 'Accuracy',
  balancedAccuracy: 'Balanced accuracy',
  macroPrecision: 'Macro precision',
  precision: 'Macro precision',
  macroRecall: 'Macro recall',
  recall: 'Macro recall',
  macroF1: 'Macro F1',
  f1: 'Macro F1',
  weightedF1: 'Weighted F1',
  auroc: 'AUROC',
  macroAuroc: 'Macro AUROC',
};
const longestRemark = 2000;

/** Metrics of all runs as tables; null where no run.json has any. Pure. */
export function metricsView(runs: readonly ReportRun[]): MetricsView | null {
  const withMetrics = runs.filter((run) => run.metrics !== null && Object.keys(run.metrics).length > 0);
  if (withMetrics.length === 0) return null;
  const kinds = kindsByName(withMetrics);
  const names = [...kinds.keys()];
  const known = Object.keys(knownTitles);
  const rank = (name: string): number => (known.includes(name) ? known.indexOf(name) : known.length);
  const scalars = names.filter((name) => kinds.get(name) === 'number').sort((a, b) => rank(a) - rank(b));
  return {
    scalars: scalars.length === 0 ? null : scalarTable(withMetrics, scalars),
    records: names.filter((name) => kinds.get(name) === 'record').map((name) => recordTable(withMetrics, name)),
    confusions: names
      .filter((name) => kinds.get(name) === 'matrix')
      .flatMap((name) => confusionTables(withMetrics, name)),
    remarks: names.filter((name) => kinds.get(name) === 'other').flatMap((name) => remarks(withMetrics, name)),
  };
}

type Kind = 'number' | 'record' | 'matrix' | 'other';

/** The kind of each metric, in order of first appearance; runs that disagree make it `other`. */
function kindsByName(runs: readonly ReportRun[]): Map<string, Kind> {
  const kinds = new Map<string, Kind>();
  for (const run of runs) {
    for (const [name, value] of Object.entries(run.metrics ?? {})) {
      const kind = kindOf(value);
      const before = kinds.get(name);
      kinds.set(name, before === undefined || before === kind ? kind : 'other');
    }
  }
  return kinds;
}

function kindOf(value: unknown): Kind {
  if (typeof value === 'number') return 'number';
  if (isNumberMatrix(value)) return 'matrix';
  if (isNumberRecord(value)) return 'record';
  return 'other';
}

function isNumberRecord(value: unknown): value is Record<string, number> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const values = Object.values(value);
  return values.length > 0 && values.every((item) => typeof item === 'number');
}

/** A square matrix of at most 200 classes: beyond that a table of it helps nobody. */
function isNumberMatrix(value: unknown): value is number[][] {
  if (!Array.isArray(value) || value.length === 0 || value.length > 200) return false;
  const rows: unknown[] = value;
  return rows.every(
    (row) => Array.isArray(row) && row.length === rows.length && row.every((item) => typeof item === 'number'),
  );
}

function metric(run: ReportRun, name: string): unknown {
  return run.metrics !== null && Object.hasOwn(run.metrics, name) ? run.metrics[name] : undefined;
}

function scalarTable(runs: readonly ReportRun[], names: readonly string[]): MetricsTable {
  const columns = names.map((name) => runs.map((run) => metric(run, name)));
  const best = columns.map((values, i) => (Object.hasOwn(knownTitles, names[i] ?? '') ? bestOf(values) : null));
  return {
    title: 'Metrics stated',
    corner: 'Run',
    columns: names.map(
      (name) => (Object.hasOwn(knownTitles, name) ? knownTitles[name] : undefined) ?? nameToWords(name),
    ),
    rows: runs.map((run, r) => ({
      name: run.name,
      cells: columns.map((values, c) => metricCell(values[r], best[c] ?? null)),
    })),
  };
}

function recordTable(runs: readonly ReportRun[], name: string): MetricsTable {
  const records = runs.map((run) => metric(run, name)).map((value) => (isNumberRecord(value) ? value : {}));
  const keys = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const perClass = /^perClass([A-Z].*)$/.exec(name)?.[1];
  return {
    title:
      perClass === undefined
        ? nameToWords(name)
        : `${nameToWords(perClass.charAt(0).toLowerCase() + perClass.slice(1))} per class`,
    corner: perClass === undefined ? '' : 'Class',
    columns: runs.map((run) => run.name),
    rows: keys.map((key) => {
      const values = records.map((record) => (Object.hasOwn(record, key) ? record[key] : undefined));
      const best = perClass === undefined ? null : bestOf(values);
      return { name: key, cells: values.map((value) => metricCell(value, best)) };
    }),
  };
}

/** The greatest number as it is shown, where at least two runs have one and what is shown of them differs. */
function bestOf(values: readonly unknown[]): string | null {
  const numbers = values.filter((value): value is number => typeof value === 'number' && Number.isFinite(value));
  const best = metricText(Math.max(...numbers));
  return numbers.some((value) => metricText(value) !== best) ? best : null;
}

function metricCell(value: unknown, best: string | null): MetricCell {
  if (typeof value !== 'number') return { text: '–', best: false };
  const text = metricText(value);
  return { text, best: text === best };
}

function metricText(value: number): string {
  const fraction = !Number.isInteger(value) && Math.abs(value) < 100 && Math.abs(value) >= 0.0005;
  return fraction ? value.toFixed(3) : numberText(value);
}

function confusionTables(runs: readonly ReportRun[], name: string): ConfusionTable[] {
  return runs.flatMap((run) => {
    const matrix = metric(run, name);
    if (!isNumberMatrix(matrix)) return [];
    const classes = matrix.map(
      (_, i) => (run.classes.length === matrix.length ? run.classes[i] : undefined) ?? String(i),
    );
    return [confusionTable(run.name, classes, matrix)];
  });
}

/** Square `matrix`, row: true class; `classes` name both. */
export function confusionTable(
  run: string,
  classes: readonly string[],
  matrix: readonly (readonly number[])[],
): ConfusionTable {
  const rows = matrix.map((row, r) => {
    const total = row.reduce((sum, value) => sum + Math.max(value, 0), 0);
    const cells = row.map((value, c) => ({
      text: numberText(value),
      level: total > 0 ? Math.max(0, Math.min(9, Math.round((9 * value) / total))) : 0,
      diagonal: r === c,
    }));
    return { name: classes[r] ?? String(r), cells };
  });
  return { run, classes, rows };
}

/** One line per distinct value, naming the runs that have it unless all have. */
function remarks(runs: readonly ReportRun[], name: string): { name: string; runs: string | null; text: LongText }[] {
  const runsByText = new Map<string, string[]>();
  for (const run of runs) {
    const value = metric(run, name);
    if (value === undefined) continue;
    const whole = typeof value === 'string' ? value : (JSON.stringify(value) ?? '–');
    const text = whole.length > longestRemark ? `${whole.slice(0, longestRemark)}…` : whole;
    runsByText.set(text, [...(runsByText.get(text) ?? []), run.name]);
  }
  return [...runsByText].map(([text, sayers]) => ({
    name: nameToWords(name),
    runs: sayers.length === runs.length ? null : sayers.join(', '),
    text: boxedSentence(text),
  }));
}
