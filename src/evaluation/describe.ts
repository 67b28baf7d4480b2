// What was measured -> evaluation.json: numbers named, what a reader must know before comparing, nothing that is not a number.
import type { ClassTable } from './class-table.ts';
import type { Classifier } from './classifiers.ts';
import type { EvaluationData as OpenedData } from './data.ts';
import type { Measured, MeasuredRun } from './measure.ts';
import type { EvaluateOptions } from './options.ts';
import { countClasses, type DatasetItem } from '../datasets/dataset.ts';
import { overlapWarning } from '../datasets/overlap.ts';
import { formatCount } from '../lib/format.ts';
import { comparedNumbers, type ComparedNumber, type PairedTests } from '../metrics/predictions/pairs.ts';
import {
  classNumbers,
  placeOfClass,
  placeOfRun,
  runNumbers,
  type ClassNumber,
  type RunNumber,
} from '../metrics/predictions/resampled.ts';
import { seedDifferences, seedGroups, seedInName, spreadOf } from '../metrics/predictions/seeds.ts';
import type {
  Evaluation,
  EvaluationClass,
  EvaluationRun,
  EvaluationSeeds,
  EvaluationTests,
  IntervalEnds,
} from '../report/evaluation/evaluation.ts';
import { mapsSection } from '../report/evaluation/maps-section.ts';
import type { MapsEvaluation } from '../report/evaluation/maps.ts';
import { libraryVersions, packageVersion } from '../lib/version.ts';

export interface DescribedEvaluation {
  readonly options: EvaluateOptions;
  readonly data: OpenedData;
  /** Pictures that were read. */
  readonly items: readonly DatasetItem[];
  readonly table: ClassTable;
  readonly runs: readonly Classifier[];
  readonly measured: Measured;
  /** SHA-256 of each run's files. */
  readonly hashes: readonly string[];
  readonly skipped: Evaluation['skipped'];
  readonly notes: readonly string[];
  readonly maps: MapsEvaluation | null;
  readonly timings: Evaluation['timings'];
}

const INTERVAL_LEVEL = 0.95;
/** Below this many pictures two honest accuracies differ by chance by more than losses do: 1.96 sqrt(0.25 / 200) is 7 %. */
const FEW_PICTURES = 200;

export function describeEvaluation(described: DescribedEvaluation): Evaluation {
  const { options, data, items, table, runs, measured, hashes, skipped, notes, maps, timings } = described;
  const { dataset } = data;
  const evaluated = runs.map((run, i) => describeRun(run, measured.runs[i]!, table, hashes[i]!));
  return {
    schema: 'gradcam/evaluation@1',
    tool: { name: 'gradcam', version: packageVersion(), libraries: libraryVersions() },
    created: new Date().toISOString(),
    command: options.command,
    options: {
      bootstrap: options.bootstrap,
      interval: options.interval,
      level: INTERVAL_LEVEL,
      seed: options.seed,
      batch: options.batch,
      threads: options.threads ?? null,
      engine: options.engine,
    },
    data: {
      root: dataset.root,
      dataset: dataset.id,
      title: dataset.title,
      synthetic: dataset.synthetic,
      multiLabel: dataset.multiLabel,
      split: data.split.name,
      splitWhy: data.split.why,
      samples: items.length,
      groups: measured.groups,
      classes: table.classes,
      counts: countClasses(items, table.classes.length),
      licence: dataset.licence,
      citation: dataset.citation,
    },
    runs: evaluated,
    tests: measured.tests && describeTests(measured.tests, evaluated),
    seeds: describeSeeds(evaluated, runs),
    maps,
    sections: maps === null ? [] : [mapsSection(maps, evaluated, options.seed)],
    skipped,
    warnings: warningsOf(described),
    notes: [...dataset.notes, ...table.notes, ...notes],
    timings,
  };
}

function describeRun(run: Classifier, measured: MeasuredRun, table: ClassTable, sha256: string): EvaluationRun {
  const { model, run: spec } = run.prepared;
  const { single, multi, intervals } = measured;
  const both = single ?? multi!;
  const named = seedInName(run.id);
  const seed = typeof spec.raw.seed === 'number' ? spec.raw.seed : (named?.seed ?? null);
  return {
    run: run.id,
    name: run.name,
    path: model.path,
    format: model.format,
    sha256,
    loss: spec.loss ?? named?.loss ?? null,
    seed,
    synthetic: spec.synthetic ?? false,
    logitScale: run.head.logitScale,
    assumed: run.assumed,
    accuracy: single?.accuracy ?? multi!.exactMatch,
    balancedAccuracy: both.balancedAccuracy,
    ...both.macro,
    weighted: both.weighted,
    micro: multi?.micro ?? null,
    auroc: orNull(both.auroc),
    averagePrecision: orNull(both.averagePrecision),
    kappa: orNull(single?.kappa ?? NaN),
    nll: orNull(single?.nll ?? NaN),
    brier: orNull(single?.brier ?? NaN),
    ece: orNull(single?.calibration.ece ?? NaN),
    calibration: single && {
      mce: single.calibration.mce,
      overconfidence: single.calibration.overconfidence,
      bins: single.calibration.bins,
    },
    odir: multi?.odir ?? null,
    perClass: both.perClass.map(
      ({ precision, recall, f1, support, predicted, auroc, averagePrecision }, c): EvaluationClass => ({
        class: table.classes[c]!,
        precision,
        recall,
        f1,
        support,
        predicted,
        auroc: orNull(auroc),
        averagePrecision: orNull(averagePrecision),
        intervals: ends(classNumbers, (name: ClassNumber) => intervals?.[placeOfClass(c, name)]),
      }),
    ),
    confusion: single?.confusion ?? null,
    intervals: ends(runNumbers, (name: RunNumber) => intervals?.[placeOfRun(name)]),
  };
}

/** Intervals that exist, by name. */
function ends<Name extends string>(
  names: readonly Name[],
  intervalOf: (name: Name) => { readonly low: number; readonly high: number } | undefined,
): Partial<Record<Name, IntervalEnds>> {
  const found: Partial<Record<Name, IntervalEnds>> = {};
  for (const name of names) {
    const interval = intervalOf(name);
    if (interval !== undefined && !Number.isNaN(interval.low)) found[name] = [interval.low, interval.high];
  }
  return found;
}

function describeTests({ cochran, pairs }: PairedTests, runs: readonly EvaluationRun[]): EvaluationTests {
  return {
    cochran,
    pairs: pairs.map(({ first, second, mcnemar, differences }) => ({
      first: runs[first]!.run,
      second: runs[second]!.run,
      mcnemar,
      differences:
        differences &&
        byNumber((name) => {
          const { value, low, high, p, adjustedP } = differences[name];
          return {
            value: orNull(value),
            low: orNull(low),
            high: orNull(high),
            p: orNull(p),
            adjustedP: orNull(adjustedP),
          };
        }),
    })),
  };
}

/** null where no loss has several runs. */
function describeSeeds(evaluated: readonly EvaluationRun[], runs: readonly Classifier[]): EvaluationSeeds | null {
  const kinds = runs.map(({ prepared }) => JSON.stringify([prepared.run.raw.backbone, prepared.run.architecture]));
  const groups = seedGroups(evaluated.map(({ loss, seed }, i) => ({ loss, seed, kind: kinds[i]! })));
  if (groups.length === 0) return null;
  const spread = (members: readonly number[], name: ComparedNumber) =>
    spreadOf(members.map((run) => evaluated[run]![name] ?? NaN));
  const f1 = groups.map((group) => spread(group.runs, 'f1'));
  return {
    groups: groups.map(({ loss, runs: members, seeds }) => ({
      loss,
      runs: members.map((run) => evaluated[run]!.run),
      seeds,
      numbers: byNumber((name) => {
        const { mean, deviation, values } = spread(members, name);
        return { mean: orNull(mean), deviation: orNull(deviation), values: values.map(orNull) };
      }),
    })),
    differences: seedDifferences(f1).map(({ first, second, ...rest }) => ({
      first: groups[first]!.loss,
      second: groups[second]!.loss,
      ...rest,
    })),
  };
}

function byNumber<T>(of: (name: ComparedNumber) => T): Record<ComparedNumber, T> {
  return Object.fromEntries(comparedNumbers.map((name) => [name, of(name)])) as Record<ComparedNumber, T>;
}

function warningsOf({ data, items, table, runs, measured }: DescribedEvaluation): string[] {
  const { dataset, trainedOn } = data;
  const warnings: string[] = [];
  const synthetic = runs.filter((run) => run.prepared.run.synthetic);
  if (dataset.synthetic || synthetic.length > 0)
    warnings.push('Synthetic data: drawn pictures, not patients. The numbers say nothing about medicine.');
  for (const run of runs) {
    const count = trainedOn.get(run.id) ?? 0;
    if (count > 0)
      warnings.push(
        `${run.name} was trained on ${count} of the ${formatCount(items.length, 'picture')}, by its split.csv: its numbers are too good.`,
      );
  }
  for (const run of runs) {
    const id = trainedFormat(run.prepared.run.raw.dataset);
    const overlap = id === null ? [] : overlapWarning({ id }, dataset);
    warnings.push(...overlap.map((sentence) => `${run.name}: ${sentence}`));
  }
  warnings.push(...table.warnings);
  if (dataset.multiLabel) {
    const exclusive = runs.filter(({ head }) => head.activation !== 'sigmoid');
    if (exclusive.length > 0)
      warnings.push(
        `Pictures have several labels, but the classes of ${exclusive.map(({ name }) => name).join(', ')} exclude each other (softmax).`,
      );
  }
  if (items.length < FEW_PICTURES)
    warnings.push(
      `Only ${formatCount(items.length, 'picture')}: chance moves an accuracy by up to ${Math.round(98 / Math.sqrt(items.length))} percentage points here. Read the intervals, not the ranks.`,
    );
  if (measured.groups !== null && measured.groups < items.length)
    warnings.push(
      `${formatCount(items.length, 'picture')} show ${formatCount(measured.groups, 'lesion or patient', 'lesions or patients')}: intervals draw those. McNemar's test takes every picture for independent; "p by groups" does not.`,
    );
  return [...warnings, ...dataset.warnings];
}

/** Id of the dataset that run.json says the run was trained on: `"dataset": "ham10000"`, or an object with a `format`. */
function trainedFormat(dataset: unknown): string | null {
  if (typeof dataset === 'string') return dataset;
  if (typeof dataset !== 'object' || dataset === null || !('format' in dataset)) return null;
  return typeof dataset.format === 'string' ? dataset.format : null;
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
