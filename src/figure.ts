// The spine of figures: report.json -> samples and columns -> one layout -> panels at printed size -> files.
//
//   report.json ── selectSamples, chooseColumns ── layOut ──┐
//   pictures, masks, maps ── panels at the layout's pixels ─┴── one drawing ── PDF, SVG, PNG, LaTeX
import { join } from 'node:path';
import { chooseColumns, methodsOf, runsOf } from './figure/columns.ts';
import { describe } from './figure/description.ts';
import { drawableGrid } from './figure/drawable.ts';
import type { FormatId } from './figure/format-ids.ts';
import type { Figure } from './figure/format.ts';
import { figureFormats } from './figure/formats.ts';
import { layOut, type Layout } from './figure/layout.ts';
import type { Look } from './figure/look.ts';
import { normalizeFigureOptions, type FigureOptions, type FigureSpec } from './figure/options.ts';
import { panelItems } from './figure/panel-items.ts';
import { emptyMaps, gridOf, openRow, type Row } from './figure/rows.ts';
import { selectSamples } from './figure/select.ts';
import { readMap } from './figure/sources.ts';
import { scaledTops, sharedTop } from './figure/tops.ts';
import { loadTypeface } from './figure/typeface.ts';
import { colormapIds, type ColormapId } from './image/colormaps.ts';
import { writeFileAtomic } from './lib/files.ts';
import { formatList } from './lib/format.ts';
import { requireChoice } from './lib/options.ts';
import { readReport } from './report/read.ts';
import type { Report } from './report/report.ts';
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
  warnings.push(...roomWarnings(layout, lost));
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
      ...emptyMaps(rows, columns),
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

/** What had no letters and what had no room. `lost`: characters that the typeface has not. */
function roomWarnings({ cut, height }: Layout, lost: readonly string[]): string[] {
  const warnings: string[] = [];
  if (lost.length > 0)
    warnings.push(
      `the typeface has no ${formatList(lost, 12)}: squares stand for them; give a font that has them with --font`,
    );
  if (cut.length > 0)
    warnings.push(`cut for want of room: ${formatList(cut, 6)}; choose fewer columns, a wider venue, or --labels`);
  if (height > tallest)
    warnings.push(`the figure is ${height.toFixed(0)} mm high, more than a page: choose fewer samples with --samples`);
  return warnings;
}

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
