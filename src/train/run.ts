// One run: a network to start from, its loss, its data -> epochs -> model.onnx, run.json, history.csv, split.csv, a log.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Batches } from '../datasets/batches.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { countClasses } from '../datasets/dataset.ts';
import { writeSplit } from '../datasets/split-file.ts';
import { itemsOf } from '../datasets/split.ts';
import type { Engine } from '../engine/engine.ts';
import type { OnProgress } from '../events.ts';
import { formatList } from '../lib/format.ts';
import type { Loss } from '../losses/loss.ts';
import type { TrainOptions } from './spec.ts';
import { packageVersion } from '../lib/version.ts';
import { removeCheckpoints } from './checkpoint.ts';
import { augmentOf, beginPictures, openRunData, type RunData } from './data.ts';
import { fit, type Fitted } from './fit.ts';
import { writeHistory, type EpochRow } from './history.ts';
import { openLog } from './log.ts';
import { objectiveOf, type Objective } from './objective.ts';
import { adam } from './optimizers/adam.ts';
import { adamw } from './optimizers/adamw.ts';
import { sgd } from './optimizers/sgd.ts';
import type { Optimizer } from './optimizer.ts';
import { forAnyBatch, publish, withSigmoid } from './publish.ts';
import type { RatePlan } from './schedules.ts';
import { scoreOn, type Scored } from './scores.ts';
import { startOf, type Start } from './start.ts';
import { openTrainer, type Trainer } from './trainer.ts';

export interface RunSpec {
  readonly id: string;
  readonly folder: string;
  readonly loss: string | Loss;
  readonly seed: number;
  /** With its splits. */
  readonly dataset: Dataset;
  readonly options: TrainOptions;
  readonly engine: Engine;
  readonly onProgress: OnProgress;
}

/** What came of a run. */
export interface TrainedRun {
  readonly fitted: Fitted;
  /** Of the chosen epoch on the test pictures; null where there are none. */
  readonly test: Scored | null;
  readonly description: Readonly<Record<string, unknown>>;
}

/** Trains a run to its end. Throws GradcamError; what was published and stored before stays. */
export async function trainRun(spec: RunSpec): Promise<TrainedRun> {
  const { options, dataset, onProgress, seed } = spec;
  const counts = countClasses(itemsOf(dataset, 'train'), dataset.classes.length);
  const batch = Math.min(options.batch, itemsOf(dataset, 'train').length);
  const settled = objectiveFor(spec, counts, batch);
  const start = await startOf({ ...options, head: settled.head, classes: dataset.classes.length, batch, seed });
  // A model that fixes its batch also decides how many draws a step takes.
  const objective = start.batch === batch ? settled : objectiveFor(spec, counts, start.batch);
  for (const message of start.notes) onProgress({ kind: 'warning', message: `${spec.id}: ${message}` });
  const labels = dataset.multiLabel || 'mixup' in augmentOf(options) ? 'distribution' : 'index';
  const begun = beginPictures({ options, dataset, start, seed });
  try {
    return await trainBegun(begun, { spec, start, objective, counts, labels });
  } finally {
    await begun?.close();
  }
}

/** The same, after the first pictures have been begun. */
async function trainBegun(begun: Batches | null, opening: Omit<Setting, 'trainer'>): Promise<TrainedRun> {
  const { spec, start, objective, labels } = opening;
  const { options, dataset, seed, onProgress } = spec;
  const trainer = await openTrainer({
    ...start,
    name: spec.id,
    loss: objective.training,
    optimizer: optimizerOf(options),
    engine: spec.engine,
    threads: options.threads,
    labels,
    lossInputs: objective.inputs,
    ...(options.clip === null ? {} : { clipNorm: options.clip }),
    ...(options.ema === null ? {} : { emaDecay: options.ema }),
  });
  try {
    const data = await openRunData({ options, dataset, start, trainer, engine: spec.engine, seed, onProgress, begun });
    try {
      return await trainOn(data, { ...opening, trainer });
    } finally {
      await data.close();
    }
  } finally {
    await trainer.close();
    onProgress({ kind: 'run-ended', run: spec.id, folder: spec.folder });
  }
}

interface Setting {
  readonly spec: RunSpec;
  readonly start: Start;
  readonly objective: Objective;
  readonly trainer: Trainer;
  readonly counts: readonly number[];
  readonly labels: 'index' | 'distribution';
}

async function trainOn(data: RunData, setting: Setting): Promise<TrainedRun> {
  const { spec, objective, trainer } = setting;
  const { options, dataset, folder, id } = spec;
  const recipe = recipeOf(setting);
  const which = options.ema === null ? 'current' : 'average';
  const score = { ...dataset, run: id, logitScale: objective.logitScale, which } as const;
  await writeSplit(dataset, join(folder, 'split.csv'));
  const log = await openLog(join(folder, 'tensorboard'), { ...recipe, run: id });
  const rows: EpochRow[] = [];
  const told = (progress: Told): Readonly<Record<string, unknown>> => describe(setting, recipe, progress);
  try {
    const fitted = await fit({
      run: id,
      folder,
      trainer,
      objective,
      labels: setting.labels,
      rate: ratePlanOf(options, data.train.steps),
      train: data.train,
      val: data.val,
      score,
      save: options.save,
      patience: options.patience,
      seed: spec.seed,
      recipe,
      resume: options.resume,
      async onBegin(history) {
        rows.push(...history);
        await writeHistory(join(folder, 'history.csv'), rows);
      },
      async onEpoch(row, isChosen, val) {
        rows.push(row);
        if (isChosen) await publish(folder, graphOf(setting, which), told({ epoch: row.epoch, history: rows, val, test: null, finished: false })); // prettier-ignore
        await writeHistory(join(folder, 'history.csv'), rows);
        await log.epoch(row);
      },
      onProgress: spec.onProgress,
      signal: options.signal,
    });
    const test = data.test();
    const scored = test === null ? null : await scoreOn(test, trainer, score);
    const unreadable = unreadableIn(data);
    tellUnreadable(spec, unreadable);
    const description = told({ ...fitted, test: scored, unreadable, finished: true });
    // The model is there already, but for runs that were killed just before it was written.
    await publish(folder, graphOf(setting, which), description);
    await log.end(scored);
    if (!options.keepCheckpoint) await removeCheckpoints(folder);
    return { fitted, test: scored, description };
  } catch (error) {
    await log.fail();
    throw error;
  }
}

function objectiveFor({ loss, dataset, options, seed }: RunSpec, counts: readonly number[], batch: number): Objective {
  return objectiveOf({
    loss,
    lossOptions: options.lossOptions[typeof loss === 'string' ? loss : loss.id] ?? {},
    counts,
    head: options.head,
    multiLabel: dataset.multiLabel,
    cosineScale: options.logitScale,
    smoothing: options.labelSmoothing,
    drwEpoch: options.drwEpoch,
    batch,
    seed,
  });
}

function optimizerOf({ optimizer, weightDecay, momentum }: TrainOptions): Optimizer {
  const decay = weightDecay === undefined ? {} : { weightDecay };
  switch (optimizer) {
    case 'sgd':
      return sgd.build({ ...decay, ...(momentum === undefined ? {} : { momentum }) });
    case 'adam':
      return adam.build(decay);
    case 'adamw':
      return adamw.build(decay);
  }
}

function ratePlanOf(options: TrainOptions, steps: number): RatePlan {
  const { schedule, lr, warmup, epochs, milestones } = options;
  const { lrEvery: every, lrFactor: factor, lrFloor: floor } = options;
  return { schedule, lr, warmup, epochs, steps, every, milestones, factor, floor };
}

function graphOf({ trainer, spec }: Setting, which: 'current' | 'average') {
  const graph = trainer.exportGraph(which);
  return forAnyBatch(spec.dataset.multiLabel ? withSigmoid(graph) : graph);
}

/** Everything that decides what is learnt, resolved: a run is taken up only with the same. */
function recipeOf({ spec, start, objective, trainer }: Setting): Record<string, unknown> {
  const { options, dataset, seed } = spec;
  const { loss, options: lossOptions } = objective;
  const { size, resize, mean, std } = start.prepare;
  return {
    recipe: options.recipe,
    loss: loss.id,
    lossOptions,
    head: objective.head,
    logitScale: objective.logitScale,
    labelSmoothing: options.labelSmoothing,
    seed,
    classes: dataset.classes,
    pictures: (['train', 'val', 'test'] as const).map((split) => itemsOf(dataset, split).length),
    split: splitHash(dataset),
    backbone: typeof options.backbone === 'string' ? options.backbone : options.backbone.id,
    init: options.init ?? null,
    from: options.from ?? null,
    dropout: options.dropout ?? null,
    size,
    resize,
    mean,
    std,
    optimizer: options.optimizer,
    lr: options.lr,
    momentum: options.momentum ?? null,
    weightDecay: options.weightDecay ?? null,
    schedule: options.schedule,
    // Of the schedules only the cosine depends on how many epochs there will be.
    scheduleEpochs: options.schedule === 'cosine' ? options.epochs : null,
    warmup: options.warmup,
    lrEvery: options.lrEvery,
    milestones: options.milestones,
    lrFactor: options.lrFactor,
    lrFloor: options.lrFloor,
    batch: trainer.batch,
    clip: options.clip,
    ema: options.ema,
    drwEpoch: options.drwEpoch,
    sampler: options.sampler,
    augment: augmentOf(options),
    save: options.save,
  };
}

/** Tells one division of the pictures from another. */
function splitHash({ items }: Dataset): string {
  const hash = createHash('sha256').update(JSON.stringify(items.map(({ id, split }) => [id, split])));
  return hash.digest('hex').slice(0, 12);
}

interface Told {
  readonly epoch: number;
  readonly history: readonly EpochRow[];
  readonly val: Scored | null;
  readonly test: Scored | null;
  readonly stoppedEarly?: boolean;
  readonly unreadable?: readonly string[];
  readonly finished: boolean;
}

/** run.json: what other commands read first, then how the run came about. */
function describe(setting: Setting, recipe: Readonly<Record<string, unknown>>, told: Told): Record<string, unknown> {
  const { spec, start, objective, trainer, counts } = setting;
  const { dataset, options, seed } = spec;
  const { size, resize, scale, mean, std, channels } = start.prepare;
  const { epoch, history, val, test } = told;
  const named = options.seeds.length > 1 ? `${objective.loss.title}, seed ${seed}` : objective.loss.title;
  const sum = (of: (row: EpochRow) => number): number => history.reduce((total, row) => total + of(row), 0);
  const seconds = sum((row) => row.seconds);
  return {
    name: named,
    loss: objective.loss.id,
    synthetic: dataset.synthetic,
    classes: dataset.classes,
    input: { size, resize, scale, mean, std, channels },
    layer: start.layer,
    logitScale: objective.logitScale,
    architecture: start.architecture,
    parameters: trainer.size,
    seed,
    metrics: metricsOf(dataset, val, test),
    recipe,
    training: {
      finished: told.finished,
      epoch,
      epochs: history.length,
      stoppedEarly: told.stoppedEarly ?? false,
      ...(told.unreadable === undefined ? {} : { unreadable: told.unreadable }),
      validation: val?.metrics ?? null,
      seconds: Number(seconds.toFixed(1)),
      picturesPerSecond: Number((sum((row) => row.picturesPerSecond * row.seconds) / seconds).toFixed(2)),
      busy: Number((sum((row) => row.busy * row.seconds) / seconds).toFixed(4)),
      engine: spec.engine.id,
      gradcam: packageVersion(),
      command: options.command,
    },
    trainCounts: Object.fromEntries(dataset.classes.map((name, k) => [name, counts[k]!])),
    dataset: { format: dataset.id, title: dataset.title, licence: dataset.licence, split: 'split.csv' },
  };
}

function metricsOf(dataset: Dataset, val: Scored | null, test: Scored | null): Record<string, unknown> | null {
  const scored = test ?? val;
  if (scored === null) return null;
  const split = `${dataset.synthetic ? 'synthetic ' : ''}${test === null ? 'validation' : 'test'}, ${scored.count} pictures`;
  return { split, ...scored.metrics };
}

/** Paths of pictures that could not be read, each once. */
function unreadableIn({ train, val, test }: RunData): string[] {
  const skipped = [train, val, test()].flatMap((source) => source?.skipped ?? []);
  return [...new Set(skipped.map(({ path }) => path))];
}

function tellUnreadable({ id, onProgress }: RunSpec, paths: readonly string[]): void {
  if (paths.length === 0) return;
  const message = `${id}: ${paths.length} of the pictures cannot be read and were left out: ${formatList(paths)}.`;
  onProgress({ kind: 'warning', message });
}
