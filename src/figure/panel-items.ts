// Every panel's pixels and lines, as items of the drawing.
import type { Report, ReportCell, ReportSample } from '../report/report.ts';
import type { Column } from './columns.ts';
import { millimetresPerInch, scaledPath, type Box, type Item } from './drawing.ts';
import { frame } from './layout.ts';
import type { Look } from './look.ts';
import type { FigureOptions } from './options.ts';
import { differencePanel, mapPanel, pictureOnly, type Panel, type ScaledMap } from './panels.ts';
import { cellOf, type Row } from './rows.ts';
import { readMap } from './sources.ts';

export interface PanelWork {
  readonly report: Report;
  readonly options: FigureOptions;
  readonly look: Look;
  /** Map value at the top of the colours, by cell. */
  readonly tops: ReadonlyMap<ReportCell, number>;
  /** Of the report. */
  readonly folder: string;
}

/** Panels at the places that the layout gave them: `boxes[line][place]`, lines being samples or columns as `options.rows` says. */
export async function panelItems(
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
