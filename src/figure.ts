// The spine of figures: report.json -> samples and columns -> one layout -> panels at printed size -> files.
//
//   report.json ── selectSamples, chooseColumns ── layOut ──┐
//   pictures, masks, maps ── panels at the layout's pixels ─┴── one drawing ── PDF, SVG, PNG, LaTeX
import { join } from 'node:path';
import { normalizeFigureOptions, type FigureOptions, type FigureSpec } from './figure/options.ts';
import { columnHeading, differenceBar, mapBar, panelLabel, sampleHeading } from './figure/captions.ts';
import { chooseColumns, methodsOf, runsOf, type Column, type MapColumn } from './figure/columns.ts';
import { cropOf } from './figure/crop.ts';
import { describe } from './figure/description.ts';
import { millimetresPerInch, scaledPath, type Box, type Item } from './figure/drawing.ts';
import type { Figure } from './figure/format.ts';
import type { FormatId } from './figure/format-ids.ts';
import { figureFormats } from './figure/formats.ts';
import { drawableGrid } from './figure/drawable.ts';
import { frame, layOut, type Bar, type Grid, type GridRow } from './figure/layout.ts';
import type { Look } from './figure/look.ts';
import {
  differencePanel,
  mapPanel,
  pictureOnly,
  type Panel,
  type PanelSource,
  type ScaledMap,
} from './figure/panels.ts';
import { selectSamples } from './figure/select.ts';
import { readMap, readMask, readPicture } from './figure/sources.ts';
import { scaledTops, sharedTop } from './figure/tops.ts';
import { loadTypeface } from './figure/typeface.ts';
import { colormapIds, type ColormapId } from './image/colormaps.ts';
import { writeFileAtomic } from './lib/files.ts';
import { formatList } from './lib/format.ts';
import { requireChoice } from './lib/options.ts';
import { readReport, type ReadReport } from './report/read.ts';
import type { Report, ReportCell, ReportSample } from './report/report.ts';
import { scaleIds } from './report/scale.ts';

/** A figure as it was written. */
export interface MadeFigure {
  /** Paths of what was written. */
  readonly files: readonly string[];
  /** Millimetres. */
  readonly width: number;
  readonly height: number;
  readonly dpi: number;
  /** Ids of the samples shown, in order, and how they were chosen. */
  readonly samples: readonly string[];
  readonly selection: string;
  readonly caption: string;
  readonly command: string;
  /** What may have to be changed: words that were cut, characters that the typeface has not, pictures that are gone. */
  readonly warnings: readonly string[];
}

/** A sample in the figure: what it is drawn from, and its cells by column. */
interface Row {
  readonly source: PanelSource;
  readonly cells: readonly (ReportCell | null)[];
}

/** Draws a figure of a report and writes it in every format asked for. Throws GradcamError. */
export async function makeFigure(spec: FigureSpec): Promise<MadeFigure> {
  const options = normalizeFigureOptions(spec);
  const warnings: string[] = [];
  const read = await readReport(options.report);
  const { report, folder } = read;
  const columns = chooseColumns(report, options.columns, options.methods);
  const selection = await selectSamples(report, options.samples);
  const look = lookOf(options, report);
  const typeface = await loadTypeface(options.font);
  const rows: Row[] = [];
  for (const sample of selection.samples)
    rows.push(await openRow(sample, columns, read, options, (text) => warnings.push(text)));

  const tops = await scaledTops(report, look.scale, (cell) => readMap(cell, folder));
  const top = await sharedTop(look.scale, tops, (cell) => readMap(cell, folder));
  const { grid, lost } = drawableGrid(gridOf(rows, columns, look, top, options), typeface);
  const layout = layOut(grid, options, typeface);
  if (lost.length > 0)
    warnings.push(
      `the typeface has no ${formatList(lost, 12)}: squares stand for them; give a font that has them with --font`,
    );
  if (layout.cut.length > 0)
    warnings.push(
      `cut for want of room: ${formatList(layout.cut, 6)}; choose fewer columns, a wider venue, or --labels`,
    );
  if (layout.height > tallest)
    warnings.push(
      `the figure is ${layout.height.toFixed(0)} mm high, more than a page: choose fewer samples with --samples`,
    );

  const items = await panelItems(rows, columns, layout.boxes, { report, options, look, tops, folder });
  const description = describe(
    {
      report,
      runs: runsOf(columns),
      methods: methodsOf(columns),
      look,
      selection: selection.words,
      samples: selection.samples.length,
      labelled: grid.rows.some(({ labels }) => labels.some((label) => label !== null)),
      judged: grid.rows.some(({ labels }) => labels.some((label) => label !== null && label.right !== null)),
      outlined: look.mask && rows.some(({ source }) => source.mask !== null),
      differences: columns.some(({ kind }) => kind === 'difference'),
    },
    options.command,
    options.wide,
  );
  const place = options.out ?? { folder, name: 'figure' };
  const figure: Figure = {
    drawing: {
      width: options.width,
      height: layout.height,
      items: [...items, ...layout.items],
      title: `Attention maps: ${runsOf(columns)
        .map(({ name }) => name)
        .join(', ')}`.slice(0, 300),
      description: description.caption,
      dpi: options.dpi,
    },
    typeface,
    description,
    quality: options.quality,
    name: place.name,
    created: report.created,
  };
  const files = await writeFigure(figure, place.folder, options.formats);
  return {
    files,
    width: options.width,
    height: layout.height,
    dpi: options.dpi,
    samples: selection.samples.map(({ id }) => id),
    selection: selection.words,
    caption: description.caption,
    command: options.command,
    warnings,
  };
}

/** Millimetres: 9 inches, the depth of a page of most venues. */
const tallest = 228.6;

async function writeFigure(figure: Figure, folder: string, formats: readonly FormatId[]): Promise<string[]> {
  const paths: string[] = [];
  for (const id of formats) {
    for (const { suffix, data } of await figureFormats[id].files(figure)) {
      const path = join(folder, `${figure.name}${suffix}`);
      await writeFileAtomic(path, data);
      paths.push(path);
    }
  }
  return paths;
}

/** What was asked for, else as the report has it. */
function lookOf(options: FigureOptions, report: Report): Look {
  const { show, smooth, threshold, contours, signed, mask } = options;
  const colormap: ColormapId = options.colormap ?? requireChoice('colormap', report.options.colormap, colormapIds);
  return {
    show,
    scale: options.scale ?? requireChoice('scale', report.options.scale, scaleIds),
    colormap,
    alpha: options.alpha ?? report.options.alpha,
    smooth,
    threshold,
    contours,
    signed,
    mask,
  };
}

async function openRow(
  sample: ReportSample,
  columns: readonly Column[],
  { report, folder }: ReadReport,
  { crop, mask }: FigureOptions,
  warn: (message: string) => void,
): Promise<Row> {
  const picture = await readPicture(sample, folder, warn);
  const outline = mask || crop.kind === 'mask' ? await readMask(sample) : null;
  if (crop.kind === 'mask' && outline === null) warn(`${sample.id} has no mask: the whole picture is shown`);
  return {
    source: { sample, picture, mask: outline, crop: cropOf(crop, sample, outline) },
    cells: columns.map((column) => (column.kind === 'map' ? cellOf(report, sample, column) : null)),
  };
}

function cellOf({ cells }: Report, sample: ReportSample, { run, method }: MapColumn): ReportCell | null {
  return cells.find((cell) => cell.sample === sample.id && cell.run === run.id && cell.method === method.id) ?? null;
}

function gridOf(
  rows: readonly Row[],
  columns: readonly Column[],
  look: Look,
  top: number | null,
  { labels, rows: across }: FigureOptions,
): Grid {
  const manyMethods = methodsOf(columns).length > 1;
  const columnTexts = columns.map((column) => columnHeading(column, manyMethods));
  const sampleTexts = rows.map(({ source, cells }) => sampleHeading(source.sample, cells));
  const label = (row: Row, c: number) => (labels.includes('cells') ? panelLabel(row.cells[c] ?? null) : null);
  const aspect = ({ source: { sample, crop } }: Row) => (sample.width * crop.width) / (sample.height * crop.height);
  const lines: GridRow[] =
    across === 'samples'
      ? rows.map((row, r) => ({
          side: sampleTexts[r]!,
          aspects: columns.map(() => aspect(row)),
          labels: columns.map((_, c) => label(row, c)),
        }))
      : columns.map((_, c) => ({
          side: columnTexts[c]!,
          aspects: rows.map(aspect),
          labels: rows.map((row) => label(row, c)),
        }));
  const heads = across === 'samples' ? columnTexts : sampleTexts;
  return {
    heads: labels.includes('columns') ? heads : heads.map(() => []),
    rows: labels.includes('rows') ? lines : lines.map((line) => ({ ...line, side: [] })),
    bars: barsOf(columns, look, top),
  };
}

function barsOf(columns: readonly Column[], look: Look, top: number | null): Bar[] {
  if (look.show === 'input') return [];
  const difference = columns.find((column) => column.kind === 'difference');
  const maps = look.show !== 'contour' && columns.some(({ kind }) => kind === 'map');
  return [...(maps ? [mapBar(look, top)] : []), ...(difference ? [differenceBar(look, difference)] : [])];
}

interface PanelWork {
  readonly report: Report;
  readonly options: FigureOptions;
  readonly look: Look;
  readonly tops: ReadonlyMap<ReportCell, number>;
  readonly folder: string;
}

/** Every panel's pixels and lines, at the places that the layout gave it. */
async function panelItems(
  rows: readonly Row[],
  columns: readonly Column[],
  boxes: readonly (readonly Box[])[],
  work: PanelWork,
): Promise<Item[]> {
  const items: Item[] = [];
  for (const [r, row] of rows.entries()) {
    for (const [c, column] of columns.entries()) {
      const box = work.options.rows === 'samples' ? boxes[r]![c]! : boxes[c]![r]!;
      const pixels = (length: number) => Math.max(1, Math.round((length / millimetresPerInch) * work.options.dpi));
      const size = { width: pixels(box.width), height: pixels(box.height) };
      items.push(...itemsOf(await panelOf(row, column, c, size, work), box));
    }
  }
  return items;
}

async function panelOf(
  row: Row,
  column: Column,
  index: number,
  size: { readonly width: number; readonly height: number },
  { report, look, tops, folder }: PanelWork,
): Promise<Panel> {
  const { source } = row;
  const scaled = (cell: ReportCell | null): Promise<ScaledMap | null> => scaledMap(cell, source.sample, tops, folder);
  if (column.kind === 'map') {
    const map = await scaled(row.cells[index] ?? null);
    if (map !== null) return mapPanel(source, map, look, size);
  } else if (column.kind === 'difference') {
    const [first, second] = await Promise.all(
      [column.first, column.second].map((side) => scaled(cellOf(report, source.sample, side))),
    );
    if (first && second) return differencePanel(source, first, second, look, size);
  }
  return pictureOnly(source, look, size);
}

async function scaledMap(
  cell: ReportCell | null,
  { width, height }: ReportSample,
  tops: ReadonlyMap<ReportCell, number>,
  folder: string,
): Promise<ScaledMap | null> {
  const map = cell === null ? null : await readMap(cell, folder);
  if (cell === null || map === null) return null;
  const place = cell.placement ?? { x: 0, y: 0, width, height };
  return {
    map,
    place: { x: place.x / width, y: place.y / height, width: place.width / width, height: place.height / height },
    top: tops.get(cell) ?? 0,
  };
}

/** Lines over pixels are light on dark, so that they are seen on any ground. */
function itemsOf({ picture, contours, outline }: Panel, box: Box): Item[] {
  const line = (path: string, ink: string, width: number, dash: readonly [number, number] | null): Item => ({
    kind: 'path',
    path: scaledPath(path, box),
    fill: null,
    stroke: { ink, width, dash },
    clip: box,
  });
  return [
    { kind: 'raster', box, picture },
    ...(contours === '' ? [] : [line(contours, '#000000', 0.9, null), line(contours, '#ffffff', 0.45, null)]),
    ...(outline === '' ? [] : [line(outline, '#000000', 1.1, null), line(outline, '#ffffff', 0.7, [2, 1.4])]),
    frame(box),
  ];
}
