// The spine of an evaluation: runs and labelled pictures -> logits -> metrics, intervals, paired tests -> files.
//
//   models ──── openClassifiers ──────────┐
//                                         ├── batch by batch: logits ── measure ── evaluation.json, tables
//   data ────── studio (worker threads) ──┘
import { classTable } from './evaluation/class-table.ts';
import { openClassifiers, type Classifier } from './evaluation/classifiers.ts';
import { collectRuns, type RunList } from './data/models.ts';
import { countClasses, type Dataset, type DatasetItem } from './datasets/dataset.ts';
import { describeEvaluation } from './evaluation/describe.ts';
import { evaluateMaps, type MeasuredMaps } from './evaluation/maps.ts';
import { writeMaps } from './evaluation/maps-files.ts';
import { openEvaluationData } from './evaluation/data.ts';
import { writeEvaluation } from './evaluation/files.ts';
import { measure } from './evaluation/measure.ts';
import { normalizeEvaluateOptions, type EvaluateOptions, type EvaluateSpec } from './evaluation/options.ts';
import { predictAll, type RawPredictions } from './evaluation/predict.ts';
import type { OnProgress } from './events.ts';
import { GradcamError } from './lib/errors.ts';
import { requireWritableFolder } from './lib/files.ts';
import { evenBatch, limited } from './lib/ordered.ts';
import { hashFiles } from './model/load.ts';
import { holdsModel, isModelName } from './model/locate.ts';
import type { Evaluation } from './report/evaluation/evaluation.ts';

/**
 * Evaluates runs on labelled pictures: writes evaluation.json, tables and predictions to `out`, and returns the evaluation.
 * A bad model or picture is skipped and named; only when no run or no picture is left does it throw GradcamError.
 */
export async function evaluate(spec: EvaluateSpec, onProgress: OnProgress = () => undefined): Promise<Evaluation> {
  const started = performance.now();
  const options = normalizeEvaluateOptions(spec);
  await requireWritableFolder(options.out);
  const models = await collectRuns(options.models, { isModelName, holdsModel });
  const data = await openEvaluationData(options, models.runs, onProgress);
  const { dataset } = data;
  for (const file of dataset.skipped) onProgress({ kind: 'skipped', ...file });
  const batch = evenBatch(dataset.items.length, options.batch);
  const opened = await openClassifiers(models, { ...options, batch }, namesInUse(dataset), onProgress);
  try {
    const hashes = limited(opened.runs, 1, (run) => hashFiles(run.prepared.model.files)); // beside the pictures
    hashes.catch(() => undefined);
    const { signal } = options;
    const raw = await predictAll(dataset.items, opened.runs, { batch, atOnce: opened.atOnce, signal }, onProgress);
    const inferenceMs = opened.work.total;
    const { kept, skipped } = withNumbers(opened.runs, raw);
    const runs = kept.map((index) => opened.runs[index]!);
    const logits = kept.map((index) => raw.logits[index]!);
    const { items } = raw;
    const table = classTable(dataset.classes, countClasses(items, dataset.classes.length), runs);
    const measured = measure({ items, multiLabel: dataset.multiLabel, table, runs, logits }, options);
    const allHashes = await hashes;
    const maps = await mapsOf({ options, models, items, classes: dataset.classes }, onProgress);
    const evaluation = describeEvaluation({
      options,
      data,
      items,
      table,
      runs,
      measured,
      hashes: kept.map((index) => allHashes[index]!),
      skipped: [...opened.skipped, ...skipped, ...dataset.skipped, ...raw.skipped],
      notes: models.notes,
      maps: maps?.evaluation ?? null,
      timings: { totalMs: performance.now() - started, inferenceMs },
    });
    if (maps !== null) await writeMaps(maps, evaluation.runs, options.out);
    await writeEvaluation(evaluation, items, measured.runs, options.out);
    onProgress({ kind: 'finished', out: options.out, ms: evaluation.timings.totalMs, inferenceMs });
    return evaluation;
  } finally {
    await Promise.all(opened.runs.map((run) => run.close()));
  }
}

/** What is measured of maps, where that was asked for. */
async function mapsOf(
  {
    options,
    models,
    items,
    classes,
  }: { options: EvaluateOptions; models: RunList; items: readonly DatasetItem[]; classes: readonly string[] },
  onProgress: OnProgress,
): Promise<MeasuredMaps | null> {
  const { maps, bootstrap, seed } = options;
  return maps === null ? null : evaluateMaps({ maps, models, items, classes, bootstrap, seed }, onProgress);
}

/** Classes of the data that have a picture. */
function namesInUse({ classes, items }: Dataset): string[] {
  const counts = countClasses(items, classes.length);
  return classes.filter((_, index) => counts[index]! > 0);
}

/** Runs whose logits are numbers for every picture. Throws GradcamError `no-numbers` where none are. */
function withNumbers(
  runs: readonly Classifier[],
  { logits }: RawPredictions,
): { kept: number[]; skipped: { path: string; reason: string }[] } {
  const kept: number[] = [];
  const skipped: { path: string; reason: string }[] = [];
  for (const [index, run] of runs.entries()) {
    const bad = logits[index]!.filter((row) => row.some(Number.isNaN)).length;
    if (bad === 0) kept.push(index);
    else {
      const reason = `its logits are not numbers (NaN) for ${bad} of ${logits[index]!.length} pictures`;
      skipped.push({ path: run.prepared.model.path, reason });
    }
  }
  if (kept.length > 0) return { kept, skipped };
  throw new GradcamError({
    code: 'no-numbers',
    what: 'No run gives numbers for every picture.',
    expected: 'finite logits',
    found: skipped.map(({ path, reason }) => `${path}: ${reason}`).join('; '),
    hint: 'the training of such a run has diverged; take an earlier checkpoint',
  });
}
