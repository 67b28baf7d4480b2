// Whether runs and methods agree in their maps.
import { ALIKE } from '../../metrics/maps/sanity.ts';
import type { PairSummary } from '../../metrics/maps/summary.ts';
import { columnNames } from '../map-metrics.ts';
import type { Report, ReportRun } from '../report.ts';
import { fixedText, shortText } from '../words.ts';
import { spread } from './naming.ts';
import { against, inFavour, unknown, type Point } from './point.ts';

/** Do runs of different losses differ more than runs of one loss? */
export function seedPoints(report: Report): Point[] {
  const runs = new Map(report.runs.map((run) => [run.id, run]));
  const between = report.mapMetrics.pairs.filter(
    ({ a, b, metrics }) => a.run !== b.run && metrics['spearman'] !== undefined,
  );
  if (between.length === 0) return [];
  const isSeed = ({ a, b }: PairSummary): boolean => {
    const [x, y] = [runs.get(a.run), runs.get(b.run)];
    return x !== undefined && y !== undefined && x.loss !== null && x.loss === y.loss && sameLayer(x, y);
  };
  const seeds = between.filter(isSeed).map(rho);
  const others = between.filter((pair) => !isSeed(pair)).map(rho);
  if (seeds.length === 0)
    return [
      unknown(
        `How much of the difference between the runs is chance: there are no two runs of one loss. Their maps have a rank correlation of ${spread(others)}.`,
      ),
    ];
  if (others.length === 0)
    return [
      inFavourIf(
        average(seeds) >= ALIKE,
        `Maps of runs of one loss, trained anew, have a rank correlation of ${spread(seeds)}.`,
      ),
    ];
  const text = `rank correlation ${fixedText(average(others))} between losses, ${fixedText(average(seeds))} between runs of one loss`;
  return average(others) < average(seeds) - 0.05
    ? [inFavour(`Losses differ more in their maps than runs of one loss do: ${text}.`)]
    : [
        against(
          `Losses differ no more in their maps than runs of one loss do, so a difference between two runs may be chance: ${text}.`,
        ),
      ];
}

const inFavourIf = (good: boolean, text: string): Point => (good ? inFavour(text) : against(text));
const rho = ({ metrics }: PairSummary): number => metrics['spearman']!.mean;
const average = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const sameLayer = (a: ReportRun, b: ReportRun): boolean => a.layer.shape.join() === b.layer.shape.join();

/** Do methods of one run agree? */
export function methodPoints(report: Report): Point[] {
  const pairs = report.mapMetrics.pairs.filter(
    ({ a, b, metrics }) => a.run === b.run && metrics['spearman'] !== undefined,
  );
  if (pairs.length === 0) return [];
  const namer = columnNames(report);
  const least = pairs.reduce((a, b) => (rho(b) < rho(a) ? b : a));
  const text = `least ${fixedText(rho(least))}, of ${shortText(namer(least.a.run, least.a.method), 60)} and ${shortText(namer(least.b.run, least.b.method), 60)}`;
  return [
    rho(least) >= ALIKE
      ? inFavour(`Different methods give like maps of one run (rank correlation: ${text}).`)
      : against(
          `Different methods give different maps of one run (rank correlation: ${text}): what is seen depends on the method.`,
        ),
  ];
}
