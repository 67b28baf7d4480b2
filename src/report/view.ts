// Report -> view model: pure data, every text and number ready to be shown, no HTML and no file access.
// Apart from render.ts so that what the report says can be tested without reading markup.
import { formatCount, formatDuration } from '../lib/format.ts';
import { mapTables, type MapTable } from './map-metrics.ts';
import { evaluationView, type EvaluationView } from './evaluation/view.ts';
import { metricsView, type MetricsView } from './metrics.ts';
import type { Report, ReportCell, ReportMethod, ReportRun, ReportSample } from './report.ts';
import { scales, type Scale } from './scale.ts';
import { trustView, type TrustView } from './trust.ts';
import {
  listText,
  numberText,
  percentText,
  shortText,
  targetWords,
  boxed,
  boxedSentence,
  type LongText,
} from './words.ts';

/** The colours of a legend: evenly spaced stops, `#rrggbb`, lowest first. */
export interface LegendColors {
  readonly title: string;
  readonly stops: readonly string[];
  /** False for colormaps whose brightness is not in step with the value (jet). */
  readonly perceptual: boolean;
}

export interface ViewOptions {
  /** URL of a file named in the report, relative to it; null: not shown. */
  readonly url: (path: string | null) => string | null;
  readonly colors: LegendColors;
}

export interface ColumnView {
  readonly name: string;
  readonly short: string;
  readonly method: string | null;
  readonly loss: string | null;
  readonly synthetic: boolean;
}

export interface CellView {
  readonly column: ColumnView;
  readonly overlay: string | null;
  readonly alt: string;
  readonly width: number;
  readonly height: number;
  readonly predicted: { readonly name: LongText; readonly percent: string } | null;
  readonly verdict: 'right' | 'wrong' | 'unknown';
  readonly right: boolean;
  readonly wrong: boolean;
  readonly explains: LongText | null;
  /** The map explains another class than the predicted one. */
  readonly differs: boolean;
  readonly peak: string | null;
  readonly note: LongText | null;
}

export interface RowView {
  readonly anchor: string;
  readonly id: LongText;
  readonly alt: string;
  readonly picture: string | null;
  readonly width: number;
  readonly height: number;
  readonly label: LongText | null;
  readonly cells: readonly CellView[];
}

export interface LegendView {
  readonly scale: string;
  readonly meaning: string;
  /** What the first colour stands for. */
  readonly low: string;
  readonly top: string;
  /** The number at the top of the colourbar, where all maps share it. */
  readonly topValue: string | null;
  readonly colormap: string;
  readonly perceptual: boolean;
  readonly opacity: string;
  readonly stops: readonly { readonly offset: string; readonly color: string }[];
}

/** One line of the runs table: a property, one list of texts per run. */
export interface PropertyView {
  readonly name: string;
  readonly code: boolean;
  readonly values: readonly (readonly LongText[])[];
}

/** How many labelled samples of this report each run gets right. */
export interface TallyView {
  readonly runs: readonly { readonly name: string; readonly right: number; readonly labelled: number }[];
  /** So few samples that the counts say nothing about the runs. */
  readonly few: boolean;
}

export interface ReportView {
  readonly title: string;
  readonly documentTitle: string;
  readonly summary: string;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly warnings: readonly LongText[];
  readonly notes: readonly LongText[];
  readonly synthetic: boolean;
  readonly methods: readonly ReportMethod[];
  readonly columns: readonly ColumnView[];
  readonly columnCount: number;
  /** More than paper has room for side by side. */
  readonly manyColumns: boolean;
  readonly rows: readonly RowView[];
  readonly legend: LegendView;
  readonly evaluation: EvaluationView | null;
  readonly metrics: MetricsView | null;
  readonly tally: TallyView | null;
  readonly mapTables: readonly MapTable[];
  readonly trust: TrustView | null;
  readonly runNames: readonly string[];
  readonly runs: readonly PropertyView[];
  readonly skipped: readonly { readonly path: LongText; readonly reason: LongText }[];
  readonly created: { readonly iso: string; readonly text: string };
  readonly version: string;
  readonly libraries: string;
  readonly took: string;
  readonly command: string;
  readonly options: readonly { readonly name: string; readonly value: LongText }[];
  readonly hashes: readonly { readonly name: LongText; readonly path: LongText; readonly sha256: string }[];
}

/** Columns of maps, 23 mm each on A4, in which words can still be read. */
const mostOnPaper = 7;
/** Longer lists of hashes are left to report.json. */
const mostHashes = 200;
/** Below this many samples two honest accuracies differ by chance by more than losses do: 1.96 sqrt(0.25 / 200) is 7 %. */
const fewSamples = 200;

/** Everything the page shows, as data. Samples and runs keep the order of the report. */
export function reportView(report: Report, options: ViewOptions): ReportView {
  const columns = report.runs.flatMap((run) =>
    report.methods.map((method) => ({ run, method, view: columnView(run, method, report.methods.length) })),
  );
  const cells = new Map(report.cells.map((cell) => [cellKey(cell.sample, cell.run, cell.method), cell]));
  const rows = report.samples.map((sample, i): RowView => {
    const row = columns.map(({ run, method, view }) =>
      cellView(sample, view, cells.get(cellKey(sample.id, run.id, method.id)), options),
    );
    return {
      anchor: `sample-${i + 1}`,
      id: boxed(sample.id),
      alt: `Picture ${shortText(sample.id, 60)}`,
      picture: options.url(sample.picture),
      width: sample.width,
      height: sample.height,
      label: sample.label === null ? null : boxed(sample.label),
      cells: row,
    };
  });
  const title = reportTitle(report);
  return {
    title,
    documentTitle: `${title} – gradcam`,
    summary: summary(report),
    facts: facts(report),
    warnings: report.warnings.map(boxedSentence),
    notes: report.notes.map(boxedSentence),
    synthetic: report.runs.some((run) => run.synthetic),
    methods: report.methods,
    columns: columns.map((column) => column.view),
    columnCount: columns.length,
    manyColumns: columns.length > mostOnPaper,
    rows,
    legend: legendView(report, options.colors),
    evaluation: report.evaluation === undefined ? null : evaluationView(report.evaluation),
    metrics: metricsView(report.runs),
    tally: tally(report),
    mapTables: mapTables(report),
    trust: trustView(report),
    runNames: report.runs.map((run) => run.name),
    runs: runProperties(report.runs),
    skipped: report.skipped.map(({ path, reason }) => ({ path: boxed(path), reason: boxedSentence(reason) })),
    created: { iso: report.created, text: dateText(report.created) },
    version: report.tool.version,
    libraries: Object.entries(report.tool.libraries)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    took: `Took ${formatDuration(report.timings.totalMs)}, ${formatDuration(report.timings.inferenceMs)} of it inference.`,
    command: report.command,
    options: Object.entries(report.options).map(([name, value]) => ({ name, value: boxedSentence(optionText(value)) })),
    hashes: (report.samples.length > mostHashes ? [] : report.samples).map((sample) => ({
      name: boxed(sample.id),
      path: boxed(sample.path),
      sha256: sample.sha256,
    })),
  };
}

function cellKey(sample: string, run: string, method: string): string {
  return JSON.stringify([sample, run, method]);
}

function reportTitle(report: Report): string {
  const samples = formatCount(report.samples.length, 'sample');
  const names = report.runs.map((run) => shortText(run.name, 24));
  return names.length > 6 ? `${formatCount(names.length, 'run')} on ${samples}` : `${listText(names)} on ${samples}`;
}

function summary(report: Report): string {
  const methods = listText(report.methods.map((method) => shortText(method.title, 40)));
  return `${methods} of ${shortText(targetWords(report.options.target), 80)}.`;
}

function facts(report: Report): { name: string; value: string }[] {
  const maps = report.cells.filter((cell) => cell.map !== null).length;
  return [
    { name: 'Runs', value: String(report.runs.length) },
    { name: 'Samples', value: String(report.samples.length) },
    { name: 'Maps', value: String(maps) },
    ...(report.skipped.length > 0 ? [{ name: 'Skipped', value: String(report.skipped.length) }] : []),
  ];
}

function columnView(run: ReportRun, method: ReportMethod, methodCount: number): ColumnView {
  const loss = run.loss === null || run.loss.toLowerCase() === run.name.toLowerCase() ? null : shortText(run.loss, 60);
  return {
    name: run.name,
    short: shortText(run.name, 40),
    method: methodCount > 1 ? method.title : null,
    loss,
    synthetic: run.synthetic,
  };
}

function cellView(
  sample: ReportSample,
  column: ColumnView,
  cell: ReportCell | undefined,
  options: ViewOptions,
): CellView {
  const predicted = cell?.predicted ?? null;
  const target = cell?.target ?? null;
  const verdict = cell === undefined || cell.correct === null ? 'unknown' : cell.correct ? 'right' : 'wrong';
  const name = column.method === null ? column.short : `${column.short}, ${column.method}`;
  const about = target === null ? '' : ` for class ${shortText(target.name, 40)}`;
  return {
    column,
    overlay: options.url(cell?.overlay ?? null),
    alt: `Map of ${name}${about} over ${shortText(sample.id, 60)}`,
    width: sample.width,
    height: sample.height,
    predicted: predicted === null ? null : { name: boxed(predicted.name), percent: percentText(predicted.probability) },
    verdict,
    right: verdict === 'right',
    wrong: verdict === 'wrong',
    explains: target === null ? null : boxed(target.name),
    differs: target !== null && predicted !== null && target.name !== predicted.name,
    peak: cell?.range ? numberText(cell.range[1]) : null,
    note: cell === undefined ? boxed('not computed') : cell.note === null ? null : boxedSentence(cell.note),
  };
}

function legendView(report: Report, colors: LegendColors): LegendView {
  const id = report.options.scale;
  const scale: Scale | undefined = Object.values(scales).find((candidate) => candidate.id === id);
  const tops = new Set(report.cells.map((cell) => cell.scaleMax).filter((top) => top !== null));
  const [top] = tops;
  return {
    scale: scale?.title ?? id,
    meaning: scale?.meaning ?? '',
    low: report.options.signed === true ? `minus ${scale?.top ?? 'maximum'}` : '0',
    top: scale?.top ?? 'maximum',
    topValue: id === 'global' && tops.size === 1 && top !== undefined ? numberText(top) : null,
    colormap: colors.title,
    perceptual: colors.perceptual,
    opacity: `${Math.round(report.options.alpha * 100)} %`,
    stops: colors.stops.map((color, i) => ({ offset: (i / Math.max(1, colors.stops.length - 1)).toFixed(4), color })),
  };
}

/** Null without labels. */
function tally(report: Report): TallyView | null {
  const method = report.methods[0]?.id;
  const judged = report.cells.filter((cell) => cell.correct !== null && cell.method === method);
  if (judged.length === 0) return null;
  const runs = report.runs.map((run) => {
    const own = judged.filter((cell) => cell.run === run.id);
    return { name: run.name, right: own.filter((cell) => cell.correct).length, labelled: own.length };
  });
  return { runs, few: runs.some((run) => run.labelled < fewSamples) };
}

function runProperties(runs: readonly ReportRun[]): PropertyView[] {
  const property = (name: string, code: boolean, of: (run: ReportRun) => readonly string[]): PropertyView => ({
    name,
    code,
    values: runs.map((run) => of(run).map(boxedSentence)),
  });
  return [
    property('Loss', false, (run) => (run.loss === null ? [] : [run.loss])),
    property('Layer', true, (run) => [run.layer.name]),
    property('Map size', false, (run) => [
      `${run.layer.shape[0]} × ${run.layer.shape[1]}, ${run.layer.shape[2]} channels`,
    ]),
    property('Logit scale', false, (run) => [
      run.logitScale === 1
        ? '1'
        : `${numberText(run.logitScale)}: probabilities are softmax(${numberText(run.logitScale)} z)`,
    ]),
    property('Input', false, (run) => inputLines(run.input)),
    property('Classes', false, (run) => [`${run.classes.length}: ${run.classes.join(', ')}`]),
    property('Assumed', false, (run) => (run.assumed.length === 0 ? ['nothing'] : run.assumed)),
    property('Training data', false, (run) => (run.synthetic ? ['synthetic'] : [])),
    property('Format', false, (run) => [run.format]),
    property('File', true, (run) => [run.path]),
    property('SHA-256', true, (run) => [run.sha256]),
  ].filter((line) => line.values.some((texts) => texts.length > 0));
}

function inputLines(input: ReportRun['input']): string[] {
  return [
    `${input.size[0]} × ${input.size[1]} (h × w), ${input.channels}, ${input.resize}${input.shortSide === null ? '' : ` from ${input.shortSide}`}`,
    `0..255 to ${input.scale[0]}..${input.scale[1]}`,
    `mean ${input.mean.map(numberText).join(' ')}`,
    `std ${input.std.map(numberText).join(' ')}`,
  ];
}

function optionText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(optionText).join(' ');
  if (value === null || value === undefined) return '–';
  return JSON.stringify(value) ?? '–';
}

/** `2024-05-01 12:30 UTC`; a text that is no date stays as it is. */
function dateText(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? shortText(iso, 40) : `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
