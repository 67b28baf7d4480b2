// What limits any reading of these maps: the data, the heads, the layer, what was assumed, how many samples there are.
import { formatCount } from '../../lib/format.ts';
import type { Report, ReportCell, ReportRun } from '../report.ts';
import { shortText } from '../words.ts';
import { brief, names, shortNames, spread } from './naming.ts';
import { about, against, type Point } from './point.ts';

/** Below this many samples a mean says little: the standard error of a share near one half is then above 9 points. */
const FEW = 30;

export function syntheticPoints({ runs }: Report): Point[] {
  const synthetic = runs.filter((run) => run.synthetic);
  if (synthetic.length === 0) return [];
  const who = synthetic.length === runs.length ? 'All runs here were' : `${names(synthetic)} ${were(synthetic)}`;
  return [against(`${who} trained on drawn pictures: nothing here says anything about real ones.`)];
}

const were = (items: readonly unknown[]): string => (items.length === 1 ? 'was' : 'were');

export function headPoints({ runs, mapMetrics }: Report): Point[] {
  const scaled = runs.filter((run) => run.logitScale !== 1);
  if (scaled.length === 0 || scaled.length === runs.length) return [];
  const plain = runs.filter((run) => run.logitScale === 1);
  const giniOf = (some: readonly ReportRun[]): string => {
    const ids = new Set(some.map(({ id }) => id));
    const values = mapMetrics.columns.flatMap((column) =>
      ids.has(column.run) ? (column.metrics['gini']?.mean ?? []) : [],
    );
    return values.length === 0 ? '' : ` (Gini index ${spread(values)})`;
  };
  return [
    against(
      `The heads differ: ${names(scaled)} ${scaled.length === 1 ? 'scales its' : 'scale their'} logits, as normalised (cosine) heads do. Half of such a map is cut off by the ReLU whatever was learnt, so it looks sharper${giniOf(scaled)} than that of ${names(plain)}${giniOf(plain)}. Compare where the maps are, not how sharp or strong.`,
    ),
  ];
}

export function zeroPoints(report: Report): Point[] {
  const namer = shortNames(report);
  const zero = report.mapMetrics.columns.filter((column) => column.zero > 0);
  const broken = report.cells.filter((cell) => cell.map === null).length;
  return [
    ...about(zero, (some) => {
      const list = some.map((column) => ({
        value: column.zero,
        text: `${column.zero} of ${column.maps} of ${namer(column)}`,
      }));
      return against(
        `Maps that are zero, with no positive evidence for the class at this layer: ${brief(list, String)}. They count in no mean.`,
      );
    }),
    ...(broken === 0 ? [] : [against(`${formatCount(broken, 'map')} could not be made: see the notes beside them.`)]),
  ];
}

export function targetPoints({ cells }: Report): Point[] {
  const judged = cells.filter((cell) => cell.target !== null && cell.predicted !== null);
  const other = judged.filter((cell) => cell.target!.name !== cell.predicted!.name);
  if (other.length === 0) return [];
  return [
    against(
      `${other.length} of ${judged.length} maps explain a class that the run does not predict there: they show what little speaks for it, not why the run decided as it did.`,
    ),
  ];
}

export function resolutionPoints({ runs, cells }: Report): Point[] {
  const groups = new Map<string, ReportRun[]>();
  for (const run of runs) {
    const [[rows, columns], [height, width]] = [run.layer.shape, run.input.size];
    const cell = cells.find((one) => one.run === run.id && one.placement !== null);
    const seen =
      cell === undefined
        ? ''
        : ` (${pictureCell(cell, rows, columns)} of a picture such as ${shortText(cell.sample, 40)})`;
    const text = `${columns} × ${rows} cells, each for ${round(width / columns)} × ${round(height / rows)} pixels of the model’s input${seen}`;
    groups.set(text, [...(groups.get(text) ?? []), run]);
  }
  const texts = [...groups].map(([text, some]) => (groups.size === 1 ? text : `${names(some)} ${text}`));
  return [
    against(
      `The maps are coarse: ${texts.join('; ')}. Nothing smaller can be told apart; the smooth outlines are interpolation.`,
    ),
  ];
}

function pictureCell({ placement }: ReportCell, rows: number, columns: number): string {
  return `${Math.round(placement!.width / columns)} × ${Math.round(placement!.height / rows)} pixels`;
}

const round = (value: number): string => String(Number(value.toFixed(value < 10 ? 1 : 0)));

export function assumedPoints({ runs }: Report): Point[] {
  const guessed = runs.filter((run) =>
    run.assumed.some((text) => /^(Input size|Pictures are prepared|Of the values)/.test(text)),
  );
  if (guessed.length === 0) return [];
  return [
    against(
      `How ${names(guessed)} ${guessed.length === 1 ? 'wants its' : 'want their'} pictures prepared was partly assumed (see Runs): if that is wrong, so are predictions and maps.`,
    ),
  ];
}

export function samplePoints({ samples }: Report): Point[] {
  if (samples.length >= FEW) return [];
  return [
    against(`${formatCount(samples.length, 'sample')}: enough to look at, too few to rank runs, losses or methods by.`),
  ];
}
