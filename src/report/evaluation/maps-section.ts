// The maps of an evaluation as a section of tables: metrics with intervals beside baselines, tests between runs, agreement,
// sanity; and as a table of every test for machines.
import { formatCount, formatList } from '../../lib/format.ts';
import type { MapMetricInfo } from '../../metrics/maps/metric.ts';
import {
  agreementMetrics,
  complexityMetrics,
  faithfulnessMetrics,
  localisationMetrics,
  mapMetrics,
} from '../../metrics/maps/metrics.ts';
import type { Likeness } from '../../metrics/maps/sanity.ts';
import type { MetricTests, TestedPair } from '../../metrics/maps/tests.ts';
import type { EvaluationRun, EvaluationSection } from './evaluation.ts';
import type { MapsEvaluation } from './maps.ts';
import { numberCell, type NumberCell, type NumberColumn, type NumberTable } from './table.ts';

/** Metrics whose tests are shown one by one; those of all metrics are in map-tests.csv and evaluation.json. */
const SHOWN = ['energy-in-mask', 'pointing-game', 'road', 'deletion', 'insertion'];

type Names = readonly Pick<EvaluationRun, 'run' | 'name'>[];

export function mapsSection(maps: MapsEvaluation, runs: Names, seed: number): EvaluationSection {
  const tables = [
    metricTable(maps, runs, localisationMetrics, { id: 'map-localisation', title: 'Where the maps are' }),
    metricTable(maps, runs, faithfulnessMetrics, { id: 'map-faithfulness', title: 'Whether the model agrees' }),
    metricTable(maps, runs, complexityMetrics, { id: 'map-complexity', title: 'How spread out the maps are' }),
    testsTable(maps, runs, SHOWN, 'map-differences'),
    friedmanTable(maps),
    agreementTable(maps, runs),
    sanityTable(maps, runs),
  ];
  return {
    id: 'maps',
    title: 'Maps',
    notes: notesOf(maps, runs, seed),
    tables: tables.filter((table) => table !== null),
  };
}

const nameIn =
  (runs: Names) =>
  (id: string): string =>
    runs.find(({ run }) => run === id)?.name ?? id;
const titleOf = (id: string): string => (id in mapMetrics ? mapMetrics[id as keyof typeof mapMetrics].title : id);
const snake = (id: string): string => id.replaceAll('-', '_');
const columnOf = ({ id, title, better }: MapMetricInfo): NumberColumn => ({
  id: snake(id),
  title,
  better: better === 'neither' ? null : better,
  decimals: 3,
});
const plain = (id: string, title: string, decimals: number): NumberColumn => ({ id, title, better: null, decimals });

/** One row a run and method, then the baselines of each method; null where none of the metrics was measured. */
function metricTable(
  { columns, methods }: MapsEvaluation,
  runs: Names,
  metrics: Readonly<Record<string, MapMetricInfo>>,
  { id, title }: { id: string; title: string },
): NumberTable | null {
  const shown = Object.values(metrics).filter((metric) =>
    columns.some((column) => column.metrics[metric.id] !== undefined),
  );
  if (shown.length === 0) return null;
  const nameOf = nameIn(runs);
  const baseline = (name: string, of: 'random' | 'centred') => ({
    names: methods.length > 1 ? [name, ''] : [name],
    cells: shown.map((metric): NumberCell | null => {
      const values = columns.flatMap((column) => column.metrics[metric.id]?.[of] ?? []);
      return values.length === 0 ? null : numberCell(values.reduce((a, b) => a + b, 0) / values.length);
    }),
  });
  const baselines = [baseline('a spot in the middle', 'centred'), baseline('random maps', 'random')];
  return {
    id,
    title,
    bestIn: 'column',
    corners: methods.length > 1 ? ['Run', 'Method'] : ['Run'],
    columns: shown.map(columnOf),
    rows: [
      ...columns.map(({ run, method, metrics: own }) => ({
        names: methods.length > 1 ? [nameOf(run), method] : [nameOf(run)],
        cells: shown.map((metric) => {
          const found = own[metric.id];
          return numberCell(found?.mean, { interval: found?.interval ?? undefined });
        }),
      })),
      ...baselines.filter(({ cells }) => cells.some((cell) => cell !== null)),
    ],
  };
}

/** One row a metric, method and pair of runs; null with one run. */
export function testsTable(
  { tests, methods }: MapsEvaluation,
  runs: Names,
  metrics: readonly string[],
  id: string,
): NumberTable | null {
  const shown = tests.filter(({ metric }) => metrics.includes(metric));
  if (shown.length === 0) return null;
  const nameOf = nameIn(runs);
  const many = methods.length > 1;
  return {
    id,
    title: 'Differences between the maps of two runs',
    bestIn: 'column',
    corners: ['Metric', ...(many ? ['Method'] : []), 'First', 'Second'],
    columns: [
      plain('pictures', 'n', 0),
      plain('difference', 'First − second', 3),
      plain('rank_biserial', 'Rank-biserial', 2),
      plain('wilcoxon_p', 'Wilcoxon p', 4),
      plain('wilcoxon_p_holm', 'Holm', 4),
    ],
    rows: shown.flatMap(({ metric, method, pairs }) =>
      pairs.map((pair) => ({
        names: [titleOf(metric), ...(many ? [method] : []), nameOf(pair.first), nameOf(pair.second)],
        cells: [pair.n, pair.difference, pair.rankBiserial, pair.p, pair.adjustedP].map((value) => numberCell(value)),
      })),
    ),
  };
}

/** One row a metric and method; null with fewer than three runs. */
function friedmanTable({ tests, methods }: MapsEvaluation): NumberTable | null {
  const shown = tests.flatMap(({ friedman, ...test }) => (friedman === null ? [] : [{ ...test, friedman }]));
  if (shown.length === 0) return null;
  const many = methods.length > 1;
  return {
    id: 'map-friedman',
    title: 'Differences among the maps of all runs',
    bestIn: 'column',
    corners: ['Metric', ...(many ? ['Method'] : [])],
    columns: [
      plain('pictures', 'n', 0),
      plain('chi_square', 'Friedman χ²', 2),
      plain('p', 'p', 4),
      plain('kendall_w', 'Kendall W', 2),
    ],
    rows: shown.map(({ metric, method, friedman: { n, chiSquare, p, agreement } }) => ({
      names: [titleOf(metric), ...(many ? [method] : [])],
      cells: [n, chiSquare, p, agreement].map((value) => numberCell(value)),
    })),
  };
}

/** One row a pair of maps of one picture; null where there are none. */
function agreementTable({ pairs, methods, metrics }: MapsEvaluation, runs: Names): NumberTable | null {
  const shown = Object.values<MapMetricInfo>(agreementMetrics).filter(({ id }) => metrics.includes(id));
  if (pairs.length === 0 || shown.length === 0) return null;
  const nameOf = nameIn(runs);
  const named = ({ run, method }: { run: string; method: string }): string =>
    methods.length > 1 ? `${nameOf(run)}, ${method}` : nameOf(run);
  return {
    id: 'map-agreement',
    title: 'How alike the maps are',
    bestIn: 'column',
    corners: ['First', 'Second'],
    columns: shown.map((metric) => ({ ...columnOf(metric), better: null })),
    rows: pairs.map(({ a, b, metrics: own }) => ({
      names: [named(a), named(b)],
      cells: shown.map(({ id }) => numberCell(own[id]?.mean)),
    })),
  };
}

/** One row a run and method; null where no weights were drawn anew. */
function sanityTable({ sanity, methods }: MapsEvaluation, runs: Names): NumberTable | null {
  if (sanity === null) return null;
  const nameOf = nameIn(runs);
  const permuted = sanity.some((result) => result.permutedLabels !== null);
  const both = (one: Likeness | null | undefined) => [numberCell(one?.spearman), numberCell(one?.ssim)];
  const columns = (id: string, title: string) => [
    plain(`${id}_spearman`, `${title}: ρ`, 2),
    plain(`${id}_ssim`, 'SSIM', 2),
  ];
  return {
    id: 'map-sanity',
    title: 'Maps beside those of networks with weights drawn anew',
    bestIn: 'column',
    corners: methods.length > 1 ? ['Run', 'Method'] : ['Run'],
    columns: [
      ...columns('last_layer', 'Last layer'),
      ...columns('half', 'Half of the layers'),
      ...columns('all_layers', 'All layers'),
      ...(permuted ? columns('permuted_labels', 'Permuted labels') : []),
    ],
    rows: sanity.map(({ run, method, randomisation, permutedLabels }) => ({
      names: methods.length > 1 ? [nameOf(run), method] : [nameOf(run)],
      cells: [
        ...both(randomisation[0]),
        ...both(randomisation[Math.floor((randomisation.length - 1) / 2)]),
        ...both(randomisation.at(-1)),
        ...(permuted ? both(permutedLabels) : []),
      ],
    })),
  };
}

function notesOf(maps: MapsEvaluation, runs: Names, seed: number): string[] {
  const { samples, of, masks, columns, layers, methods } = maps;
  const nameOf = nameIn(runs);
  const count =
    samples < of ? `${samples} of ${formatCount(of, 'picture')}, drawn by seed ${seed}` : formatCount(of, 'picture');
  const zero = columns.filter((column) => column.zero > 0);
  const at = layers.map(({ run, layer, shape }) => `${nameOf(run)} ${layer} (${shape[0]} x ${shape[1]})`);
  return [
    `${formatList(methods)} of ${maps.target === 'label' ? 'the class on the label' : maps.target}, on ${count}; taken at ${formatList(at, 8)}.`,
    masks === null
      ? 'No masks: where the maps are was not measured.'
      : `Masks: ${masks.usable} usable, ${masks.empty} empty, ${masks.missing} missing.`,
    ...(zero.length === 0
      ? []
      : [
          `Maps that are zero count in no mean: ${formatList(
            zero.map(({ run, method, zero: n }) => `${n} of ${nameOf(run)}${methods.length > 1 ? `, ${method}` : ''}`),
            8,
          )}.`,
        ]),
    ...besideSentences(maps, nameOf),
    ...differenceSentences(maps, nameOf),
  ];
}

const LEVEL = 0.05;

/** Which columns beat a spot in the middle, by Wilcoxon's test, in energy and ROAD. */
function besideSentences({ columns, methods }: MapsEvaluation, nameOf: (id: string) => string): string[] {
  return ['energy-in-mask', 'road'].flatMap((id) => {
    const measured = columns.flatMap((column) => {
      const metric = column.metrics[id];
      return metric?.beside == null ? [] : [{ ...column, ...metric.beside }];
    });
    if (measured.length === 0) return [];
    const beating = measured.filter(({ p, rankBiserial }) => p !== null && p < LEVEL && rankBiserial > 0);
    const named = beating.map(({ run, method }) => (methods.length > 1 ? `${nameOf(run)} ${method}` : nameOf(run)));
    return [
      `${titleOf(id)} above that of a spot in the middle (Wilcoxon, p < ${LEVEL}, not corrected): ${named.length === 0 ? 'none' : formatList(named, 8)} of ${measured.length}.`,
    ];
  });
}

function differenceSentences({ tests }: MapsEvaluation, nameOf: (id: string) => string): string[] {
  const judged = tests.filter(({ metric }) => SHOWN.includes(metric));
  if (judged.length === 0) return [];
  const clear = judged.flatMap(({ metric, pairs }: MetricTests) =>
    pairs.filter(isClear).map((pair) => ({ metric, pair })),
  );
  const told = clear.map(({ metric, pair }) => {
    const [more, less] = pair.rankBiserial > 0 ? [pair.first, pair.second] : [pair.second, pair.first];
    return `${titleOf(metric)} ${nameOf(more)} > ${nameOf(less)}`;
  });
  return [
    `Pairs of runs whose maps differ (Wilcoxon signed-rank, Holm within a metric and method, p < ${LEVEL}): ${told.length === 0 ? 'none' : formatList(told, 12)}. Tests are about other pictures, not about training again.`,
  ];
}

const isClear = ({ adjustedP }: TestedPair): boolean => adjustedP !== null && adjustedP < LEVEL;
