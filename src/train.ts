// The spine of training: options -> dataset -> split -> for each loss and seed a run.
//
//   --data ── openDataset ── splits ──┐
//                                     ├── run by run: backbone or model -> traced step -> epochs -> best and last -> a run
//   losses x seeds ───────────────────┘
//
// Runs are trained one after the other, all on one split; of one seed all start from the same weights and see the same
// pictures in the same order, so that what differs is the loss. A run that fails does not stop the others.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from './datasets/dataset.ts';
import { openDataset } from './datasets/open.ts';
import { readSplit } from './datasets/split-file.ts';
import { itemsOf, requireTrainable, splitDataset } from './datasets/split.ts';
import { chooseEngine } from './engine/engines.ts';
import type { OnProgress } from './events.ts';
import { GradcamError, messageOf } from './lib/errors.ts';
import { fileError, removeLeftovers, requireWritableFolder, systemCodeOf } from './lib/files.ts';
import { formatList } from './lib/format.ts';
import { distinctSafeNames } from './lib/names.ts';
import type { Loss } from './losses/loss.ts';
import { normalizeTrainOptions } from './train/options.ts';
import type { TrainOptions, TrainSpec } from './train/spec.ts';
import { lastFile, removeCheckpoints } from './train/checkpoint.ts';
import { MODEL_FILE, RUN_FILE } from './train/publish.ts';
import { trainRun } from './train/run.ts';

/** What came of a run. */
export interface RunSummary {
  readonly run: string;
  readonly folder: string;
  readonly loss: string;
  readonly seed: number;
  /** `finished`: was finished before, and left alone. */
  readonly status: 'trained' | 'finished' | 'failed';
  /** Why it failed. */
  readonly error: string | null;
  /** Epoch, counted from 1, that became the model, of how many. */
  readonly epoch: number | null;
  readonly epochs: number | null;
  readonly seconds: number | null;
  /** Share of the time of the steps in which one was running. */
  readonly busy: number | null;
  /** As in run.json: of the test pictures, where there are none of validation. */
  readonly metrics: Readonly<Record<string, unknown>> | null;
  readonly synthetic: boolean;
}

/** A run to be made. */
interface Planned {
  readonly id: string;
  readonly folder: string;
  readonly loss: string | Loss;
  readonly lossId: string;
  readonly seed: number;
}

/**
 * Trains runs and writes them below `out`. Throws GradcamError for wrong options, data that cannot be trained on, folders that
 * hold other runs; a run that fails by itself is told in its summary.
 */
export async function train(spec: TrainSpec, onProgress: OnProgress = () => undefined): Promise<RunSummary[]> {
  const options = normalizeTrainOptions(spec);
  const runs = plannedRuns(options);
  await requireWritableFolder(options.out);
  await requireFree(runs, options);
  const engine = await chooseEngine(options.engine);
  const dataset = await openSplit(options, onProgress);
  const summaries: RunSummary[] = [];
  for (const [index, run] of runs.entries()) {
    options.signal?.throwIfAborted();
    try {
      const finished = options.resume ? await finishedSummary(run, options) : null;
      if (finished !== null) {
        onProgress({ kind: 'warning', message: `${run.id} is finished, and was left as it is.` });
        summaries.push(finished);
        continue;
      }
      onProgress({ kind: 'run-started', run: run.id, number: index + 1, total: runs.length });
      await removeLeftovers(run.folder);
      if (!options.resume) await removeCheckpoints(run.folder);
      const { description } = await trainRun({ ...run, dataset, options, engine, onProgress });
      summaries.push(summaryOf(run, 'trained', description));
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof GradcamError) || error.exitCode === 2 || runs.length === 1) throw error;
      onProgress({ kind: 'skipped', path: run.folder, reason: `${run.id} failed: ${messageOf(error)}` });
      summaries.push({ ...summaryOf(run, 'failed', {}), error: messageOf(error), synthetic: dataset.synthetic });
    }
  }
  return summaries;
}

/** Every loss with every seed; `<out>/<loss>`, with several seeds `<out>/<loss>-s<seed>`. */
function plannedRuns({ losses, seeds, out }: TrainOptions): Planned[] {
  const pairs = losses.flatMap((loss) => seeds.map((seed) => ({ loss, seed, lossId: typeof loss === 'string' ? loss : loss.id }))); // prettier-ignore
  const ids = distinctSafeNames(pairs.map(({ lossId, seed }) => (seeds.length > 1 ? `${lossId}-s${seed}` : lossId)));
  return pairs.map((pair, i) => ({ ...pair, id: ids[i]!, folder: join(out, ids[i]!) }));
}

/** The dataset with a split for every picture, and notes and warnings told. */
async function openSplit(options: TrainOptions, onProgress: OnProgress): Promise<Dataset> {
  const reading = { ...options.reading, root: options.data, onProgress: drawing(onProgress) };
  const opened = await openDataset(options.dataset, reading);
  for (const { path, reason } of opened.skipped) onProgress({ kind: 'skipped', path, reason });
  const { fractions, splitSeed: seed } = options;
  const dataset =
    options.split === undefined ? splitDataset(opened, { fractions, seed }) : await readSplit(opened, options.split);
  for (const message of [...dataset.warnings, ...dataset.notes]) onProgress({ kind: 'warning', message });
  requireTrainable(dataset);
  const [train, val, test] = (['train', 'val', 'test'] as const).map((split) => itemsOf(dataset, split).length);
  const counts = `${train} pictures for training, ${val} for validation, ${test} for test`;
  onProgress({ kind: 'warning', message: `${dataset.title}: ${counts}; classes ${formatList(dataset.classes, 12)}.` });
  return dataset;
}

/** Progress of pictures that a dataset draws. */
function drawing(onProgress: OnProgress): (done: number, total: number) => void {
  let told = 0;
  return (done, total) => {
    if (told === 0) onProgress({ kind: 'started', what: 'pictures', total });
    onProgress({ kind: 'progress', cells: done - told });
    told = done;
  };
}

/** Throws GradcamError `run-exists` where a folder holds a run and it is neither to be taken up nor replaced. */
async function requireFree(runs: readonly Planned[], { resume, overwrite }: TrainOptions): Promise<void> {
  if (resume || overwrite) return;
  const taken: string[] = [];
  for (const { folder } of runs)
    for (const file of [MODEL_FILE, RUN_FILE, 'checkpoint'])
      if ((await stat(join(folder, file)).catch(() => null)) !== null) taken.push(folder);
  if (taken.length === 0) return;
  throw new GradcamError({
    code: 'run-exists',
    what: `there are runs already: ${formatList([...new Set(taken)])}`,
    expected: 'folders without a run',
    hint: 'choose another --out, go on with --resume, or replace them with --overwrite',
  });
}

/**
 * The summary of a run that was trained to its end before; null for any other. Throws GradcamError `no-checkpoint` where more
 * epochs are asked for than a finished run has, and it kept nothing to go on from.
 */
async function finishedSummary(run: Planned, { epochs }: TrainOptions): Promise<RunSummary | null> {
  const file = join(run.folder, RUN_FILE);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw fileError(error, file, 'read');
  });
  if (text === null) return null;
  const description = JSON.parse(text) as Record<string, unknown>;
  const training = recordOf(description.training);
  const isWhole = training.stoppedEarly === true || Number(training.epochs) >= epochs;
  if (training.finished !== true) return null;
  if (isWhole) return summaryOf(run, 'finished', description);
  if ((await stat(lastFile(run.folder)).catch(() => null)) !== null) return null;
  throw new GradcamError({
    code: 'no-checkpoint',
    what: `The run ${run.folder} cannot be taken up for more epochs.`,
    expected: `the checkpoint of epoch ${String(training.epochs)}, to go on to ${epochs}`,
    found: 'a finished run, whose checkpoint is gone',
    hint: 'train anew with --overwrite or another --out; --keep-checkpoint keeps what going on needs',
  });
}

function summaryOf(
  { id, folder, lossId, seed }: Planned,
  status: RunSummary['status'],
  description: Readonly<Record<string, unknown>>,
): RunSummary {
  const training = recordOf(description.training);
  const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);
  return {
    run: id,
    folder,
    loss: lossId,
    seed,
    status,
    error: null,
    epoch: number(training.epoch),
    epochs: number(training.epochs),
    seconds: number(training.seconds),
    busy: number(training.busy),
    metrics: description.metrics === undefined || description.metrics === null ? null : recordOf(description.metrics),
    synthetic: description.synthetic === true,
  };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
