// The spine: options -> runs and samples -> maps -> overlays -> report. Whoever reads this file knows the program.
//
//   models ──── startRuns: read ── opened ──┐
//                                           ├── batch by batch: targets, maps ── .npy, overlays ──┐
//   pictures ── studio (worker threads) ────┘                                                     ├── report
//   labels, masks ────────────────────────────────────────────────────────────────────────────────┘
//
// The engine is never waited for by what does not need it, nor the other way round: the first maps are made while other runs
// are still being read, a second batch is asked for before the first is done, and what is drawn is drawn beside the maps.
import { emptyBoard, explainAll } from './batches.ts';
import { EarlyOverlays } from './cells.ts';
import { collectRuns } from './data/models.ts';
import { SessionThreads } from './engine/session-threads.ts';
import { shareThreads } from './engine/share.ts';
import type { OnProgress } from './events.ts';
import { gatherSamples } from './gather.ts';
import { openStudio, type Studio } from './image/studio.ts';
import { requireWritableFolder } from './lib/files.ts';
import { evenBatch, limited } from './lib/ordered.ts';
import { Slots } from './lib/slots.ts';
import { readAhead } from './model/ahead.ts';
import { hashFiles } from './model/load.ts';
import { holdsModel, isModelName } from './model/locate.ts';
import type { StartedRuns } from './open-runs.ts';
import { normalizeCompareOptions, type CompareOptions, type CompareSpec } from './options.ts';
import { findEvaluation } from './report/evaluation/find.ts';
import { readEvaluation } from './report/evaluation/read.ts';
import type { Report } from './report/report.ts';
import { drawRest } from './rows.ts';
import type { OpenRun } from './runs.ts';
import { checkSanity, loadSanitySamples } from './sanity.ts';
import { requireKnownTarget } from './targets.ts';

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
  // Begun beside what this thread loads: the library for models takes longer than everything before it.
  const waiting = new SessionThreads(worksInThreads(options, models.runs.length) ? 1 : 0);
  const ahead = readAhead(models.runs[0]?.path);
  const loading = import('./open-runs.ts');
  let studio: Studio | undefined;
  let starting: Promise<StartedRuns> | undefined;
  try {
    const gathered = await gatherSamples(models, options, onProgress);
    const labels = gathered.samples.map((sample) => sample.label);
    const batch = evenBatch(gathered.samples.length, options.batch);
    const { startRuns } = await loading;
    studio = openStudio(); // its threads start while the first model is read
    starting = startRuns(models, options, labels, batch, onProgress, { waiting, ahead });
    const started = await starting;
    const known = started.read.then((runs) =>
      requireKnownTarget(
        options.target,
        runs.map(({ head }) => head),
      ),
    );
    known.catch(() => undefined); // awaited before anything is written
    const hashes = started.opened.then(({ runs }) => hashModels(runs)); // read beside the maps, awaited after them
    hashes.catch(() => undefined);
    const wantsSanity = options.sanity || Object.keys(options.permuted).length > 0;
    const board = emptyBoard(gathered.skipped);
    const [slots, early] = [new Slots(started.atOnce), new EarlyOverlays()];
    const work = { options, started, known, slots, studio, early, board, batch, samples: gathered.samples, onProgress };
    // What only the report needs is loaded beside the maps; what only the maps need is closed beside the report.
    const reporting = started.first.then(() => Promise.all([import('./describe.ts'), import('./report/render.ts')]));
    await explainAll(work, () => {
      if (!wantsSanity) started.close().catch(() => undefined); // awaited at the end
    });
    const opened = await started.opened;
    board.cells.push(...(await drawRest(board.undrawn, { options, studio, early })));
    board.skipped.push(...opened.skipped);
    board.mapsMs = performance.now() - board.began;
    board.inferenceMs = started.work.total;
    if (wantsSanity) {
      const samples = await loadSanitySamples(board, opened.runs, studio);
      board.sanity = await checkSanity({ ...options, opened, samples, seed: 0, onProgress });
    }
    const { runs } = opened;
    const sums = await hashes;
    const evaluation = await findEvaluation(
      options,
      runs.map(({ name }, index) => ({ name, sha256: sums[index]! })),
    );
    const [{ describeReport }, { writeReport }] = await reporting;
    const { engine } = started;
    const report = describeReport({ options, runs, gathered, board, engine, hashes: sums, evaluation, started: began });
    const masks = new Map([...board.measures].map(([id, { mask }]) => [id, mask]));
    const { singleFile, tensorboard } = options;
    await writeReport(report, options.out, { singleFile, tensorboard, known: { maps: board.maps, masks } });
    onProgress({ kind: 'finished', out: options.out, ms: performance.now() - began, inferenceMs: board.inferenceMs });
    return report;
  } finally {
    const closeRuns = starting?.then(
      (started) => started.close(),
      () => undefined,
    );
    await Promise.all([studio?.close(), waiting.close(), closeRuns]);
  }
}

/** Whether several runs are to work side by side, which sessions do in threads of their own (see `shareThreads`). */
const worksInThreads = ({ engine, threads }: CompareOptions, runs: number): boolean =>
  ['auto', 'cpu'].includes(engine) && shareThreads(runs, threads).sessions > 1;

/** SHA-256 of each run's files, one run after the other. */
async function hashModels(runs: readonly OpenRun[]): Promise<string[]> {
  return limited(runs, 1, (run) => hashFiles(run.prepared.model.files));
}
