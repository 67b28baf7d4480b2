// Runs, samples and cells -> report data: what was made, what was assumed, what a reader must know before comparing.
import type { MapMethod } from './cam/method.ts';
import { methods, type MethodId } from './cam/methods.ts';
import { settingsOf } from './cam/parameters.ts';
import type { FoundEvaluation } from './report/evaluation/find.ts';
import type { Gathered } from './gather.ts';
import type { MeasuredSample } from './measures.ts';
import type { SanityResult } from './metrics/maps/sanity.ts';
import { summarize, type MapsSummary } from './metrics/maps/summary.ts';
import type { CompareOptions } from './options.ts';
import type { Report, ReportCell, ReportRun, ReportSample, ReportSkipped } from './report/report.ts';
import type { OpenRun } from './runs.ts';
import { libraryVersions, packageVersion } from './lib/version.ts';

export interface Described {
  readonly options: CompareOptions;
  readonly runs: readonly OpenRun[];
  readonly gathered: Gathered;
  readonly board: {
    readonly samples: readonly ReportSample[];
    readonly cells: readonly ReportCell[];
    readonly skipped: readonly ReportSkipped[];
    readonly inferenceMs: number;
    readonly mapsMs: number;
    readonly measures: ReadonlyMap<string, MeasuredSample>;
    readonly sanity: readonly SanityResult[] | null;
  };
  /** Id of the engine that was taken. */
  readonly engine: string;
  /** SHA-256 of each run's files. */
  readonly hashes: readonly string[];
  readonly evaluation: FoundEvaluation;
  /** When the command started, by performance.now(). */
  readonly started: number;
}

export function describeReport(described: Described): Report {
  const { options, runs, gathered, board, engine, hashes, started } = described;
  const { evaluation, notes } = described.evaluation;
  const { samples, cells, skipped } = board;
  const row = new Map(samples.map((sample, index) => [sample.id, index]));
  const column = new Map(runs.map((run, index) => [run.id, index]));
  const method = new Map<string, number>(options.methods.map((id, index) => [id, index]));
  const place = (cell: ReportCell): number =>
    (row.get(cell.sample)! * runs.length + column.get(cell.run)!) * options.methods.length + method.get(cell.method)!;
  return {
    schema: 'gradcam/report@1',
    tool: { name: 'gradcam', version: packageVersion(), libraries: libraryVersions() },
    created: new Date().toISOString(),
    command: options.command,
    options: {
      models: options.models,
      images: options.images,
      labels: gathered.labelsFile,
      masks: gathered.masksFolder,
      target: options.target ?? (samples.some((sample) => sample.label !== null) ? 'label' : 'consensus'),
      layer: options.layers,
      method: options.methods,
      scale: options.scale,
      colormap: options.colormap,
      alpha: options.alpha,
      batch: options.batch,
      threads: options.threads ?? null,
      engine,
      ...options.choices,
      settings: Object.fromEntries(options.methods.map((id) => [id, settingsOf(id, options.choices.settings[id])])),
      inputs: options.inputs,
      showInput: options.showInput,
      faithfulness: options.faithfulness,
      sanity: options.sanity,
      permuted: options.permuted,
    },
    methods: options.methods.map((id) => {
      const { title, paper, caveat }: MapMethod = methods[id];
      return { id, title, paper, ...(caveat === undefined ? {} : { caveat }) };
    }),
    runs: runs.map((run, index) => describeRun(run, hashes[index]!)),
    samples,
    cells: [...cells].sort((a, b) => place(a) - place(b)),
    mapMetrics: summarizeMaps(samples, board.measures),
    sanity: board.sanity,
    ...(evaluation === null ? {} : { evaluation }),
    skipped,
    timings: { totalMs: performance.now() - started, mapsMs: board.mapsMs, inferenceMs: board.inferenceMs },
    warnings: [...warningsOf(runs), ...caveatsOf(options.methods)],
    notes: [...gathered.notes, ...notes],
  };
}

function summarizeMaps(samples: readonly ReportSample[], measures: ReadonlyMap<string, MeasuredSample>): MapsSummary {
  const measured = samples.flatMap(({ id }) => measures.get(id) ?? []);
  return summarize(
    measured,
    measured.map(({ masked }) => masked),
  );
}

function describeRun(run: OpenRun, sha256: string): ReportRun {
  const { model, prepare, run: spec } = run.prepared;
  const { size, resize, shortSide = null, scale, mean, std, channels } = prepare;
  return {
    id: run.id,
    name: run.name,
    path: model.path,
    format: model.format,
    sha256,
    classes: run.head.classes,
    layer: { name: run.layer.name, shape: run.layer.shape },
    assumed: run.assumed,
    loss: spec.loss ?? null,
    synthetic: spec.synthetic ?? false,
    logitScale: run.head.logitScale,
    input: { size, resize, shortSide, scale, mean, std, channels },
    metrics: spec.metrics ?? null,
  };
}

function warningsOf(runs: readonly OpenRun[]): string[] {
  const warnings: string[] = [];
  const synthetic = runs.filter((run) => run.prepared.run.synthetic);
  if (synthetic.length > 0)
    warnings.push(
      `Synthetic data: ${listed(synthetic)} ${synthetic.length === 1 ? 'was' : 'were'} trained on drawn pictures, not on patients.`,
    );
  if (new Set(runs.map((run) => run.head.logitScale)).size > 1) {
    const scaled = runs.map((run) => `${run.name} ${run.head.logitScale}`).join(', ');
    warnings.push(
      `The runs differ in their heads (logit scale: ${scaled}). Map values are contributions to the logit, so their sizes do not compare across these runs. ` +
        'A normalised (cosine) head gives maps that sum to zero before the ReLU, so they look sharper than those of a linear head.',
    );
  }
  const [first, ...rest] = runs;
  const orders = rest.filter((run) => run.head.classes.join('\0') !== first!.head.classes.join('\0'));
  if (orders.length > 0)
    warnings.push(
      `The runs differ in their classes or class order (${listed([first!, ...orders])}): classes are matched by name.`,
    );
  const shapes = new Set(runs.map((run) => run.layer.shape.slice(0, 2).join(' x ')));
  if (shapes.size > 1)
    warnings.push(
      `The maps have different resolutions (${[...shapes].join(', ')} cells): a coarser map looks smoother and larger.`,
    );
  return warnings;
}

/** What the asked methods cannot show, in their own words. */
function caveatsOf(ids: readonly MethodId[]): string[] {
  return ids.flatMap((id) => {
    const { caveat }: MapMethod = methods[id];
    return caveat ?? [];
  });
}

const listed = (runs: readonly OpenRun[]): string => runs.map((run) => run.name).join(', ');
