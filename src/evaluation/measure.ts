// Logits of every run -> numbers: metrics, their intervals, tests between runs.
import { probabilities, topIndex, twoSidedLogits } from '../classes.ts';
import type { ClassTable } from './class-table.ts';
import type { Classifier } from './classifiers.ts';
import type { DatasetItem } from '../datasets/dataset.ts';
import type { EvaluateOptions } from './options.ts';
import { multiLabelMetrics, type MultiLabelMetrics } from '../metrics/predictions/multi-label.ts';
import { compareRuns, type PairedTests } from '../metrics/predictions/pairs.ts';
import {
  classNumbers,
  multiLabelStatistic,
  runNumbers,
  sideBySide,
  singleLabelStatistic,
} from '../metrics/predictions/resampled.ts';
import { rightOf, singleLabelMetrics, type SingleLabelMetrics } from '../metrics/predictions/single-label.ts';
import {
  bcaInterval,
  bootstrap,
  percentileInterval,
  type Bootstrap,
  type Interval,
  type Statistic,
} from '../stats/bootstrap.ts';
import { indexNames, type Design } from '../stats/resampling.ts';

/** What one run says of every picture, over the classes of the evaluation. */
export interface RunPredictions {
  /** `[pictures * classes]`; NaN for a class that the run does not have. */
  readonly probabilities: Float64Array;
  /** Index of the most probable class, per picture. */
  readonly predicted: Int32Array;
  /** 1 where right; with several labels a picture, where every class is. */
  readonly right: Uint8Array;
}

export interface MeasuredRun {
  readonly predictions: RunPredictions;
  readonly single: SingleLabelMetrics | null;
  readonly multi: MultiLabelMetrics | null;
  /** Of `runNumbers`, then of `classNumbers` class by class; null without a bootstrap. */
  readonly intervals: readonly Interval[] | null;
}

export interface Measured {
  readonly runs: readonly MeasuredRun[];
  /** null with one run. */
  readonly tests: PairedTests | null;
  /** Lesions or patients; null where the data names none, or each has one picture. */
  readonly groups: number | null;
}

export interface Measurable {
  readonly items: readonly DatasetItem[];
  readonly multiLabel: boolean;
  readonly table: ClassTable;
  readonly runs: readonly Classifier[];
  /** `[run][picture]`. */
  readonly logits: readonly (readonly Float32Array[])[];
}

export function measure(input: Measurable, options: EvaluateOptions): Measured {
  const { items, multiLabel, table, runs } = input;
  const classes = table.classes.length;
  const labels = Int32Array.from(items, ({ label }) => label);
  const truth = Uint8Array.from({ length: items.length * classes }, (_, i) => {
    const item = items[Math.floor(i / classes)]!;
    return item.labels?.[i % classes] ?? 0;
  });
  const found = runs.map((_, run) => predictionsOf(input, run));
  const measured = found.map(({ probabilities: p, predicted }, run) => {
    if (multiLabel) {
      const predictions = { classes, truth, probabilities: p.map((value) => (Number.isNaN(value) ? 0 : value)) };
      const right = exactMatches(predictions.probabilities, truth, classes);
      const multi = multiLabelMetrics(predictions);
      return { right, single: null, multi, statistic: multiLabelStatistic(predictions) };
    }
    const isDistribution = isDistributionOver(labels, runs[run]!, table.places[run]!);
    const predictions = { classes, labels, predicted, probabilities: p, isDistribution };
    const single = singleLabelMetrics(predictions);
    return { right: rightOf(predictions), single, multi: null, statistic: singleLabelStatistic(predictions) };
  });
  const design = designOf(items, multiLabel ? null : labels);
  const numbersPerRun = runNumbers.length + classes * classNumbers.length;
  const draws = drawn(
    measured.map(({ statistic }) => statistic),
    design,
    options,
  );
  return {
    runs: measured.map(({ right, single, multi }, run) => ({
      predictions: { ...found[run]!, right },
      single,
      multi,
      intervals: draws && intervalsOf(draws, run * numbersPerRun, numbersPerRun, options.interval),
    })),
    tests:
      runs.length < 2
        ? null
        : compareRuns(
            measured.map(({ right }) => right),
            draws,
            { design, seed: options.seed, interval: options.interval, numbersPerRun },
          ),
    groups: design.groups === null ? null : new Set(Array.from(design.groups)).size,
  };
}

/** Probabilities and top class of a run, its classes moved to their places among those of the evaluation. */
function predictionsOf({ table, runs, logits }: Measurable, run: number): Omit<RunPredictions, 'right'> {
  const classes = table.classes.length;
  const places = table.places[run]!;
  const { head } = runs[run]!;
  const rows = logits[run]!;
  const moved = new Float64Array(rows.length * classes).fill(NaN);
  const predicted = new Int32Array(rows.length);
  for (const [picture, row] of rows.entries()) {
    const values = probabilities(twoSidedLogits(row), head);
    for (const [own, value] of values.entries()) {
      const at = picture * classes + places[own]!;
      moved[at] = Math.max(Number.isNaN(moved[at]!) ? 0 : moved[at]!, value); // a name that a run has twice
    }
    predicted[picture] = places[topIndex(values)]!;
  }
  return { probabilities: moved, predicted };
}

/** Sigmoids of several classes are no distribution; nor is one that leaves out a class that has pictures. */
function isDistributionOver(labels: Int32Array, { head }: Classifier, places: Int32Array): boolean {
  return (head.activation !== 'sigmoid' || head.logits === 1) && labels.every((label) => places.includes(label));
}

function exactMatches(p: Float64Array, truth: Uint8Array, classes: number): Uint8Array {
  return Uint8Array.from({ length: truth.length / classes }, (_, picture) => {
    for (let c = picture * classes; c < (picture + 1) * classes; c++) if (Number(p[c]! > 0.5) !== truth[c]) return 0;
    return 1;
  });
}

/** Groups are drawn where the data names any that have several pictures; labels are the strata. */
function designOf(items: readonly DatasetItem[], labels: Int32Array | null): Design {
  const groups = indexNames(items.map(({ group }) => group));
  const isGrouped = new Set(groups).size < items.length;
  return { size: items.length, groups: isGrouped ? groups : null, strata: labels };
}

function drawn(statistics: readonly Statistic[], design: Design, options: EvaluateOptions): Bootstrap | null {
  if (options.bootstrap === 0) return null;
  return bootstrap(sideBySide(statistics), { ...design, count: options.bootstrap, seed: options.seed });
}

function intervalsOf(
  { replicates, estimate, jackknife }: Bootstrap,
  from: number,
  count: number,
  kind: EvaluateOptions['interval'],
): Interval[] {
  return Array.from({ length: count }, (_, i) => {
    const at = from + i;
    return kind === 'percentile'
      ? percentileInterval(replicates[at]!)
      : bcaInterval(replicates[at]!, estimate[at]!, jackknife()[at]!);
  });
}
