// How far to trust the maps of a report, in plain words: only what this report's own numbers say, each sentence with the
// numbers that it rests on. What speaks for the maps, what against, what was not looked at.
import { formatCount } from '../lib/format.ts';
import { ALIKE } from '../metrics/maps/sanity.ts';
import type { ColumnSummary, PairSummary } from '../metrics/maps/summary.ts';
import { columnNames } from './map-metrics.ts';
import type { Report, ReportCell, ReportRun } from './report.ts';
import { boxedSentence, fixedText, listText, shortText, type LongText } from './words.ts';

export interface TrustView {
  readonly groups: readonly { readonly title: string; readonly mark: string; readonly points: readonly LongText[] }[];
}

type Side = 'for' | 'against' | 'unknown';
interface Point {
  readonly side: Side;
  readonly text: string;
}

const TITLES: Readonly<Record<Side, { title: string; mark: string }>> = {
  against: { title: 'Speaks against reading much into them', mark: '−' },
  for: { title: 'Speaks for them', mark: '+' },
  unknown: { title: 'Not known from this report', mark: '?' },
};

/** Below this many samples a mean says little: the standard error of a share near one half is then above 9 points. */
const FEW = 30;

/** null where there are no maps. */
export function trustView(report: Report): TrustView | null {
  if (report.cells.every((cell) => cell.map === null)) return null;
  const points = [
    ...syntheticPoints(report),
    ...localisationPoints(report),
    ...sanityPoints(report),
    ...faithfulnessPoints(report),
    ...seedPoints(report),
    ...headPoints(report),
    ...zeroPoints(report),
    ...targetPoints(report),
    ...resolutionPoints(report),
    ...methodPoints(report),
    ...assumedPoints(report),
    ...samplePoints(report),
  ];
  const groups = (['against', 'for', 'unknown'] as const).map((side) => ({
    ...TITLES[side],
    points: points.filter((point) => point.side === side).map(({ text }) => boxedSentence(text)),
  }));
  return { groups: groups.filter((group) => group.points.length > 0) };
}

/** Longer lists of columns become a range. */
const MOST_NAMED = 5;

interface Named {
  readonly value: number;
  readonly text: string;
}

/** `CE 0.26 and LMF 0.19`, or where they are many `8 columns from 0.07 to 0.26`. */
function brief(items: readonly Named[], show: (value: number) => string = fixedText): string {
  if (items.length <= MOST_NAMED) return listText(items.map(({ text }) => text));
  const values = items.map(({ value }) => value);
  return `${items.length} columns of maps, from ${show(Math.min(...values))} to ${show(Math.max(...values))}`;
}

const against = (text: string): Point => ({ side: 'against', text });
const inFavour = (text: string): Point => ({ side: 'for', text });
const unknown = (text: string): Point => ({ side: 'unknown', text });

const names = (runs: readonly { readonly name: string }[]): string =>
  runs.length > 6 ? formatCount(runs.length, 'run') : listText(runs.map(({ name }) => shortText(name, 24)));

function syntheticPoints({ runs }: Report): Point[] {
  const synthetic = runs.filter((run) => run.synthetic);
  if (synthetic.length === 0) return [];
  const who = synthetic.length === runs.length ? 'All runs here were' : `${names(synthetic)} ${were(synthetic)}`;
  return [against(`${who} trained on drawn pictures: nothing here says anything about real ones.`)];
}

const were = (items: readonly unknown[]): string => (items.length === 1 ? 'was' : 'were');

/** Energy in the mask beside what a spot in the middle has, which never saw the model. */
function localisationPoints(report: Report): Point[] {
  const { masks, columns } = report.mapMetrics;
  if (masks === null) return [unknown('Whether the maps lie on the object: there are no masks to compare them with.')];
  const points: Point[] = [];
  const namer = shortNames(report);
  const measured = columns.flatMap((column) => {
    const metric = column.metrics['energy-in-mask'];
    return metric === undefined || metric.centred === null || metric.random === null
      ? []
      : [
          {
            name: namer(column),
            ...metric,
            centred: metric.centred,
            random: metric.random,
            above: metric.aboveCentred ?? 0,
          },
        ];
  });
  const share = (one: (typeof measured)[number]): Named => ({
    value: one.mean,
    text: `${one.name} ${percent(one.mean)} (above the spot on ${one.above} of ${one.n})`,
  });
  const beside = `of a plain spot in the middle of the picture, which knows nothing of the model, ${range(measured.map((one) => one.centred))} does, of random maps ${range(measured.map((one) => one.random))}`;
  const better = measured.filter((one) => isMost(one.above, one.n));
  const rest = measured.filter((one) => !better.includes(one));
  if (rest.length > 0)
    points.push(
      against(
        `Not clearly more of the map lies inside the masks than chance gives: ${brief(rest.map(share), percent)}; ${beside}.`,
      ),
    );
  if (better.length > 0)
    points.push(
      inFavour(
        `More of the map lies inside the masks than chance gives: ${brief(better.map(share), percent)}; ${beside}.`,
      ),
    );
  const without = masks.empty + masks.missing;
  if (without > 0)
    points.push(
      unknown(
        `${formatCount(without, 'sample')} without a usable mask ${without === 1 ? 'does' : 'do'} not count there.`,
      ),
    );
  return points;
}

/** Sign test: would a fair coin give `hits` of `n` or more less than once in forty? */
export function isMost(hits: number, n: number): boolean {
  let tail = 0;
  let term = 0.5 ** n; // of n hits
  for (let k = n; k >= hits; k--) {
    tail += term;
    term *= k / (n - k + 1);
  }
  return n > 0 && tail < 0.025;
}

function sanityPoints(report: Report): Point[] {
  const results = report.sanity;
  if (results === null)
    return [unknown('Whether the maps depend on what was learnt: no weights were drawn anew to see (--sanity).')];
  const namer = shortNames(report);
  const ends = results.flatMap((result) => {
    const r = result.randomisation.findLast(({ spearman }) => spearman !== null)?.spearman ?? null;
    return r === null ? [] : [{ value: r, text: `${namer(result)} ${fixedText(r)}` }];
  });
  const same = ends.filter(({ value }) => value >= ALIKE);
  const changed = ends.filter(({ value }) => value < ALIKE);
  const permuted = results.flatMap((result) =>
    result.permutedLabels === null || result.permutedLabels.spearman === null
      ? []
      : [
          {
            value: result.permutedLabels.spearman,
            text: `${namer(result)} ${fixedText(result.permutedLabels.spearman)}`,
          },
        ],
  );
  const heads = results.flatMap((result) => {
    const r = result.randomisation.length > 1 ? result.randomisation[0]!.spearman : null;
    return r === null || r < ALIKE ? [] : [{ value: r, text: `${namer(result)} ${fixedText(r)}` }];
  });
  return [
    ...(same.length === 0
      ? []
      : [
          against(
            `With all weights drawn anew the maps stay much the same (rank correlation ${brief(same)}): they show the picture or the architecture, not what was learnt.`,
          ),
        ]),
    ...(changed.length === 0
      ? []
      : [
          inFavour(
            `With all weights drawn anew the maps change (rank correlation with the run’s own ${brief(changed)}): they depend on what was learnt.`,
          ),
        ]),
    ...(heads.length === 0
      ? []
      : [
          against(
            `With only the last layer drawn anew, which alone knows the classes, the maps stay alike (rank correlation ${brief(heads)}): they hardly depend on the class.`,
          ),
        ]),
    ...(permuted.length === 0
      ? []
      : [
          (permuted.some(({ value }) => value >= ALIKE) ? against : inFavour)(
            `Beside a model trained on permuted labels: rank correlation ${brief(permuted)}.`,
          ),
        ]),
  ];
}

/** ROAD where it was measured, else insertion less deletion. */
function faithfulnessPoints(report: Report): Point[] {
  const namer = shortNames(report);
  const measured = report.mapMetrics.columns.flatMap((column) => {
    const road = column.metrics['road'];
    return road === undefined || road.random === null || road.centred === null
      ? []
      : [{ ...road, random: road.random, centred: road.centred, name: namer(column) }];
  });
  if (measured.length === 0)
    return report.options.faithfulness.length > 0
      ? []
      : [
          unknown(
            'Whether the models rely on the places that the maps name: they were not asked again (--faithfulness).',
          ),
        ];
  const text = (one: (typeof measured)[number]): Named => ({
    value: one.mean,
    text: `${one.name} ${fixedText(one.mean)} (random maps ${fixedText(one.random)}, spot ${fixedText(one.centred)})`,
  });
  const lost = measured.filter((one) => one.mean <= Math.max(one.random, 0));
  const level = measured.filter((one) => !lost.includes(one) && !isMost(one.aboveCentred ?? 0, one.n));
  const ahead = measured.filter((one) => !lost.includes(one) && !level.includes(one));
  return [
    ...(lost.length === 0
      ? []
      : [
          against(
            `Taking away what the map names moves the model no more than any other order: ROAD ${brief(lost.map(text))}.`,
          ),
        ]),
    ...(level.length === 0
      ? []
      : [
          against(
            `Taking away what the map names moves the model more than a random order, but not clearly more than a spot in the middle: ROAD ${brief(level.map(text))}.`,
          ),
        ]),
    ...(ahead.length === 0
      ? []
      : [
          inFavour(
            `Taking away what the map names moves the model more than a random order or a spot in the middle: ROAD ${brief(ahead.map(text))}.`,
          ),
        ]),
  ];
}

/** Do runs of different losses differ more than runs of one loss? */
function seedPoints(report: Report): Point[] {
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

function spread(values: readonly number[]): string {
  const [low, high] = [fixedText(Math.min(...values)), fixedText(Math.max(...values))];
  return low === high ? low : `${low} to ${high}`;
}

const sameLayer = (a: ReportRun, b: ReportRun): boolean => a.layer.shape.join() === b.layer.shape.join();

function headPoints({ runs, mapMetrics }: Report): Point[] {
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

function zeroPoints(report: Report): Point[] {
  const namer = shortNames(report);
  const zero = report.mapMetrics.columns.filter((column) => column.zero > 0);
  const broken = report.cells.filter((cell) => cell.map === null).length;
  return [
    ...(zero.length === 0
      ? []
      : [
          against(
            `Maps that are zero, with no positive evidence for the class at this layer: ${brief(
              zero.map((column) => ({
                value: column.zero,
                text: `${column.zero} of ${column.maps} of ${namer(column)}`,
              })),
              String,
            )}. They count in no mean.`,
          ),
        ]),
    ...(broken === 0 ? [] : [against(`${formatCount(broken, 'map')} could not be made: see the notes beside them.`)]),
  ];
}

function targetPoints({ cells }: Report): Point[] {
  const judged = cells.filter((cell) => cell.target !== null && cell.predicted !== null);
  const other = judged.filter((cell) => cell.target!.name !== cell.predicted!.name);
  if (other.length === 0) return [];
  return [
    against(
      `${other.length} of ${judged.length} maps explain a class that the run does not predict there: they show what little speaks for it, not why the run decided as it did.`,
    ),
  ];
}

function resolutionPoints({ runs, cells }: Report): Point[] {
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

/** Do methods of one run agree? */
function methodPoints(report: Report): Point[] {
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

function assumedPoints({ runs }: Report): Point[] {
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

function samplePoints({ samples }: Report): Point[] {
  if (samples.length >= FEW) return [];
  return [
    against(`${formatCount(samples.length, 'sample')}: enough to look at, too few to rank runs, losses or methods by.`),
  ];
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

function range(shares: readonly number[]): string {
  const [low, high] = [percent(Math.min(...shares)), percent(Math.max(...shares))];
  return low === high ? low : `${low} to ${high}`;
}

function shortNames(report: Report): (column: Pick<ColumnSummary, 'run' | 'method'>) => string {
  const namer = columnNames(report);
  return ({ run, method }) => shortText(namer(run, method), 48);
}
