// How points name runs, columns of maps and ranges of numbers, so that sentences stay short.
import { formatCount } from '../../lib/format.ts';
import type { ColumnSummary } from '../../metrics/maps/summary.ts';
import { columnNames } from '../map-metrics.ts';
import type { Report } from '../report.ts';
import { fixedText, listText, shortText } from '../words.ts';

/** Longer lists of columns become a range. */
const MOST_NAMED = 5;

/** A number of a column of maps, and the column with it in words. */
export interface Named {
  readonly value: number;
  readonly text: string;
}

/** `CE 0.26 and LMF 0.19`, or where they are many `8 columns from 0.07 to 0.26`. */
export function brief(items: readonly Named[], show: (value: number) => string = fixedText): string {
  if (items.length <= MOST_NAMED) return listText(items.map(({ text }) => text));
  const values = items.map(({ value }) => value);
  return `${items.length} columns of maps, from ${show(Math.min(...values))} to ${show(Math.max(...values))}`;
}

export const names = (runs: readonly { readonly name: string }[]): string =>
  runs.length > 6 ? formatCount(runs.length, 'run') : listText(runs.map(({ name }) => shortText(name, 24)));

export function shortNames(report: Report): (column: Pick<ColumnSummary, 'run' | 'method'>) => string {
  const namer = columnNames(report);
  return ({ run, method }) => shortText(namer(run, method), 48);
}

export const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** `12 %`, or `12 % to 30 %`. */
export function percentRange(shares: readonly number[]): string {
  const [low, high] = [percent(Math.min(...shares)), percent(Math.max(...shares))];
  return low === high ? low : `${low} to ${high}`;
}

/** `0.12`, or `0.12 to 0.30`. */
export function spread(values: readonly number[]): string {
  const [low, high] = [fixedText(Math.min(...values)), fixedText(Math.max(...values))];
  return low === high ? low : `${low} to ${high}`;
}
