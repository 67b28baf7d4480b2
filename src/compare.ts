// The spine: options -> runs and samples -> maps -> overlays -> report. Whoever reads this file knows the program.
//
//   models ──── openRuns ─────────────────┐
//                                         ├── batch by batch: targets, maps, .npy, overlays ──┐
//   pictures ── studio (worker threads) ──┘                                                   ├── report
//   labels, masks ────────────────────────────────────────────────────────────────────────────┘
import { join } from 'node:path';
import { drawCell, makeCell, type Cell, type CellSettings } from './cells.ts';
import { findEvaluation } from './report/evaluation/find.ts';
import { gatherSamples, type GatheredSample as Sample } from './gather.ts';
import { collectRuns } from './data/models.ts';
import { noPictures } from './data/samples.ts';
import { describeReport } from './describe.ts';
import type { OnProgress } from './events.ts';
import { openStudio, type PictureHandle, type Studio, type StudioPicture } from './image/studio.ts';
import { messageOf } from './lib/errors.ts';
import { requireWritableFolder } from './lib/files.ts';
import { Backlog, evenBatch, limited, ordered } from './lib/ordered.ts';
import { hashFiles } from './model/load.ts';
import { holdsModel, isModelName } from './model/locate.ts';
import { inferBatch } from './infer-batch.ts';
import { faithfulnessOfBatch, measureRow, type MeasuredSample } from './measures.ts';
import type { SanityResult } from './metrics/maps/sanity.ts';
import { openRuns } from './open-runs.ts';
import { normalizeCompareOptions, type CompareOptions, type CompareSpec } from './options.ts';
import { readEvaluation } from './report/evaluation/read.ts';
import { writeReport } from './report/render.ts';
import type { Report, ReportCell, ReportInput, ReportSample, ReportSkipped } from './report/report.ts';
import { needsAllMaps, scaleMaxima } from './report/scale.ts';
import type { OpenRun } from './runs.ts';
import { checkSanity, loadSanitySamples } from './sanity.ts';
import { referenceOf, requireKnownTarget } from './targets.ts';

/** Batches of pictures that are decoded ahead of the one at work. */
const AHEAD = 2;

/** A sample whose picture is in the studio. */
interface Opened {
  readonly sample: Sample;
  readonly picture: StudioPicture;
}

/** What comes into being while the batches go by. */
interface Board {
  readonly samples: ReportSample[];
  readonly cells: ReportCell[];
  readonly undrawn: { readonly sample: Sample; readonly cells: readonly Cell[] }[];
  readonly skipped: ReportSkipped[];
  /** By sample. */
  readonly measures: Map<string, MeasuredSample>;
  sanity: readonly SanityResult[] | null;
  inferenceMs: number;
  mapsMs: number;
}

/**
 * Attention maps of every run for every picture: writes maps, overlays, report.json and report.html to `out`, and returns
 * the report. A bad model or picture is skipped and named; only when no run or no picture is left does it throw.
 */
export async function compare(spec: CompareSpec, onProgress: OnProgress = () => undefined): Promise<Report> {
  const started = performance.now();
  const options = normalizeCompareOptions(spec);
  await requireWritableFolder(options.out);
  if (options.evaluation !== undefined) await readEvaluation(options.evaluation); // a wrong file is told before the work
  const models = await collectRuns(options.models, { isModelName, holdsModel });
  const gathered = await gatherSamples(models, options, onProgress);
  const batch = evenBatch(gathered.samples.length, options.batch);
  const opened = await openRuns(
    models,
    options,
    gathered.samples.map((sample) => sample.label),
    batch,
    onProgress,
  );
  const board: Board = {
    samples: [],
    cells: [],
    undrawn: [],
    skipped: [...gathered.skipped, ...opened.skipped],
    measures: new Map(),
    sanity: null,
    inferenceMs: 0,
    mapsMs: 0,
  };
  const hashes = hashModels(opened.runs); // beside the maps, awaited after them
  hashes.catch(() => undefined);
  const studio = openStudio();
  const mapsStarted = performance.now();
  try {
    requireKnownTarget(
      options.target,
      opened.runs.map((run) => run.head),
    );
    await explainAll({
      options,
      runs: opened.runs,
      studio,
      board,
      batch,
      samples: gathered.samples,
      voting: opened.voting,
      atOnce: opened.atOnce,
      onProgress,
    });
    await drawRest({ options, studio, board });
    board.mapsMs = performance.now() - mapsStarted;
    if (options.sanity || Object.keys(options.permuted).length > 0)
      board.sanity = await checkSanity({
        ...options,
        opened,
        samples: await loadSanitySamples(board, opened.runs, studio),
        seed: 0,
        onProgress,
      });
    const sums = await hashes;
    const evaluation = await findEvaluation(
      options,
      opened.runs.map(({ name }, index) => ({ name, sha256: sums[index]! })),
    );
    const report = describeReport({ options, runs: opened.runs, gathered, board, hashes: sums, evaluation, started });
    const { singleFile, tensorboard } = options;
    await writeReport(report, options.out, { singleFile, tensorboard });
    onProgress({ kind: 'finished', out: options.out, ms: performance.now() - started, inferenceMs: board.inferenceMs });
    return report;
  } finally {
    await Promise.all([studio.close(), ...opened.runs.map((run) => run.close())]);
  }
}

interface Work {
  readonly options: CompareOptions;
  readonly runs: readonly OpenRun[];
  readonly studio: Studio;
  readonly board: Board;
  readonly batch: number;
  readonly samples: readonly Sample[];
  readonly voting: boolean;
  readonly atOnce: number;
  readonly onProgress: OnProgress;
}

/** Every batch: pictures come from the studio's workers while the engine is at the batch before. */
async function explainAll(work: Work): Promise<void> {
  const { options, runs, studio, board, batch, samples, onProgress } = work;
  const total = samples.length * runs.length * options.methods.length;
  onProgress({ kind: 'started', what: 'maps', total });
  const specs = runs.map((run) => run.prepared.prepare);
  const backlog = new Backlog(2 * batch);
  let group: Opened[] = [];
  const flush = async (): Promise<void> => {
    options.signal?.throwIfAborted();
    if (group.length > 0) await explainBatch(work, group, backlog);
    group = [];
  };
  const load = async (sample: Sample): Promise<Opened | { sample: Sample; error: unknown }> => {
    try {
      return { sample, picture: await studio.load(sample.path, specs) };
    } catch (error) {
      return { sample, error };
    }
  };
  for await (const loaded of ordered(samples, AHEAD * batch, load)) {
    if ('error' in loaded) {
      const skipped = { path: loaded.sample.path, reason: messageOf(loaded.error) };
      board.skipped.push(skipped);
      onProgress({ kind: 'skipped', ...skipped });
    } else {
      group.push(loaded);
      if (group.length === batch) await flush();
    }
  }
  await flush();
  await backlog.settle();
  if (board.samples.length === 0)
    throw noPictures(board.skipped, 'Give pictures as files, folders or globs with --images.');
}

/** One batch under every run: votes where the class needs them, then maps; cells are written and drawn in the background. */
async function explainBatch(work: Work, group: readonly Opened[], backlog: Backlog): Promise<void> {
  const { options, runs, board, voting, atOnce, studio, onProgress } = work;
  const started = performance.now();
  const named = group.map(({ sample, picture }) => ({
    name: sample.id,
    label: sample.label,
    mask: sample.mask,
    picture,
  }));
  const inferred = await inferBatch({ runs, target: options.target, voting, atOnce }, named);
  const { targets, logits, maps, notes } = inferred;
  board.inferenceMs += performance.now() - started;
  const faithfulness = await faithfulnessOfBatch(runs, named, inferred, { ...options, onProgress });

  for (const [row, { sample, picture }] of group.entries()) {
    board.samples.push(sampleOf(sample, picture));
    await backlog.add(async () => {
      const seen = await drawInputs(work, sample, picture);
      const measured = await measureRow(runs, named[row]!, { row, maps, faithfulness }, { ...options, studio });
      board.measures.set(sample.id, measured);
      if (measured.problem !== null) board.skipped.push({ path: sample.mask!, reason: measured.problem });
      const cells = await Promise.all(
        runs.flatMap((run, column) =>
          options.methods.map((method, m) => {
            const [height, width] = run.grids[m]!;
            const map = { height, width, data: maps[column]![m]![row]! };
            const { placement } = picture.inputs[column]!;
            const raw = {
              sample: sample.id,
              path: sample.path,
              dir: sample.dir,
              label: sample.label,
              run,
              method,
              target: targets[row]![column]!,
              logits: logits[column]![row]!,
              map,
              note: notes[column]![m]![row]!,
              placement,
              input: seen[column] ?? null,
              metrics: measured.cells[column * options.methods.length + m]!.metrics,
            };
            return makeCell(raw, settingsOf(options));
          }),
        ),
      );
      await studio.thumbnail(picture.handle, { file: join(options.out, pictureFile(sample)) });
      if (needsAllMaps(options.scale)) board.undrawn.push({ sample, cells });
      else board.cells.push(...(await draw(cells, picture.handle, studio, options)));
      await studio.release(picture.handle);
      onProgress({ kind: 'progress', cells: cells.length });
    });
  }
}

/** What every run saw of a picture, drawn where it was asked for. */
function drawInputs({ options, runs, studio }: Work, sample: Sample, picture: StudioPicture): Promise<ReportInput[]> {
  if (!options.showInput) return Promise.resolve([]);
  return Promise.all(
    runs.map(async ({ id, prepared }) => {
      const file = `inputs/${sample.dir}/${id}.png`;
      return { picture: file, ...(await studio.input(picture.handle, prepared.prepare, join(options.out, file))) };
    }),
  );
}

/** Overlays whose scale is shared by the whole report, once every map is known. Pictures are decoded again, one by one. */
async function drawRest({
  options,
  studio,
  board,
}: {
  options: CompareOptions;
  studio: Studio;
  board: Board;
}): Promise<void> {
  const maxima = scaleMaxima(
    options.scale,
    board.undrawn.flatMap(({ cells }) => cells.map((cell) => cell.stats)),
  );
  const backlog = new Backlog(AHEAD * 2);
  let first = 0;
  for (const { sample, cells } of board.undrawn) {
    const tops = maxima.slice(first, (first += cells.length));
    await backlog.add(async () => {
      const { handle } = await studio.load(sample.path, []);
      board.cells.push(
        ...(await Promise.all(
          cells.map((cell, index) => drawCell(cell, tops[index]!, handle, studio, settingsOf(options))),
        )),
      );
      await studio.release(handle);
    });
  }
  await backlog.settle();
}

/** Overlays of one sample under a scale that its own cells settle. */
async function draw(
  cells: readonly Cell[],
  handle: PictureHandle,
  studio: Studio,
  options: CompareOptions,
): Promise<ReportCell[]> {
  const maxima = scaleMaxima(
    options.scale,
    cells.map((cell) => cell.stats),
  );
  return Promise.all(cells.map((cell, index) => drawCell(cell, maxima[index]!, handle, studio, settingsOf(options))));
}

/** SHA-256 of each run's files, one run after the other. */
async function hashModels(runs: readonly OpenRun[]): Promise<string[]> {
  return limited(runs, 1, (run) => hashFiles(run.prepared.model.files));
}

const pictureFile = (sample: Sample): string => `pictures/${sample.dir}.jpg`;

function settingsOf({ out, colormap, alpha, methods, choices, target }: CompareOptions): CellSettings {
  return { out, colormap, alpha, methods, signed: choices.signed, similarTo: referenceOf(target) };
}

function sampleOf(sample: Sample, { width, height, sha256 }: StudioPicture): ReportSample {
  const { id, path, label, mask } = sample;
  return { id, path, width, height, label, sha256, picture: pictureFile(sample), mask };
}
