// The cells of a report as they come into being: a map per sample, run and method on disk at once, its overlay as soon as
// its scale is known.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isRight, twoSidedLogits } from './classes.ts';
import type { ColormapId } from './image/colormaps.ts';
import type { Heatmap, Placement } from './image/picture.ts';
import type { PictureHandle, Studio } from './image/studio.ts';
import { writeFileAtomicSync } from './lib/files.ts';
import { decodeNpy, encodeNpy } from './lib/npy.ts';
import type { Numbers } from './metrics/maps/measure.ts';
import type { ReportCell, ReportInput, ReportTarget } from './report/report.ts';
import { scaleMaxima, type ScaledMap, type ScaleId } from './report/scale.ts';
import type { OpenRun, ReadRun } from './runs.ts';
import { ranking, type CellTarget } from './targets.ts';

export interface CellSettings {
  readonly out: string;
  readonly colormap: ColormapId;
  readonly alpha: number;
  readonly methods: readonly string[];
  /** Maps are drawn from -scaleMax to scaleMax. */
  readonly signed: boolean;
  /** Picture that pictures are compared with, where no class is explained. */
  readonly similarTo: string | null;
}

/** One map before it is scaled and drawn. */
export interface RawCell {
  readonly sample: string;
  readonly path: string;
  /** Folder name of the sample in the output. */
  readonly dir: string;
  readonly label: string | null;
  readonly run: OpenRun;
  readonly method: string;
  readonly target: CellTarget;
  readonly logits: Float32Array;
  readonly map: Heatmap;
  /** What the method tells of this map, or null. */
  readonly note: string | null;
  readonly placement: Placement;
  /** What the model saw, where it was drawn. */
  readonly input: ReportInput | null;
  /** Map metrics by id; null where no map could be made. */
  readonly metrics: Numbers | null;
}

/** A cell whose map is on disk. */
export interface Cell {
  readonly report: ReportCell;
  readonly stats: ScaledMap;
  /** Path of the overlay to be, relative to the output folder. */
  readonly overlay: string;
}

/** Everything about a cell but its scale and overlay. The map is on disk when this returns, unless it holds no numbers. */
export function makeCell(raw: RawCell, settings: CellSettings): Cell {
  const { run, logits, map, target, label } = raw;
  const top = ranking(logits, run.head);
  const predicted = top[0] ?? null;
  const index = target.index >= 0 ? target.index : (predicted?.index ?? -1);
  const finite = isDrawable(raw);
  const file = finite ? `maps/${raw.dir}/${nameOf(raw, settings)}.npy` : null;
  if (file !== null) writeFileAtomicSync(join(settings.out, file), encodeNpy(map.data, [map.height, map.width]));
  const { min, max, sum } = strengthOf(map, settings);
  const range: readonly [number, number] = settings.signed
    ? [statsOf(map.data).min, statsOf(map.data).max]
    : [min, max];
  const logit = index >= 0 && finite ? (twoSidedLogits(logits)[index] ?? null) : null;
  const report: ReportCell = {
    sample: raw.sample,
    run: run.id,
    method: raw.method,
    target: index >= 0 ? reportTarget(raw, index, settings) : null,
    predicted,
    top,
    logit,
    correct: predicted === null || label === null ? null : isRight(predicted.index, label, run.head),
    map: file,
    range: finite ? range : null,
    scaleMax: null,
    placement: finite ? raw.placement : null,
    overlay: null,
    input: raw.input,
    metrics: finite ? raw.metrics : null,
    note: noteOf(raw, finite, max, settings.similarTo),
  };
  return {
    report,
    stats: { method: raw.method, sample: raw.sample, max, sum, logit: logit ?? 0 },
    overlay: overlayOf(raw, settings),
  };
}

/** What is known of a map when its own run is done with it. */
export type EarlyCell = Pick<RawCell, 'sample' | 'dir' | 'method' | 'logits' | 'map' | 'placement'> & {
  readonly run: ReadRun;
};

/** Whether there are numbers to draw. */
const isDrawable = ({ logits, map, run }: EarlyCell): boolean =>
  ranking(logits, run.head).length > 0 && map.data.every(Number.isFinite);

const nameOf = ({ run, method }: EarlyCell, { methods }: CellSettings): string =>
  methods.length > 1 ? `${run.id}.${method}` : run.id;

const overlayOf = (cell: EarlyCell, settings: CellSettings): string =>
  `overlays/${cell.dir}/${nameOf(cell, settings)}.png`;

export interface DrawSettings extends CellSettings {
  readonly studio: Studio;
  /** The cell's picture, in the studio. */
  readonly handle: PictureHandle;
  readonly early: EarlyOverlays;
}

/** Overlays that were begun before their rows were whole, by file. */
export class EarlyOverlays {
  readonly #begun = new Map<string, { readonly map: Float32Array; readonly drawn: Promise<void> }>();

  /** Begins the overlay of a map whose scale depends on no other map. */
  begin(cell: EarlyCell, scale: ScaleId, settings: Omit<DrawSettings, 'early'>): void {
    if (!isDrawable(cell)) return;
    const { map, method, sample, placement } = cell;
    const file = overlayOf(cell, settings);
    const [top] = scaleMaxima(scale, [{ method, sample, logit: 0, ...strengthOf(map, settings) }]);
    const drawn = draw(map, { file, placement, scaleMax: top! }, settings);
    drawn.catch(() => undefined); // told where it is taken
    this.#begun.set(file, { map: map.data, drawn });
  }

  /** The drawing of this very map, where it was begun. */
  take(file: string, { data }: Heatmap): Promise<void> | null {
    const begun = this.#begun.get(file);
    this.#begun.delete(file);
    return begun?.map === data ? begun.drawn : null;
  }
}

/** Blends a cell's map onto its picture and writes the overlay. A map that is not given is read from disk. */
export async function drawCell(
  { report, overlay }: Cell,
  map: Heatmap | null,
  scaleMax: number,
  settings: DrawSettings,
): Promise<ReportCell> {
  const { placement } = report;
  if (report.map === null || placement === null) return report;
  const heatmap = map ?? (await readMap(join(settings.out, report.map)));
  await (settings.early.take(overlay, heatmap) ?? draw(heatmap, { file: overlay, placement, scaleMax }, settings));
  return { ...report, scaleMax, overlay };
}

function draw(
  heatmap: Heatmap,
  { file, placement, scaleMax }: { file: string; placement: Placement; scaleMax: number },
  { out, colormap, alpha, signed, studio, handle }: Omit<DrawSettings, 'early'>,
): Promise<void> {
  return studio.overlay(handle, {
    heatmap,
    placement,
    scaleMax,
    ...(signed ? { scaleMin: -scaleMax } : {}),
    colormap,
    alpha,
    file: join(out, file),
  });
}

async function readMap(file: string): Promise<Heatmap> {
  const { data, shape } = decodeNpy(await readFile(file), file);
  return { height: shape[0]!, width: shape[1]!, data };
}

/** The explained class, and what else the score is made of. */
function reportTarget({ run, logits }: RawCell, index: number, { similarTo }: CellSettings): ReportTarget {
  const { id } = run.target;
  if (similarTo !== null) return { index: -1, name: `similar to ${similarTo}`, kind: id };
  const target = { index, name: run.head.classes[index]! };
  if (id === 'class-logit') return target;
  if (!id.endsWith('difference')) return { ...target, kind: id };
  const others = twoSidedLogits(logits).map((logit, other) => (other === index ? -Infinity : logit));
  const next = others.indexOf(others.reduce((a, b) => Math.max(a, b), -Infinity));
  return { ...target, kind: id, against: run.against ?? { index: next, name: run.head.classes[next] ?? '' } };
}

/** Of the map, or of its absolute values where maps are signed. */
const strengthOf = ({ data }: Heatmap, { signed }: CellSettings): ReturnType<typeof statsOf> =>
  statsOf(signed ? data.map(Math.abs) : data);

function statsOf(data: Float32Array): { min: number; max: number; sum: number } {
  let [min, max, sum] = [Infinity, -Infinity, 0];
  for (const value of data) {
    if (value < min) min = value;
    if (value > max) max = value;
    if (value > 0) sum += value;
  }
  return { min, max, sum };
}

function noteOf(raw: RawCell, finite: boolean, max: number, similarTo: string | null): string | null {
  const { target, logits, map, note } = raw;
  const notes: string[] = [];
  const isLeftOut = note !== null && map.data.length === 1; // the note says why there is no map
  if (similarTo !== null && resolve(raw.path) === resolve(similarTo))
    notes.push('This is the reference itself: its similarity cannot be greater, so its map is nothing but rounding.');
  if (target.note !== null) notes.push(target.note);
  if (note !== null) notes.push(note);
  if (logits.some(Number.isNaN))
    notes.push('The logits are not numbers (NaN): weights or input are broken, so there is nothing to explain.');
  else if (!finite && !isLeftOut)
    notes.push(
      map.data.some(Number.isNaN)
        ? 'The map is not a number (NaN) in places: the gradient is broken at this layer.'
        : 'Logits or map are infinite: there is nothing to draw.',
    );
  else if (finite && max <= 0) notes.push('map is zero: no positive evidence for this class at this layer');
  return notes.length === 0 ? null : notes.join(' ');
}
