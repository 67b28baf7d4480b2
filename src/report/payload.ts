// Report + maps on disk -> what the page's script works on: one JSON text and one text of packed grids.
// Apart because a page opened from a folder may not read files: whatever it draws with must lie inside it.
import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { colormaps } from '../image/colormaps.ts';
import type { Colormap } from '../image/colormap.ts';
import type { Heatmap, Mask } from '../image/picture.ts';
import { decodeNpy } from '../lib/npy.ts';
import { fileUrl, isInside } from './links.ts';
import { outlinePath, reduceMask, shareInside } from './outline.ts';
import type { Report, ReportCell, ReportSample } from './report.ts';
import { scales } from './scale.ts';

/** Width, height, least and greatest value, sum of the positive ones; it takes 4 characters a cell of the grids' text. */
export type PackedGrid = readonly [width: number, height: number, min: number, max: number, sum: number];

export interface PackedCell {
  /** Null where there is no map with numbers. */
  readonly grid: PackedGrid | null;
  /** What the map covers, in shares of the picture; null: all of it. */
  readonly place: readonly [x: number, y: number, width: number, height: number] | null;
  /** Indices into `names`. */
  readonly target: number | null;
  readonly predicted: number | null;
  readonly logit: number | null;
  readonly right: boolean | null;
  /** Name index and probability, in turn, most probable first. */
  readonly top: readonly number[];
  /** Share of the map inside the sample's mask. */
  readonly inside: number | null;
  /** URL of what the model saw, least and greatest value, means of the channels; null where it was not drawn. */
  readonly input: readonly [url: string, low: number, high: number, means: readonly number[]] | null;
}

export interface PackedSample {
  readonly id: string;
  /** Index into `names`. */
  readonly label: number | null;
  readonly width: number;
  readonly height: number;
  /** SVG path of the mask's outline, 1000 units each way. */
  readonly outline: string | null;
}

export interface Payload {
  readonly columns: readonly {
    readonly name: string;
    readonly run: number;
    readonly method: number;
    /** The run's id in report.json. */
    readonly runId: string;
  }[];
  readonly names: readonly string[];
  readonly samples: readonly PackedSample[];
  /** Row by row: `cells[row * columns.length + column]`; null where nothing was computed. */
  readonly cells: readonly (PackedCell | null)[];
  readonly scales: readonly {
    readonly id: string;
    readonly title: string;
    readonly meaning: string;
    readonly top: string;
  }[];
  readonly colormaps: readonly {
    readonly id: string;
    readonly title: string;
    readonly perceptual: boolean;
    readonly kind: string;
    readonly rgb: string;
  }[];
  readonly colormap: string;
  /** Maps are drawn from minus to plus the top of their scale. */
  readonly signed: boolean;
  readonly scale: string;
  readonly alpha: number;
}

export interface PackedReport {
  readonly payload: Payload;
  /** Base64 of the grids, one after another, three bytes a cell. */
  readonly grids: string;
}

/** Masks and maps that are read at the same time. */
const together = 16;

/** What a caller has at hand and need not be read again. */
export interface Known {
  /** Maps by the file that the report names. */
  readonly maps?: ReadonlyMap<string, Heatmap>;
  /** Masks by sample, as `reduceMask` gives them; null: one that cannot be read. */
  readonly masks?: ReadonlyMap<string, Mask | null>;
}

/**
 * Reads every map and mask that the report names under `folder`, but for those that are known. One that cannot be read is
 * left out: its overlay stands.
 */
export async function packReport(
  report: Report,
  folder: string,
  url: (path: string) => string | null = fileUrl,
  known: Known = {},
): Promise<PackedReport> {
  const names = new NameTable();
  const columns = report.runs.flatMap((run, r) =>
    report.methods.map((method, m) => ({
      name: report.methods.length > 1 ? `${run.name}, ${method.title}` : run.name,
      run: r,
      method: m,
      key: [run.id, method.id],
    })),
  );
  const byKey = new Map(report.cells.map((cell) => [JSON.stringify([cell.sample, cell.run, cell.method]), cell]));
  const grids: string[] = [];
  const samples: PackedSample[] = [];
  const cells: (PackedCell | null)[] = [];
  const rows = await inGroups(report.samples, async (sample) => {
    const own = columns.map(({ key }) => byKey.get(JSON.stringify([sample.id, ...key])) ?? null);
    const reading = own.map((cell) => readMap(cell, folder, known.maps));
    const [mask, ...maps] = await Promise.all([readMask(sample, known.masks), ...reading]);
    return { sample, own, mask, maps };
  });
  for (const { sample, own, mask, maps } of rows) {
    const { id, width, height } = sample;
    samples.push({
      id,
      width,
      height,
      label: names.index(sample.label),
      outline: mask === null ? null : outlinePath(mask),
    });
    for (const [c, cell] of own.entries()) {
      const map = maps[c] ?? null;
      const packed = map === null ? null : packGrid(map, report.options.signed === true);
      if (packed !== null) grids.push(packed.text);
      cells.push(cell === null ? null : packCell(cell, { sample, mask, map, grid: packed?.grid ?? null, names, url }));
    }
  }
  const { colormap, scale, alpha } = report.options;
  const payload: Payload = {
    columns: columns.map(({ name, run, method, key }) => ({ name, run, method, runId: key[0] ?? '' })),
    names: names.list,
    samples,
    cells,
    scales: Object.values(scales).map(({ id, title, meaning, top }) => ({ id, title, meaning, top })),
    colormaps: Object.values<Colormap>(colormaps).map(({ id, title, perceptual, kind, rgb }) => ({
      id,
      title,
      perceptual,
      kind,
      rgb: Buffer.from(rgb).toString('base64'),
    })),
    colormap,
    scale,
    alpha,
    signed: report.options.signed ?? false,
  };
  return { payload, grids: grids.join('') };
}

/** JSON for a script element: no `<`, so that nothing in it can end the element or begin another. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/**
 * 24 bits a cell, little endian, from the map's least (0) to its greatest value: as fine as float32 is at the top of the
 * range; the sum is of positive values, of absolute ones where maps are signed. Three bytes are four characters, so every grid is base64 by itself.
 */
function packGrid({ width, height, data }: Heatmap, signed: boolean): { text: string; grid: PackedGrid } {
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  for (const value of data) {
    min = Math.min(min, value);
    max = Math.max(max, value);
    if (value > 0) sum += value;
    else if (signed) sum -= value;
  }
  const bytes = Buffer.alloc(3 * data.length);
  const gain = max > min ? (2 ** 24 - 1) / (max - min) : 0;
  for (const [i, value] of data.entries()) bytes.writeUIntLE(Math.round((value - min) * gain), 3 * i, 3);
  const text = bytes.toString('base64');
  return { text, grid: [width, height, shortNumber(min), shortNumber(max), shortNumber(sum)] };
}

interface CellParts {
  readonly sample: ReportSample;
  readonly mask: Mask | null;
  readonly map: Heatmap | null;
  readonly grid: PackedGrid | null;
  readonly names: NameTable;
  readonly url: (path: string) => string | null;
}

function packCell(cell: ReportCell, { sample, mask, map, grid, names, url }: CellParts): PackedCell {
  const whole = { x: 0, y: 0, width: sample.width, height: sample.height };
  const { x, y, width, height } = cell.placement ?? whole;
  const covers = x === 0 && y === 0 && width === sample.width && height === sample.height;
  const measured = cell.metrics?.['energy-in-mask'];
  const inside =
    mask === null || map === null ? null : (measured ?? shareInside(map, mask, { x, y, width, height }, sample));
  return {
    grid,
    place: covers ? null : [x / sample.width, y / sample.height, width / sample.width, height / sample.height],
    target: names.index(cell.target?.name ?? null),
    predicted: names.index(cell.predicted?.name ?? null),
    logit: cell.logit === null ? null : shortNumber(cell.logit),
    right: cell.correct,
    top: cell.top.flatMap(({ name, probability }) => [names.index(name) ?? 0, Number(probability.toPrecision(4))]),
    inside: inside === null ? null : Number(inside.toFixed(4)),
    input: packInput(cell, url),
  };
}

function packInput({ input }: ReportCell, url: CellParts['url']): PackedCell['input'] {
  const address = input === null ? null : url(input.picture);
  if (input === null || address === null) return null;
  return [address, shortNumber(input.range[0]), shortNumber(input.range[1]), input.means.map(shortNumber)];
}

/** Nine digits tell every float32 from its neighbours. */
function shortNumber(value: number): number {
  return Number(value.toPrecision(9));
}

class NameTable {
  readonly list: string[] = [];
  readonly #indices = new Map<string, number>();

  index(name: string | null): number | null {
    if (name === null) return null;
    const known = this.#indices.get(name);
    if (known !== undefined) return known;
    this.#indices.set(name, this.list.length);
    return this.list.push(name) - 1;
  }
}

async function readMap(cell: ReportCell | null, folder: string, known: Known['maps']): Promise<Heatmap | null> {
  if (cell === null || cell.map === null || !isInside(cell.map)) return null;
  const map = known?.get(cell.map);
  if (map !== undefined) return map.data.length > 0 ? map : null;
  try {
    const { shape, data } = decodeNpy(await readFile(join(folder, cell.map)), cell.map);
    const [height, width] = shape;
    const whole = shape.length === 2 && height !== undefined && width !== undefined && data.every(Number.isFinite);
    return whole && data.length > 0 ? { height, width, data } : null;
  } catch {
    return null; // the cell's overlay is shown instead
  }
}

async function readMask(sample: ReportSample, known: Known['masks']): Promise<Mask | null> {
  if (sample.mask === null) return null;
  const mask = known?.get(sample.id);
  if (mask !== undefined) return mask;
  try {
    const { decodeMask } = await import('../image/codec.ts'); // the decoder is loaded where there is something to decode
    return reduceMask(await decodeMask(isAbsolute(sample.mask) ? sample.mask : join(process.cwd(), sample.mask)));
  } catch {
    return null; // the page then has no outline for this sample
  }
}

/** `work` on every item, a bounded number at a time, results in order. */
async function inGroups<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let i = 0; i < items.length; i += together)
    results.push(...(await Promise.all(items.slice(i, i + together).map(work))));
  return results;
}
