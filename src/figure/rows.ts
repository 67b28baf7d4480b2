// Samples and columns -> rows of cells, and the words around them that the layout places.
import type { Report, ReportCell, ReportSample } from '../report/report.ts';
import type { ReadReport } from '../report/read.ts';
import { columnHeading, differenceBar, mapBar, panelLabel, sampleHeading } from './captions.ts';
import { methodsOf, type Column, type MapColumn } from './columns.ts';
import { cropOf } from './crop.ts';
import type { Bar, Grid, GridRow } from './layout.ts';
import type { Look } from './look.ts';
import type { FigureOptions } from './options.ts';
import type { PanelSource } from './panels.ts';
import { readMask, readPicture } from './sources.ts';

/** A sample in the figure: what it is drawn from, and its cells by column. */
export interface Row {
  readonly source: PanelSource;
  readonly cells: readonly (ReportCell | null)[];
}

/** `warn` is told of a picture or a mask that is not there. */
export async function openRow(
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

/** Null where the run has no such cell. */
export function cellOf({ cells }: Report, sample: ReportSample, { run, method }: MapColumn): ReportCell | null {
  return cells.find((cell) => cell.sample === sample.id && cell.run === run.id && cell.method === method.id) ?? null;
}

/** Which of the maps shown are zero everywhere, and which there are not, as `the run's of the sample`. */
export function emptyMaps(rows: readonly Row[], columns: readonly Column[]): { zero: string[]; missing: string[] } {
  const [zero, missing]: [string[], string[]] = [[], []];
  const manyMethods = methodsOf(columns).length > 1;
  for (const { source, cells } of rows)
    for (const [c, cell] of cells.entries()) {
      const column = columns[c]!;
      if (column.kind !== 'map') continue;
      const words = `${[column.run.name, ...(manyMethods ? [column.method.title] : [])].join(', ')} of ${source.sample.id}`;
      if (cell?.range == null) missing.push(words);
      else if (cell.range[0] >= 0 && cell.range[1] <= 0) zero.push(words);
    }
  return { zero, missing };
}

/** `top`: the number that all maps share, null where they share none. */
export function gridOf(
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
