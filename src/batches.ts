// Batch by batch, every picture under every run: pictures decoded ahead, two batches at work, what is drawn beside the maps.
import { setImmediate } from 'node:timers/promises';
import { beginOverlays, drawRow, makeRow, pictureFile, type UndrawnRow } from './rows.ts';
import type { EarlyOverlays } from './cells.ts';
import { noPictures } from './data/samples.ts';
import type { OnProgress } from './events.ts';
import type { GatheredSample as Sample } from './gather.ts';
import type { Heatmap } from './image/picture.ts';
import type { Studio } from './image/studio.ts';
import { firstPass, settleBatch, type FirstPass } from './infer-batch.ts';
import { messageOf } from './lib/errors.ts';
import { Backlog, ordered } from './lib/ordered.ts';
import type { Slots } from './lib/slots.ts';
import { faithfulnessOfBatch, type MeasuredSample } from './measures.ts';
import type { SanityResult } from './metrics/maps/sanity.ts';
import type { StartedRuns } from './open-runs.ts';
import type { CompareOptions } from './options.ts';
import { openPicture, withInputs, type OpenPicture } from './pictures.ts';
import type { ReportCell, ReportSample, ReportSkipped } from './report/report.ts';
import { needsAllMaps } from './report/scale.ts';
import type { OpenRun, ReadRun, StartedRun } from './runs.ts';
import { cellTargets, type CellTarget } from './targets.ts';

/** Batches of pictures that are decoded ahead of those at work. */
const AHEAD = 1;
/** Batches at work: the second keeps the engine busy while the last runs finish the first. */
const AT_WORK = 2;
/** Batches at work while runs are still being opened: those that are open go on meanwhile. */
const AT_WORK_EARLY = 3;

/** A sample whose picture is in the studio. */
interface Opened {
  readonly sample: Sample;
  readonly picture: OpenPicture;
}

/** What comes into being while the batches go by. */
export interface Board {
  readonly samples: ReportSample[];
  readonly cells: ReportCell[];
  readonly undrawn: UndrawnRow[];
  readonly skipped: ReportSkipped[];
  /** By sample. */
  readonly measures: Map<string, MeasuredSample>;
  /** By file: what the page holds of them is as large as they are. */
  readonly maps: Map<string, Heatmap>;
  sanity: readonly SanityResult[] | null;
  /** When the pictures of the first batch were there. */
  began: number;
  inferenceMs: number;
  mapsMs: number;
}

export interface Work {
  readonly options: CompareOptions;
  readonly started: StartedRuns;
  /** Rejects where no run has the class that is asked for. */
  readonly known: Promise<void>;
  /** As many as there are runs that work at the same time. */
  readonly slots: Slots;
  readonly studio: Studio;
  readonly early: EarlyOverlays;
  readonly board: Board;
  readonly batch: number;
  readonly samples: readonly Sample[];
  readonly onProgress: OnProgress;
}

/**
 * Every batch: the pictures of one come from the studio's workers while the engine is at the one before. `whenInferred` is
 * called when the models are not needed any more; then the last overlays are waited for.
 */
export async function explainAll(work: Work, whenInferred: () => void): Promise<void> {
  const { options, started, known, board, batch, samples, onProgress } = work;
  const tellTotal = ({ runs }: { runs: readonly OpenRun[] }): void =>
    onProgress({ kind: 'started', what: 'maps', total: samples.length * runs.length * options.methods.length });
  started.opened.then(tellTotal, () => undefined);
  let limit = AT_WORK_EARLY;
  const settled = (): void => void (limit = AT_WORK);
  started.opened.then(settled, settled);
  const atWork = new Backlog(AT_WORK);
  const rows = new Backlog(2 * batch);
  for await (const group of loadGroups(work)) {
    board.began = Math.min(board.began, performance.now());
    // Faithfulness asks the models again and holds the engine: then it is one batch after the other.
    await atWork.add(() => explainBatch(work, group, rows), options.faithfulness.length > 0 ? 1 : limit);
  }
  await atWork.settle();
  whenInferred();
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
  const { options, started, known, slots, studio, early, board, onProgress } = work;
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
      for (const [cell, { report }] of row.cells.entries())
        if (report.map !== null) board.maps.set(report.map, row.maps[cell]!);
      if (row.measured.problem !== null) board.skipped.push({ path: sample.mask!, reason: row.measured.problem });
      if (needsAllMaps(options.scale)) board.undrawn.push({ path: sample.path, cells: row.cells });
      else board.cells.push(...(await drawRow(row, sample.picture.handle, { options, studio, early })));
      await studio.release(sample.picture.handle);
      onProgress({ kind: 'progress', cells: row.cells.length });
    });
}

/** A batch under one run, as soon as that is open, whatever the others are at. */
async function passOf(
  { options, started, known, slots, studio, early }: Work,
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
  const data = inputs.map((input) => input.data);
  const pass = await firstPass(open, data, classes, slots);
  if (pass.explained !== null) {
    await known;
    const maps = pass.explained.map((samples) => samples.map(({ map }) => map));
    const seen = group.map((opened, row) => ({ ...opened, placement: inputs[row]!.placement }));
    beginOverlays(open, seen, { maps, logits: pass.one.logits, grids: open.grids }, { options, studio, early });
  }
  return pass;
}

export function emptyBoard(skipped: readonly ReportSkipped[]): Board {
  return {
    samples: [],
    cells: [],
    undrawn: [],
    skipped: [...skipped],
    measures: new Map(),
    maps: new Map(),
    sanity: null,
    began: Infinity,
    inferenceMs: 0,
    mapsMs: 0,
  };
}

function sampleOf(sample: Sample, { width, height, sha256 }: OpenPicture): ReportSample {
  const { id, path, label, mask } = sample;
  return { id, path, width, height, label, sha256, picture: pictureFile(sample), mask };
}
