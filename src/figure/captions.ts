// The words in a figure: over columns, beside rows, under panels, at the ends of colourbars.
import { requireColormap } from '../image/colormaps.ts';
import { formatNumber } from '../lib/format.ts';
import type { ReportCell, ReportSample } from '../report/report.ts';
import { scales } from '../report/scale.ts';
import type { Column, MapColumn } from './columns.ts';
import type { Bar, Heading, PanelLabel } from './layout.ts';
import type { Look } from './look.ts';
import { signedColormap } from './panels.ts';

export function columnHeading(column: Column, manyMethods: boolean): Heading {
  if (column.kind === 'input') return ['Input'];
  if (column.kind === 'difference') {
    const { first, second } = column;
    return [`${first.run.name} − ${second.run.name}`, ...methodLine(first, manyMethods)];
  }
  return [column.run.name, ...methodLine(column, manyMethods)];
}

function methodLine({ method }: MapColumn, manyMethods: boolean): readonly string[] {
  return manyMethods ? [method.title] : [];
}

/** The sample, its label, and the class that all its maps explain where that is another one. */
export function sampleHeading(sample: ReportSample, cells: readonly (ReportCell | null)[]): Heading {
  const targets = new Set(cells.flatMap((cell) => (cell?.target ? [cell.target.name] : [])));
  const [target] = targets;
  const about = targets.size === 1 && target !== undefined && target !== sample.label ? [`map of ${target}`] : [];
  return [sample.id, ...(sample.label === null ? [] : [sample.label]), ...about];
}

/** Null where nothing was predicted. */
export function panelLabel(cell: ReportCell | null): PanelLabel | null {
  if (cell?.predicted == null) return null;
  return { right: cell.correct, name: cell.predicted.name, probability: probabilityText(cell.predicted.probability) };
}

/** Two decimals, and never a certainty that the model did not state. */
function probabilityText(probability: number): string {
  if (!Number.isFinite(probability)) return '?';
  if (probability > 0.995 && probability < 1) return '> 0.99';
  if (probability < 0.005 && probability > 0) return '< 0.01';
  return probability.toFixed(2);
}

/** `top`: the number that all maps share, in the scale's unit; null where they share none. */
export function mapBar({ colormap, scale, signed }: Look, top: number | null): Bar {
  const shares = scale === 'mass' || scale === 'logit-share';
  const number = top === null ? '' : shares ? `${formatNumber(100 * top)} %: ` : `${formatNumber(top)}: `;
  const high = `${number}${scales[scale].top}`;
  const rgb = requireColormap(signed ? signedColormap(colormap) : colormap).rgb;
  return { rgb, low: signed ? 'against' : '0', high, signed };
}

export function differenceBar({ colormap }: Look, column: Extract<Column, { kind: 'difference' }>): Bar {
  const rgb = requireColormap(signedColormap(colormap)).rgb;
  return { rgb, low: `${column.second.run.name} more`, high: `${column.first.run.name} more`, signed: true };
}
