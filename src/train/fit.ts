// The epochs of one run: steps over the training batches, a look at validation, the best and the last, a checkpoint.
//
//   resume or begin -> for each epoch: steps -> validation -> (better? publish) -> log -> checkpoint -> ... -> the chosen epoch
//
// What an epoch does is a function of the seed, the epoch and what the checkpoint holds, so a run that was killed and taken up
// again ends with the same parameters, bit by bit.
import type { OnProgress } from '../events.ts';
import { GradcamError } from '../lib/errors.ts';
import { formatNumber } from '../lib/format.ts';
import { Random } from '../lib/random.ts';
import { bestFile, lastFile, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { EpochRow } from './history.ts';
import type { Objective } from './objective.ts';
import { requireProgress, type Progress } from './progress.ts';
import { rateAt, type RatePlan } from './schedules.ts';
import { scoreOn, type Scored, type ScoreSpec } from './scores.ts';
import type { Source, SourceBatch } from './source.ts';
import type { Snapshot, StepResult, Trainer } from './trainer.ts';

export interface FitSpec {
  /** Id of the run, for events. */
  readonly run: string;
  readonly folder: string;
  readonly trainer: Trainer;
  readonly objective: Objective;
  /** What steps want as labels. */
  readonly labels: 'index' | 'distribution';
  readonly rate: RatePlan;
  readonly train: Source;
  /** null where there is no picture for validation. */
  readonly val: Source | null;
  readonly score: ScoreSpec;
  readonly save: 'best' | 'last';
  readonly patience: number | null;
  readonly seed: number;
  /** What a checkpoint must have been made with to be taken up. */
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly resume: boolean;
  /** Told of every finished epoch, before its checkpoint; `isChosen`: the trainer now holds what is to become the model. */
  readonly onEpoch: (row: EpochRow, isChosen: boolean, val: Scored | null) => Promise<void>;
  /** Told of the rows so far when a run begins or is taken up. */
  readonly onBegin: (history: readonly EpochRow[]) => Promise<void>;
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal | undefined;
}

export interface Fitted {
  readonly history: readonly EpochRow[];
  /** Epoch, counted from 1, whose parameters the trainer holds now: the best or the last. */
  readonly epoch: number;
  /** Scores of validation then. */
  readonly val: Scored | null;
  readonly stoppedEarly: boolean;
}

/**
 * Trains to the end and leaves the chosen epoch in the trainer. Throws GradcamError `training-diverged` where the loss or its
 * gradient is not a number any more: the checkpoint of the last good epoch stays.
 */
export async function fit(spec: FitSpec): Promise<Fitted> {
  const { trainer, rate, folder, val, save } = spec;
  let progress = await begin(spec);
  await spec.onBegin(progress.history);
  const isOver = (): boolean => progress.history.length >= rate.epochs || hasWaited(progress, spec.patience);
  while (!isOver()) {
    const epoch = progress.history.length;
    const trained = await trainEpoch(spec, epoch);
    const snapshot = trainer.snapshot();
    requireNumbers(spec, trained, snapshot);
    const scored = val === null ? null : await scoreOn(val, trainer, spec.score);
    const isBest = scored !== null && scored.macroF1 > (progress.best?.scored.macroF1 ?? -Infinity);
    const isChosen = save === 'last' || val === null || isBest;
    const row: EpochRow = { ...trained, valLoss: scored?.loss ?? null, valAccuracy: scored?.accuracy ?? null, valMacroF1: scored?.macroF1 ?? null, best: isBest }; // prettier-ignore
    progress = {
      history: [...progress.history, row],
      best: isBest ? { epoch: epoch + 1, scored } : progress.best,
      last: scored,
    };
    if (isBest && save === 'best') await writeCheckpoint(bestFile(folder), { epoch: epoch + 1 }, learntOf(snapshot));
    await spec.onEpoch(row, isChosen, scored);
    await writeCheckpoint(lastFile(folder), { recipe: spec.recipe, step: snapshot.step, progress }, snapshot.tensors);
    spec.onProgress({ kind: 'epoch', run: spec.run, epochs: rate.epochs, ...row });
  }
  return finish(spec, progress);
}

/** From the checkpoint where there is one and the run is to go on, else from the start. */
async function begin({ trainer, folder, resume, recipe, run }: FitSpec): Promise<Progress> {
  const stored = resume ? await readCheckpoint(lastFile(folder)) : null;
  if (stored === null) return { history: [], best: null, last: null };
  const { step, progress } = requireProgress(stored.meta, recipe, run);
  trainer.restore({ step, tensors: stored.tensors });
  return progress;
}

/** Whether `patience` epochs have gone by since the best one. */
function hasWaited({ history, best }: Progress, patience: number | null): boolean {
  return patience !== null && best !== null && history.length - best.epoch >= patience;
}

type TrainedEpoch = Omit<EpochRow, 'valLoss' | 'valAccuracy' | 'valMacroF1' | 'best'>;

async function trainEpoch(spec: FitSpec, epoch: number): Promise<TrainedEpoch> {
  const { train, trainer, rate, onProgress, run } = spec;
  const started = performance.now();
  const seen = { steps: 0, pictures: 0, loss: 0, right: 0, stepMs: 0, gradientNorm: 0 };
  const first = epoch * rate.steps;
  let learningRate = 0;
  for await (const batch of train.epoch(epoch)) {
    spec.signal?.throwIfAborted();
    const step = first + seen.steps;
    learningRate = rateAt(step, rate);
    const stepStarted = performance.now();
    const result = await trainer.step({
      inputs: batch.inputs,
      labels: labelsOf(batch, spec.labels, trainer.classes),
      learningRate,
      random: Random.of(spec.seed, 'dropout', step),
      lossInputs: spec.objective.feeds(epoch, step),
    });
    seen.stepMs += performance.now() - stepStarted;
    if (!Number.isFinite(result.loss) || !Number.isFinite(result.gradientNorm))
      throw diverged(spec, { epoch, step, learningRate, found: whatIsWrong(result) });
    seen.steps++;
    seen.pictures += batch.count;
    seen.loss += result.loss;
    seen.gradientNorm += result.gradientNorm;
    seen.right += rightIn(result.logits, batch, trainer.classes);
    onProgress({
      kind: 'step',
      run,
      epoch: epoch + 1,
      epochs: rate.epochs,
      step: seen.steps,
      steps: rate.steps,
      pictures: batch.count,
      loss: seen.loss / seen.steps,
    });
  }
  const ms = performance.now() - started;
  return {
    epoch: epoch + 1,
    step: first + seen.steps,
    learningRate,
    trainLoss: seen.loss / seen.steps,
    trainAccuracy: seen.right / seen.pictures,
    gradientNorm: seen.gradientNorm / seen.steps,
    seconds: ms / 1000,
    picturesPerSecond: (seen.pictures * 1000) / ms,
    busy: seen.stepMs / ms,
  };
}

function labelsOf(batch: SourceBatch, kind: FitSpec['labels'], classes: number): Int32Array | Float32Array {
  if (kind === 'index') return batch.labels;
  if (batch.targets !== null) return batch.targets;
  const shares = new Float32Array(batch.count * classes);
  for (const [row, label] of batch.labels.entries()) shares[row * classes + label] = 1;
  return shares;
}

/** Pictures whose greatest logit is that of a label they have most of. */
function rightIn(logits: Float32Array, { labels, targets, count }: SourceBatch, classes: number): number {
  let right = 0;
  for (let row = 0; row < count; row++) {
    const of = (values: Float32Array) => values.subarray(row * classes, (row + 1) * classes);
    const z = of(logits);
    const called = z.indexOf(Math.max(...z));
    const truth = targets === null ? null : of(targets);
    if (truth === null ? called === labels[row] : truth[called] === Math.max(...truth)) right++;
  }
  return right;
}

/** The loss of a step is taken before it: what the last step of an epoch did is seen here, before it is stored. */
function requireNumbers(spec: FitSpec, { step, learningRate }: TrainedEpoch, { tensors }: Snapshot): void {
  const bad = Object.entries(tensors).find(([, { data }]) => !data.every(Number.isFinite));
  if (bad === undefined) return;
  const epoch = Math.round(step / spec.rate.steps) - 1;
  throw diverged(spec, { epoch, step: step - 1, learningRate, found: `${bad[0]} is not a number` });
}

/** Parameters, running statistics and averages, without what only the optimiser needs. */
function learntOf({ tensors }: Snapshot): Snapshot['tensors'] {
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => !name.startsWith('slot/')));
}

async function finish(spec: FitSpec, progress: Progress): Promise<Fitted> {
  const { history, best, last } = progress;
  const stoppedEarly = history.length < spec.rate.epochs;
  if (spec.save === 'last' || best === null) return { history, epoch: history.length, val: last, stoppedEarly };
  if (best.epoch < history.length) {
    const stored = await readCheckpoint(bestFile(spec.folder));
    if (stored === null) throw bestIsGone(spec);
    const now = spec.trainer.snapshot();
    spec.trainer.restore({ step: now.step, tensors: { ...now.tensors, ...stored.tensors } });
  }
  return { history, epoch: best.epoch, val: best.scored, stoppedEarly };
}

function bestIsGone({ run, folder }: FitSpec): GradcamError {
  return new GradcamError({
    code: 'checkpoint-missing',
    what: `the best epoch of ${run} is not in its folder any more`,
    expected: bestFile(folder),
    hint: 'train the run anew, with --overwrite',
  });
}

function whatIsWrong({ loss, gradientNorm }: StepResult): string {
  return Number.isFinite(loss) ? `norm of the gradient ${gradientNorm}` : `loss ${loss}`;
}

function diverged(
  { run, folder, rate }: FitSpec,
  at: { epoch: number; step: number; learningRate: number; found: string },
): GradcamError {
  return new GradcamError({
    code: 'training-diverged',
    what: `training of ${run} stopped at step ${at.step + 1} (epoch ${at.epoch + 1} of ${rate.epochs})`,
    expected: 'finite loss, gradient and parameters',
    found: `${at.found}, at learning rate ${formatNumber(at.learningRate)}`,
    hint:
      `use a smaller --lr, --clip 1, or for LDAM and LMF --head normed` +
      (at.epoch > 0 ? `; the checkpoint of epoch ${at.epoch} is in ${folder}` : ''),
  });
}
