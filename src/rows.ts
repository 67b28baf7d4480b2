// One row of the report: a sample under every run and method. Its maps go to disk, its numbers are taken, its overlays drawn.
import { join } from 'node:path';
import { drawCell, makeCell, type Cell, type CellSettings, type EarlyOverlays } from './cells.ts';
import type { GatheredSample } from './gather.ts';
import type { Heatmap, Placement } from './image/picture.ts';
import type { PictureHandle, Studio, StudioPicture } from './image/studio.ts';
import type { BatchMaps } from './infer-batch.ts';
import { Backlog } from './lib/ordered.ts';
import { measureRow, type BatchFaithfulness, type MeasuredSample } from './measures.ts';
import type { CompareOptions } from './options.ts';
import type { ReportCell, ReportInput } from './report/report.ts';
import type { OpenPicture } from './pictures.ts';
import { needsNoOther, scaleMaxima } from './report/scale.ts';
import type { OpenRun, ReadRun } from './runs.ts';
import { referenceOf } from './targets.ts';

export interface RowSettings {
  readonly options: CompareOptions;
  readonly studio: Studio;
  readonly early: EarlyOverlays;
}

/** A sample of a batch whose maps are made. */
export interface InferredRow {
  readonly runs: readonly OpenRun[];
  readonly sample: GatheredSample & { readonly name: string; readonly picture: StudioPicture };
  /** Place in the batch. */
  readonly index: number;
  readonly inferred: BatchMaps;
  readonly faithfulness: BatchFaithfulness;
}

/** Cells are run by run, method by method within a run. */
export interface Row {
  readonly cells: readonly Cell[];
  /** The map of each cell. */
  readonly maps: readonly Heatmap[];
  readonly measured: MeasuredSample;
}

/** A row whose scale is known only once every map is. */
export interface UndrawnRow {
  readonly path: string;
  readonly cells: readonly Cell[];
}

/** Maps and the small picture are on disk when this returns. */
export async function makeRow(
  { runs, sample, index, inferred, faithfulness }: InferredRow,
  { options, studio }: Omit<RowSettings, 'early'>,
): Promise<Row> {
  const { picture } = sample;
  const { targets, logits, maps, notes } = inferred;
  const { methods } = options;
  const thumbnail = studio.thumbnail(picture.handle, { file: join(options.out, pictureFile(sample)) });
  thumbnail.catch(() => undefined); // told where it is awaited
  const seen = await drawInputs(runs, sample, { options, studio });
  const measured = await measureRow(
    runs,
    sample,
    { row: index, maps, faithfulness },
    { methods, studio, keepMask: true },
  );
  const heatmaps = runs.flatMap((run, column) =>
    methods.map((_, m): Heatmap => {
      const [height, width] = run.grids[m]!;
      return { height, width, data: maps[column]![m]![index]! };
    }),
  );
  const cells = heatmaps.map((map, cell) => {
    const [column, m] = [Math.floor(cell / methods.length), cell % methods.length];
    const raw = {
      sample: sample.id,
      path: sample.path,
      dir: sample.dir,
      label: sample.label,
      run: runs[column]!,
      method: methods[m]!,
      target: targets[index]![column]!,
      logits: logits[column]![index]!,
      map,
      note: notes[column]![m]![index]!,
      placement: picture.inputs[column]!.placement,
      input: seen[column] ?? null,
      metrics: measured.cells[cell]!.metrics,
    };
    return makeCell(raw, settingsOf(options));
  });
  await thumbnail;
  return { cells, maps: heatmaps, measured };
}

/** What every run saw of a picture, drawn where it was asked for. */
function drawInputs(
  runs: readonly OpenRun[],
  { dir, picture }: InferredRow['sample'],
  { options, studio }: Omit<RowSettings, 'early'>,
): Promise<ReportInput[]> {
  if (!options.showInput) return Promise.resolve([]);
  return Promise.all(
    runs.map(async ({ id, prepared }) => {
      const file = `inputs/${dir}/${id}.png`;
      return { picture: file, ...(await studio.input(picture.handle, prepared.prepare, join(options.out, file))) };
    }),
  );
}

/** Begins the overlays of one run's maps of a batch, `[method][sample]`, where each has a scale of its own. */
export function beginOverlays(
  run: ReadRun,
  samples: readonly { sample: GatheredSample; picture: OpenPicture; placement: Placement }[],
  {
    maps,
    logits,
    grids,
  }: { maps: BatchMaps['maps'][number]; logits: readonly Float32Array[]; grids: OpenRun['grids'] },
  { options, studio, early }: RowSettings,
): void {
  if (!needsNoOther(options.scale)) return;
  const settings = { studio, ...settingsOf(options) };
  for (const [row, { sample, picture, placement }] of samples.entries())
    for (const [m, method] of options.methods.entries()) {
      const [height, width] = grids[m]!;
      const map = { height, width, data: maps[m]![row]! };
      const cell = { sample: sample.id, dir: sample.dir, run, method, logits: logits[row]!, map, placement };
      early.begin(cell, options.scale, { handle: picture.handle, ...settings });
    }
}

/** Overlays of one row under a scale that its own cells settle. */
export async function drawRow(
  { cells, maps }: Row,
  handle: PictureHandle,
  { options, studio, early }: RowSettings,
): Promise<ReportCell[]> {
  const tops = scaleMaxima(
    options.scale,
    cells.map((cell) => cell.stats),
  );
  return Promise.all(
    cells.map((cell, index) =>
      drawCell(cell, maps[index]!, tops[index]!, { handle, studio, early, ...settingsOf(options) }),
    ),
  );
}

/** Overlays whose scale is shared by the whole report, once every map is known. Pictures are decoded again, one by one. */
export async function drawRest(
  rows: readonly UndrawnRow[],
  { options, studio, early }: RowSettings,
): Promise<ReportCell[]> {
  const tops = scaleMaxima(
    options.scale,
    rows.flatMap(({ cells }) => cells.map((cell) => cell.stats)),
  );
  const backlog = new Backlog(2 * options.batch);
  const drawn: ReportCell[] = [];
  let first = 0;
  for (const { path, cells } of rows) {
    const own = tops.slice(first, (first += cells.length));
    await backlog.add(async () => {
      const { handle } = await studio.load(path, []);
      const settings = { handle, studio, early, ...settingsOf(options) };
      drawn.push(...(await Promise.all(cells.map((cell, index) => drawCell(cell, null, own[index]!, settings)))));
      await studio.release(handle);
    });
  }
  await backlog.settle();
  return drawn;
}

/** Where the small copy of a sample's picture lies in the output. */
export const pictureFile = ({ dir }: { readonly dir: string }): string => `pictures/${dir}.jpg`;

function settingsOf({ out, colormap, alpha, methods, choices, target }: CompareOptions): CellSettings {
  return { out, colormap, alpha, methods, signed: choices.signed, similarTo: referenceOf(target) };
}
