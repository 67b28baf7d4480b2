// The value of the last colour for each cell of a report, under any scale: over the whole report, as the page has it, so that
// a figure of some samples has the colours that they have there.
import type { Heatmap } from '../image/picture.ts';
import type { Report, ReportCell } from '../report/report.ts';
import { scaleMaxima, scales, type Scale, type ScaleId } from '../report/scale.ts';

/** Per cell that has a map. `read`: a cell's map, asked for only where the scale needs more than its range. */
export async function scaledTops(
  report: Report,
  scale: ScaleId,
  read: (cell: ReportCell) => Promise<Heatmap | null>,
): Promise<Map<ReportCell, number>> {
  const drawn = report.cells.filter((cell) => cell.range !== null);
  const maps = [];
  for (const cell of drawn) {
    const sum = scale === 'mass' ? positiveSum(await read(cell)) : 0;
    maps.push({ method: cell.method, sample: cell.sample, max: cell.range?.[1] ?? 0, sum, logit: cell.logit ?? 0 });
  }
  return new Map(scaleMaxima(scale, maps).map((top, i) => [drawn[i]!, top]));
}

/** The number at the top of a colourbar, in the scale's own unit; null where the maps do not share it. */
export async function sharedTop(
  scale: ScaleId,
  tops: ReadonlyMap<ReportCell, number>,
  read: (cell: ReportCell) => Promise<Heatmap | null>,
): Promise<number | null> {
  const { group, unit }: Scale = scales[scale];
  if (group === null || scale === 'per-sample') return null;
  const values = new Set<number>();
  for (const [cell, top] of tops) {
    const sum = scale === 'mass' ? positiveSum(await read(cell)) : 0;
    const own = unit({ method: cell.method, sample: cell.sample, max: 0, sum, logit: cell.logit ?? 0 });
    if (own > 0) values.add(Number((top / own).toPrecision(6)));
  }
  return values.size === 1 ? [...values][0]! : null;
}

function positiveSum(map: Heatmap | null): number {
  return map === null ? 0 : map.data.reduce((sum, value) => sum + Math.max(0, value), 0);
}
