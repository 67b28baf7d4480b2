// Measures of many samples -> one line for each run and method, one for each pair: what tables and reports show.
import type { CellMeasure, Numbers, PairMeasure, SampleMeasure } from './measure.ts';

export interface MetricSummary {
  readonly mean: number;
  /** Samples that it is the mean of. */
  readonly n: number;
  /** The baselines' means over the same samples; null where the metric has none. */
  readonly random: number | null;
  readonly centred: number | null;
  /** Samples on which the map has the greater number than the centred spot; null where there is no such baseline. */
  readonly aboveCentred: number | null;
}

/** One run under one method. */
export interface ColumnSummary {
  readonly run: string;
  readonly method: string;
  /** Samples with a map. */
  readonly maps: number;
  /** Of them, maps without a positive value. */
  readonly zero: number;
  readonly metrics: Readonly<Record<string, MetricSummary>>;
}

/** Two runs under one method, or two methods under one run. */
export interface PairSummary {
  readonly a: { readonly run: string; readonly method: string };
  readonly b: { readonly run: string; readonly method: string };
  readonly metrics: Readonly<Record<string, { readonly mean: number; readonly n: number }>>;
}

export interface MapsSummary {
  /** Samples by what their masks are good for; null where no sample has a mask. */
  readonly masks: { readonly usable: number; readonly empty: number; readonly missing: number } | null;
  readonly columns: readonly ColumnSummary[];
  readonly pairs: readonly PairSummary[];
}

/** `masked[i]`: sample i has a mask file that could be read. */
export function summarize(samples: readonly SampleMeasure[], masked: readonly boolean[]): MapsSummary {
  const columns = grouped(
    samples.flatMap(({ cells }) => cells),
    ({ run, method }) => [run, method],
  );
  const pairs = grouped(
    samples.flatMap((sample) => sample.pairs),
    ({ a, b }) => [a.run, a.method, b.run, b.method],
  );
  const empty = samples.filter(({ cells }) => cells.some((cell) => cell.emptyMask)).length;
  const present = masked.filter(Boolean).length;
  return {
    masks: present === 0 ? null : { usable: present - empty, empty, missing: masked.length - present },
    columns: columns.map(columnSummary),
    pairs: pairs.map(pairSummary),
  };
}

function columnSummary(cells: readonly CellMeasure[]): ColumnSummary {
  const { run, method } = cells[0]!;
  const ids = new Set(cells.flatMap(({ metrics }) => Object.keys(metrics ?? {})));
  const metrics = [...ids].flatMap((id): [string, MetricSummary][] => {
    const defined = cells.filter((cell) => typeof cell.metrics?.[id] === 'number');
    if (defined.length === 0) return [];
    const values = defined.map((cell) => cell.metrics![id]!);
    const beside = (numbers: (cell: CellMeasure) => Numbers): (number | null)[] =>
      defined.map((cell) => numbers(cell)[id] ?? null);
    const centred = beside((cell) => cell.centred);
    return [
      [
        id,
        {
          mean: mean(values)!,
          n: values.length,
          random: mean(beside((cell) => cell.random)),
          centred: mean(centred),
          aboveCentred: centred.some((value) => value === null)
            ? null
            : values.filter((value, i) => value > centred[i]!).length,
        },
      ],
    ];
  });
  return {
    run,
    method,
    maps: cells.filter((cell) => cell.metrics !== null).length,
    zero: cells.filter((cell) => cell.zero).length,
    metrics: Object.fromEntries(metrics),
  };
}

function pairSummary(pairs: readonly PairMeasure[]): PairSummary {
  const { a, b, metrics } = pairs[0]!;
  const summary = Object.keys(metrics).flatMap((id): [string, { mean: number; n: number }][] => {
    const values = pairs.flatMap((pair) => pair.metrics[id] ?? []);
    return values.length === 0 ? [] : [[id, { mean: mean(values)!, n: values.length }]];
  });
  return { a, b, metrics: Object.fromEntries(summary) };
}

/** null where there is nothing, or where a number is missing. */
function mean(values: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const value of values) {
    if (value === null) return null;
    sum += value;
  }
  return values.length === 0 ? null : sum / values.length;
}

/** Items with equal keys together, in order of first appearance. */
function grouped<T>(items: readonly T[], key: (item: T) => readonly string[]): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const at = JSON.stringify(key(item));
    const group = groups.get(at);
    if (group === undefined) groups.set(at, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
