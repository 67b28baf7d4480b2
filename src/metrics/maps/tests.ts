// Map metrics of many samples under several runs: means with intervals, and paired tests. What is compared are runs on the same
// pictures, so differences are taken picture by picture. Demsar 2006, JMLR 7:1, for the choice of tests.
import { bootstrap, percentileInterval } from '../../stats/bootstrap.ts';
import { friedman } from '../../stats/friedman.ts';
import { holm } from '../../stats/holm.ts';
import { indexNames } from '../../stats/resampling.ts';
import { wilcoxon } from '../../stats/wilcoxon.ts';
import type { SampleMeasure } from './measure.ts';
import { summarize, type ColumnSummary, type MapsSummary, type MetricSummary } from './summary.ts';

/** A sample as tests see it. */
export interface TestedSample extends SampleMeasure {
  readonly masked: boolean;
  /** Lesion or patient; null: a group of its own. Pictures of one group are no independent evidence. */
  readonly group: string | null;
}

export interface TestedMetric extends MetricSummary {
  /** Ends of the 95 % interval of the mean, of a bootstrap over groups; null where none was drawn. */
  readonly interval: readonly [number, number] | null;
  /** Wilcoxon's signed-rank test against the centred spot on the same pictures; null where there is no such baseline. */
  readonly beside: { readonly p: number | null; readonly rankBiserial: number } | null;
}

export interface TestedColumn extends Omit<ColumnSummary, 'metrics'> {
  readonly metrics: Readonly<Record<string, TestedMetric>>;
}

/** Two runs under one method, on the pictures where both have the number. */
export interface TestedPair {
  readonly first: string;
  readonly second: string;
  /** Groups compared. */
  readonly n: number;
  /** Mean of first minus second. */
  readonly difference: number;
  /** Wilcoxon's signed-rank test, two-sided; null where every difference is zero. */
  readonly p: number | null;
  /** Corrected by Holm for the pairs of this metric and method. */
  readonly adjustedP: number | null;
  /** Matched-pairs rank-biserial correlation, -1..1: above 0 where the first is greater. */
  readonly rankBiserial: number;
}

export interface MetricTests {
  readonly method: string;
  readonly metric: string;
  /** Friedman's test over all runs, on the groups where all have the number; null with fewer than three runs or two groups. */
  readonly friedman: {
    readonly chiSquare: number;
    readonly df: number;
    readonly p: number;
    readonly n: number;
    /** Kendall's W, 0..1. */
    readonly agreement: number;
  } | null;
  readonly pairs: readonly TestedPair[];
}

export interface TestedMaps extends Omit<MapsSummary, 'columns'> {
  readonly columns: readonly TestedColumn[];
  readonly tests: readonly MetricTests[];
}

export interface TestOptions {
  /** Replicates of the bootstrap; 0: no intervals. */
  readonly bootstrap: number;
  readonly seed: number;
}

/** `runs` and `methods` in the order of the tables. */
export function testMaps(
  samples: readonly TestedSample[],
  { runs, methods }: { readonly runs: readonly string[]; readonly methods: readonly string[] },
  options: TestOptions,
): TestedMaps {
  const summary = summarize(
    samples,
    samples.map(({ masked }) => masked),
  );
  const columns = summary.columns.map((column) => testedColumn(samples, column, options));
  const tests = methods.flatMap((method) => {
    const ids = new Set(columns.filter((one) => one.method === method).flatMap(({ metrics }) => Object.keys(metrics)));
    return runs.length < 2 ? [] : [...ids].map((metric) => testMetric(samples, { runs, method, metric }));
  });
  return { ...summary, columns, tests };
}

function testedColumn(samples: readonly TestedSample[], column: ColumnSummary, options: TestOptions): TestedColumn {
  const metrics = Object.entries(column.metrics).map(([id, summary]): [string, TestedMetric] => {
    const values = numbersOf(samples, column, id, 'metrics');
    const centred = numbersOf(samples, column, id, 'centred');
    const groups = samples.map(({ group }) => group);
    return [
      id,
      {
        ...summary,
        interval: options.bootstrap === 0 ? null : meanInterval(values, groups, options),
        beside: summary.centred === null ? null : besideCentred(values, centred, groups),
      },
    ];
  });
  return { ...column, metrics: Object.fromEntries(metrics) };
}

function besideCentred(
  values: readonly (number | null)[],
  centred: readonly (number | null)[],
  groups: readonly (string | null)[],
): TestedMetric['beside'] {
  const { p, rankBiserial } = wilcoxon(byGroup(differencesOf(values, centred), groups).flatMap((value) => value ?? []));
  return { p: Number.isNaN(p) ? null : p, rankBiserial };
}

/** Percentile interval of the mean; null with fewer than two numbers. */
function meanInterval(
  values: readonly (number | null)[],
  groups: readonly (string | null)[],
  { bootstrap: count, seed }: TestOptions,
): readonly [number, number] | null {
  const there = [...values.keys()].filter((i) => values[i] !== null);
  if (there.length < 2) return null;
  const numbers = there.map((i) => values[i]!);
  const { replicates } = bootstrap(
    (weights) => {
      let [sum, total] = [0, 0];
      for (let i = 0; i < numbers.length; i++) {
        sum += weights[i]! * numbers[i]!;
        total += weights[i]!;
      }
      return [total > 0 ? sum / total : NaN];
    },
    { size: numbers.length, groups: indexNames(there.map((i) => groups[i]!)), strata: null, count, seed },
  );
  const { low, high } = percentileInterval(replicates[0]!);
  return [low, high];
}

function testMetric(
  samples: readonly TestedSample[],
  { runs, method, metric }: { runs: readonly string[]; method: string; metric: string },
): MetricTests {
  const groups = samples.map(({ group }) => group);
  const columns = runs.map((run) => numbersOf(samples, { run, method }, metric, 'metrics'));
  const pairs = runs.flatMap((first, i) =>
    runs.slice(i + 1).map((second, k): Omit<TestedPair, 'adjustedP'> => {
      const differences = byGroup(differencesOf(columns[i]!, columns[i + 1 + k]!), groups).flatMap(
        (value) => value ?? [],
      );
      const { p, rankBiserial } = wilcoxon(differences);
      return {
        first,
        second,
        n: differences.length,
        difference: differences.length === 0 ? 0 : differences.reduce((a, b) => a + b, 0) / differences.length,
        p: Number.isNaN(p) ? null : p,
        rankBiserial,
      };
    }),
  );
  const adjusted = holm(pairs.map(({ p }) => p ?? NaN));
  return {
    method,
    metric,
    friedman: friedmanOf(columns, groups),
    pairs: pairs.map((pair, i) => ({ ...pair, adjustedP: pair.p === null ? null : adjusted[i]! })),
  };
}

function friedmanOf(
  columns: readonly (readonly (number | null)[])[],
  groups: readonly (string | null)[],
): MetricTests['friedman'] {
  if (columns.length < 3) return null;
  const complete = columns[0]!.map((_, i) => columns.every((column) => column[i] !== null));
  const means = columns.map((column) =>
    byGroup(
      column.map((value, i) => (complete[i] ? value : null)),
      groups,
    ),
  );
  const rows = means[0]!.flatMap((value, g) => (value === null ? [] : [means.map((column) => column[g]!)]));
  if (rows.length < 2) return null;
  const { chiSquare, df, p, agreement } = friedman(rows);
  return Number.isFinite(p) ? { chiSquare, df, p, n: rows.length, agreement } : null;
}

/** One for each sample; null where the map has no such number. */
function numbersOf(
  samples: readonly TestedSample[],
  { run, method }: { readonly run: string; readonly method: string },
  id: string,
  of: 'metrics' | 'centred',
): (number | null)[] {
  return samples.map(({ cells }) => {
    const cell = cells.find((one) => one.run === run && one.method === method);
    return cell?.[of]?.[id] ?? null;
  });
}

function differencesOf(a: readonly (number | null)[], b: readonly (number | null)[]): (number | null)[] {
  return a.map((value, i) => (value === null || b[i] == null ? null : value - b[i]));
}

/** Means over the pictures of each group that have a number; null for groups without one. */
function byGroup(values: readonly (number | null)[], groups: readonly (string | null)[]): (number | null)[] {
  const sums = new Map<number, { sum: number; count: number }>();
  for (const [i, group] of indexNames(groups).entries()) {
    const known = sums.get(group) ?? { sum: 0, count: 0 };
    const value = values[i] ?? null;
    if (value !== null) {
      known.sum += value;
      known.count++;
    }
    sums.set(group, known);
  }
  return [...sums.values()].map(({ sum, count }) => (count === 0 ? null : sum / count));
}
