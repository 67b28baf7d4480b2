// The map metrics of a report as tables: runs and methods beside their baselines, pairs of maps. Apart from metrics.ts, which
// shows what run.json states; here everything was measured.
import type { MapMetricInfo } from '../metrics/maps/metric.ts';
import {
  agreementMetrics,
  complexityMetrics,
  faithfulnessMetrics,
  localisationMetrics,
} from '../metrics/maps/metrics.ts';
import type { Likeness, SanityResult } from '../metrics/maps/sanity.ts';
import type { ColumnSummary, PairSummary } from '../metrics/maps/summary.ts';
import type { MetricsTable } from './metrics.ts';
import type { Report } from './report.ts';
import { fixedText } from './words.ts';

export interface MapTable extends MetricsTable {
  /** What it is, and how to read it. */
  readonly about: string;
  /** So long that it is folded. */
  readonly folded: boolean;
  readonly meanings: readonly { readonly title: string; readonly text: string }[];
}

/** Longer tables of pairs are folded. */
const MOST_PAIRS = 10;

/** Tables in the order of the page; none where nothing was measured. */
export function mapTables(report: Report): MapTable[] {
  const { columns, pairs, masks } = report.mapMetrics;
  const namer = columnNames(report);
  const tables: (MapTable | null)[] = [
    columnTable(columns, namer, localisationMetrics, {
      title: 'Where the maps are',
      about: `Against the masks, on ${samplesText(masks?.usable ?? 0)}. Read every row beside the last two: maps that know nothing of the model.`,
      baselines: true,
    }),
    columnTable(columns, namer, faithfulnessMetrics, {
      title: 'Whether the model agrees',
      about:
        'The pictures were changed in the order that each map gives, and the model was asked again; the last rows say what any order does.',
      baselines: true,
    }),
    columnTable(columns, namer, complexityMetrics, {
      title: 'How spread out the maps are',
      about: 'A description: neither a small nor a large area is the better map.',
      baselines: false,
    }),
    pairTable(pairs, namer),
    sanityTable(report.sanity ?? [], namer),
  ];
  return tables.filter((table) => table !== null);
}

type Namer = (run: string, method: string) => string;

/** `CE`, or `CE, Grad-CAM` where there are several methods. */
export function columnNames({ runs, methods }: Report): Namer {
  const run = new Map(runs.map(({ id, name }) => [id, name]));
  const method = new Map(methods.map(({ id, title }) => [id, title]));
  return (runId, methodId) => {
    const name = run.get(runId) ?? runId;
    return methods.length > 1 ? `${name}, ${method.get(methodId) ?? methodId}` : name;
  };
}

interface About {
  readonly title: string;
  readonly about: string;
  readonly baselines: boolean;
}

function columnTable(
  columns: readonly ColumnSummary[],
  namer: Namer,
  metrics: Readonly<Record<string, MapMetricInfo>>,
  { title, about, baselines }: About,
): MapTable | null {
  const shown = Object.values(metrics).filter(({ id }) => columns.some((column) => column.metrics[id] !== undefined));
  if (shown.length === 0) return null;
  const row = (name: string, of: (id: string) => string) => ({
    name,
    cells: shown.map(({ id }) => ({ text: of(id), best: false })),
  });
  const spread = (id: string, baseline: 'random' | 'centred'): string =>
    rangeText(columns.flatMap((column) => column.metrics[id]?.[baseline] ?? []));
  return {
    title,
    about,
    folded: false,
    corner: 'Run',
    columns: shown.map(headed),
    rows: [
      ...columns.map((column) =>
        row(namer(column.run, column.method), (id) => {
          const metric = column.metrics[id];
          return metric === undefined ? '–' : fixedText(metric.mean);
        }),
      ),
      ...(baselines
        ? [row('a spot in the middle', (id) => spread(id, 'centred')), row('random maps', (id) => spread(id, 'random'))]
        : []),
    ],
    meanings: shown.map(meaning),
  };
}

function pairTable(pairs: readonly PairSummary[], namer: Namer): MapTable | null {
  if (pairs.length === 0) return null;
  const shown = Object.values<MapMetricInfo>(agreementMetrics);
  return {
    title: 'How alike the maps are',
    about: 'Means over the samples of two maps of one picture.',
    folded: pairs.length > MOST_PAIRS,
    corner: 'Pair',
    columns: shown.map(headed),
    rows: pairs.map(({ a, b, metrics }) => ({
      name: `${namer(a.run, a.method)} and ${namer(b.run, b.method)}`,
      cells: shown.map(({ id }) => {
        const metric = metrics[id];
        return { text: metric === undefined ? '–' : fixedText(metric.mean), best: false };
      }),
    })),
    meanings: shown.map(meaning),
  };
}

/** Rank correlation, and SSIM in brackets, with the run's own maps. */
function sanityTable(results: readonly SanityResult[], namer: Namer): MapTable | null {
  if (results.length === 0) return null;
  const permuted = results.some((result) => result.permutedLabels !== null);
  const likeness = (one: Likeness | null | undefined): { text: string; best: boolean } => ({
    text: one == null || one.spearman === null ? '–' : `${fixedText(one.spearman)} (${fixedText(one.ssim ?? NaN)})`,
    best: false,
  });
  const { title, formula, paper } = agreementMetrics.spearman;
  return {
    title: 'Whether the maps depend on what was learnt',
    about: `Rank correlation (and SSIM) with the run’s own maps when weights are drawn anew, from the head down. Maps that stay alike show the picture or the architecture.`,
    folded: false,
    corner: 'Run',
    columns: ['Last layer', 'Half of the layers', 'All layers', ...(permuted ? ['Trained on permuted labels'] : [])],
    rows: results.map(({ run, method, randomisation, permutedLabels }) => ({
      name: namer(run, method),
      cells: [
        likeness(randomisation[0]),
        likeness(randomisation[Math.floor((randomisation.length - 1) / 2)]),
        likeness(randomisation.at(-1)),
        ...(permuted ? [likeness(permutedLabels)] : []),
      ],
    })),
    meanings: [{ title, text: `${formula}. ${paper}.` }],
  };
}

const ARROWS = { higher: ' ↑', lower: ' ↓', neither: '' } as const;
const headed = ({ title, better }: MapMetricInfo): string => `${title}${ARROWS[better]}`;

const meaning = ({ title, formula, paper }: MapMetricInfo): { title: string; text: string } => ({
  title,
  text: `${formula}. ${paper}.`,
});

const samplesText = (count: number): string => (count === 1 ? '1 sample' : `${count} samples`);

/** One number where all are the same to two decimals, else from least to greatest. */
function rangeText(values: readonly number[]): string {
  if (values.length === 0) return '–';
  const [low, high] = [fixedText(Math.min(...values)), fixedText(Math.max(...values))];
  return low === high ? low : `${low} to ${high}`;
}
