// The spine: options -> runs and samples -> maps -> overlays -> report. Whoever reads this file knows the program.
//
//   models ──── startRuns: read ── opened ──┐
//                                           ├── batch by batch: targets, maps ── .npy, overlays ──┐
//   pictures ── studio (worker threads) ────┘                                                     ├── report
//   labels, masks ────────────────────────────────────────────────────────────────────────────────┘
//
// The engine is never waited for by what does not need it, nor the other way round: the first maps are made while other runs
// are still being read, a second batch is asked for before the first is done, and what is drawn is drawn beside the maps.
import { setImmediate } from 'node:timers/promises';
import { gatherSamples, type GatheredSample as Sample } from './gather.ts';
import { collectRuns } from './data/models.ts';
import { noPictures } from './data/samples.ts';
import { SessionThreads } from './engine/session-threads.ts';
import { shareThreads } from './engine/share.ts';
import type { OnProgress } from './events.ts';
import { openStudio, type Studio } from './image/studio.ts';
import { messageOf } from './lib/errors.ts';
import { requireWritableFolder } from './lib/files.ts';
import { Backlog, evenBatch, limited, ordered } from './lib/ordered.ts';
import { Slots } from './lib/slots.ts';
import { hashFiles } from './model/load.ts';
import { holdsModel, isModelName } from './model/locate.ts';
import { firstPass, settleBatch, type FirstPass } from './infer-batch.ts';
import { faithfulnessOfBatch, type MeasuredSample } from './measures.ts';
import type { SanityResult } from './metrics/maps/sanity.ts';
import type { StartedRuns } from './open-runs.ts';
import { normalizeCompareOptions, type CompareOptions, type CompareSpec } from './options.ts';
import { findEvaluation } from './report/evaluation/find.ts';
import { readEvaluation } from './report/evaluation/read.ts';
import type { Report, ReportCell, ReportSample, ReportSkipped } from './report/report.ts';
import { needsAllMaps } from './report/scale.ts';
import { openPicture, withInputs, type OpenPicture } from './pictures.ts';
import { drawRest, drawRow, makeRow, pictureFile, type UndrawnRow } from './rows.ts';
import type { OpenRun, ReadRun, StartedRun } from './runs.ts';
import { checkSanity, loadSanitySamples } from './sanity.ts';
import { cellTargets, requireKnownTarget, type CellTarget } from './targets.ts';

/** Batches of pictures that are decoded ahead of those at work. */
const AHEAD = 1;
/** Batches at work: the second keeps the engine busy while the last runs finish the first. */
const AT_WORK = 2;

/** A sample whose picture is in the studio. */
interface Opened {
  readonly sample: Sample;
  readonly picture: OpenPicture;
}

/** What comes into being while the batches go by. */
interface Board {
  readonly samples: ReportSample[];
  readonly cells: ReportCell[];
  readonly undrawn: UndrawnRow[];
  readonly skipped: ReportSkipped[];
  /** By sample. */
  readonly measures: Map<string, MeasuredSample>;
  sanity: readonly SanityResult[] | null;
  /** When the pictures of the first batch were there. */
  began: number;
  inferenceMs: number;
  mapsMs: number;
}

/**
 * Attention maps of every run for every picture: writes maps, overlays, report.json and report.html to `out`, and returns
 * the report. A bad model or picture is skipped and named; only when no run or no picture is left does it throw.
 */
export async function compare(spec: CompareSpec, onProgress: OnProgress = () => undefined): Promise<Report> {
  const began = performance.now();
  const options = normalizeCompareOptions(spec);
  await requireWritableFolder(options.out);
  if (options.evaluation !== undefined) await readEvaluation(options.evaluation); // a wrong file is told before the work
  const models = await collectRuns(options.models, { isModelName, holdsModel });
  // Threads start beside what this one loads: the library for models takes longer than everything before it.
  const studio = openStudio();
  const waiting = new SessionThreads(worksInThreads(options, models.runs.length) ? 1 : 0);
  const loading = import('./open-runs.ts');
  let starting: Promise<StartedRuns> | undefined;
  try {
    const gathered = await gatherSamples(models, options, onProgress);
    const labels = gathered.samples.map((sample) => sample.label);
    const batch = evenBatch(gathered.samples.length, options.batch);
    const { startRuns } = await loading;
    starting = startRuns(models, options, labels, batch, onProgress, waiting);
    const started = await starting;
    const known = started.read.then((runs) =>
      requireKnownTarget(
        options.target,
        runs.map((run) => run.head),
      ),
    );
    known.catch(() => undefined); // awaited before anything is written
    const page = import('./report/render.ts'); // templates and all they need are loaded beside the maps
    const describing = import('./describe.ts');
    const hashes = started.opened.then(({ runs }) => hashModels(runs)); // read beside the maps, awaited after them
    hashes.catch(() => undefined);
    const board = emptyBoard(gathered.skipped);
    const slots = new Slots(started.atOnce);
    await explainAll({ options, started, known, slots, studio, board, batch, samples: gathered.samples, onProgress });
    const opened = await started.opened;
    board.cells.push(...(await drawRest(board.undrawn, { options, studio })));
    board.skipped.push(...opened.skipped);
    board.mapsMs = performance.now() - board.began;
    board.inferenceMs = started.work.total;
    if (options.sanity || Object.keys(options.permuted).length > 0) {
      const samples = await loadSanitySamples(board, opened.runs, studio);
      board.sanity = await checkSanity({ ...options, opened, samples, seed: 0, onProgress });
    }
    const { runs } = opened;
    const sums = await hashes;
    const evaluation = await findEvaluation(
      options,
      runs.map(({ name }, index) => ({ name, sha256: sums[index]! })),
    );
    const { describeReport } = await describing;
    const report = describeReport({ options, runs, gathered, board, hashes: sums, evaluation, started: began });
    const { singleFile, tensorboard } = options;
    await (await page).writeReport(report, options.out, { singleFile, tensorboard });
    onProgress({ kind: 'finished', out: options.out, ms: performance.now() - began, inferenceMs: board.inferenceMs });
    return report;
  } finally {
    const closeRuns = starting?.then(
      (started) => started.close(),
      () => undefined,
    );
    await Promise.all([studio.close(), waiting.close(), closeRuns]);
  }
}

/** Whether several runs are to work side by side, which sessions do in threads of their own (see `shareThreads`). */
const worksInThreads = ({ engine, threads }: CompareOptions, runs: number): boolean =>
  ['auto', 'cpu'].includes(engine) && shareThreads(runs, threads).sessions > 1;

interface Work {
  readonly options: CompareOptions;
  readonly started: StartedRuns;
  /** Rejects where no run has the class that is asked for. */
  readonly known: Promise<void>;
  /** As many as there are runs that work at the same time. */
  readonly slots: Slots;
  readonly studio: Studio;
  readonly board: Board;
  readonly batch: number;
  readonly samples: readonly Sample[];
  readonly onProgress: OnProgress;
}

/** Every batch: the pictures of one come from the studio's workers while the engine is at the one before. */
async function explainAll(work: Work): Promise<void> {
  const { options, started, known, board, batch, samples, onProgress } = work;
  const tellTotal = ({ runs }: { runs: readonly OpenRun[] }): void =>
    onProgress({ kind: 'started', what: 'maps', total: samples.length * runs.length * options.methods.length });
  started.opened.then(tellTotal, () => undefined);
  // Faithfulness asks the models again and holds the engine: then it is one batch after the other.
  const atWork = new Backlog(options.faithfulness.length > 0 ? 1 : AT_WORK);
  const rows = new Backlog(2 * batch);
  for await (const group of loadGroups(work)) {
    board.began = Math.min(board.began, performance.now());
    await atWork.add(() => explainBatch(work, group, rows));
  }
  await atWork.settle();
  await rows.settle();
  await known;
  if (board.samples.length === 0)
    throw noPictures(board.skipped, 'Give pictures as files, folders or globs with --images.');
}

/** Samples with their pictures, a batch at a time. Pictures that cannot be read are skipped and named. */
async function* loadGroups({ started, studio, board, batch, samples, onProgress }: Work): AsyncGenerator<Opened[]> {
  const first = await firstReadable(started);
  const early = new Set(samples.slice(0, batch));
  const load = async (sample: Sample): Promise<Opened | { sample: Sample; error: unknown }> => {
    try {
      if (!early.has(sample)) await started.first; // until then there is nothing else for the cores to do that is as urgent
      return { sample, picture: await openPicture(studio, sample.path, first.prepared.prepare) };
    } catch (error) {
      return { sample, error };
    }
  };
  let group: Opened[] = [];
  for await (const loaded of ordered(samples, AHEAD * batch, load)) {
    if ('error' in loaded) {
      const skipped = { path: loaded.sample.path, reason: messageOf(loaded.error) };
      board.skipped.push(skipped);
      onProgress({ kind: 'skipped', ...skipped });
      continue;
    }
    group.push(loaded);
    if (group.length < batch) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** The first run of the list whose file can be read. */
async function firstReadable({ each, opened }: StartedRuns): Promise<ReadRun> {
  for (const reading of each) {
    const run = await reading;
    if (run !== null) return run;
  }
  const { runs } = await opened; // there are none: it rejects
  return runs[0]!;
}

/** One batch under every run: votes where the class needs them, then maps; cells are written and drawn in the background. */
async function explainBatch(work: Work, group: readonly Opened[], rows: Backlog): Promise<void> {
  const { options, started, known, slots, studio, board, onProgress } = work;
  options.signal?.throwIfAborted();
  board.samples.push(...group.map(({ sample, picture }) => sampleOf(sample, picture)));
  const passes = started.each.map((reading) => passOf(work, reading, group));
  for (const pass of passes) pass.catch(() => undefined); // of runs that are refused; the others are awaited
  await known;
  const { runs, places } = await started.opened;
  const specs = runs.map((run) => run.prepared.prepare);
  const batch = await Promise.all(
    group.map(async ({ sample, picture }) => ({
      ...sample,
      name: sample.id,
      picture: await withInputs(picture, specs),
    })),
  );
  const found = (await Promise.all(places.map((place) => passes[place]!))).filter((pass) => pass !== null);
  const inferred = await settleBatch({ runs, target: options.target, voting: started.voting, slots }, batch, found);
  const faithfulness = await faithfulnessOfBatch(runs, batch, inferred, { ...options, onProgress });

  for (const [index, sample] of batch.entries())
    await rows.add(async () => {
      await setImmediate(); // sessions that are done get their next batch before this row is measured
      const row = await makeRow({ runs, sample, index, inferred, faithfulness }, { options, studio });
      board.measures.set(sample.id, row.measured);
      if (row.measured.problem !== null) board.skipped.push({ path: sample.mask!, reason: row.measured.problem });
      if (needsAllMaps(options.scale)) board.undrawn.push({ path: sample.path, cells: row.cells });
      else board.cells.push(...(await drawRow(row, sample.picture.handle, { options, studio })));
      await studio.release(sample.picture.handle);
      onProgress({ kind: 'progress', cells: row.cells.length });
    });
}

/** A batch under one run, as soon as that is open, whatever the others are at. */
async function passOf(
  { options, started, slots }: Work,
  reading: Promise<StartedRun | null>,
  group: readonly Opened[],
): Promise<FirstPass | null> {
  const run = await reading;
  if (run === null) return null;
  const inputs = await Promise.all(group.map(({ picture }) => picture.inputFor(run.prepared.prepare)));
  const targetsUnder = ({ head }: ReadRun): CellTarget[] =>
    group.map(({ sample }) => cellTargets(options.target, sample.label, [head], [])[0]!);
  let targets = targetsUnder(run);
  // A run without names of its own may have the class by the name that another run gives it.
  if (!started.voting && !run.head.named && targets.some(({ note }) => note !== null))
    targets = targetsUnder((await started.read).find(({ id }) => id === run.id)!);
  const classes = started.voting ? null : targets.map(({ index }) => index);
  const open = await run.opened;
  return firstPass(
    open,
    inputs.map(({ data }) => data),
    classes,
    slots,
  );
}

/** SHA-256 of each run's files, one run after the other. */
async function hashModels(runs: readonly OpenRun[]): Promise<string[]> {
  return limited(runs, 1, (run) => hashFiles(run.prepared.model.files));
}

function emptyBoard(skipped: readonly ReportSkipped[]): Board {
  return {
    ...{ samples: [], cells: [], undrawn: [], skipped: [...skipped], measures: new Map(), sanity: null },
    ...{ began: Infinity, inferenceMs: 0, mapsMs: 0 },
  };
}

function sampleOf(sample: Sample, { width, height, sha256 }: OpenPicture): ReportSample {
  const { id, path, label, mask } = sample;
  return { id, path, width, height, label, sha256, picture: pictureFile(sample), mask };
}
