// The maps of an evaluation: runs and pictures -> maps -> metrics, batch by batch -> means with intervals, paired tests.
// Nothing is drawn; what is kept of a picture are its numbers.
import { evenBatch } from './compare.ts';
import type { RunList } from './data/models.ts';
import type { DatasetItem } from './datasets/dataset.ts';
import type { OnProgress } from './events.ts';
import { openStudio, type Studio, type StudioPicture } from './image/studio.ts';
import { inferBatch } from './infer-batch.ts';
import { GradcamError, messageOf } from './lib/errors.ts';
import { ordered } from './lib/ordered.ts';
import { Random } from './lib/random.ts';
import { faithfulnessOfBatch, measureRow, settledTarget, type MeasuredSample } from './measures.ts';
import type { SanityResult } from './metrics/maps/sanity.ts';
import { testMaps, type TestedMaps } from './metrics/maps/tests.ts';
import { mapMetricIds, type FaithfulnessId, type MapMetricId } from './metrics/maps/metrics.ts';
import { openRuns, type OpenedRuns } from './open-runs.ts';
import { faithfulnessIds, normalizeCompareOptions, requireChoice, type CompareOptions } from './options.ts';
import { checkSanity, type SanitySample } from './sanity.ts';
import { SANITY_SAMPLES } from './metrics/maps/sanity.ts';

/** What `evaluate --maps` says of the maps besides what it says of models and data. */
export interface MapsSpec {
  readonly method?: readonly string[] | undefined;
  readonly layer?: readonly string[] | undefined;
  readonly target?: string | null | undefined;
  /** Ids of metrics; without it, all. */
  readonly metrics?: readonly string[] | undefined;
  /** Pictures at most, drawn by the seed; without it, 100. */
  readonly mapSamples?: number | undefined;
  readonly sanity?: boolean | undefined;
  readonly permuted?: readonly string[] | undefined;
}

export const MAP_SAMPLES = 100;

export interface MapsWork {
  readonly spec: MapsSpec;
  readonly models: RunList;
  readonly items: readonly DatasetItem[];
  /** Index -> name. */
  readonly classes: readonly string[];
  readonly options: {
    readonly models: readonly string[];
    readonly batch: number;
    readonly threads?: number | undefined;
    readonly engine: string;
    readonly output?: string | undefined;
    readonly bootstrap: number;
    readonly seed: number;
    readonly signal?: AbortSignal | undefined;
  };
}

/** `maps` of evaluation.json. */
export interface MapsEvaluation extends TestedMaps {
  readonly target: string;
  readonly methods: readonly string[];
  /** Ids of the metrics, in the order of docs/metrics.md. */
  readonly metrics: readonly string[];
  /** Pictures measured, and pictures that there are. */
  readonly samples: number;
  readonly of: number;
  /** What each map was taken at. */
  readonly layers: readonly {
    readonly run: string;
    readonly layer: string;
    readonly shape: readonly [number, number, number];
  }[];
  readonly sanity: readonly SanityResult[] | null;
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

export interface MeasuredMaps {
  readonly evaluation: MapsEvaluation;
  /** For the table of every map. */
  readonly rows: readonly (MeasuredSample & { readonly item: DatasetItem; readonly targets: readonly string[] })[];
}

/** Throws GradcamError where an option is wrong, and where no run or no picture is left. */
export async function evaluateMaps(work: MapsWork, onProgress: OnProgress): Promise<MeasuredMaps> {
  const { spec, models, classes } = work;
  const metrics = (spec.metrics ?? mapMetricIds).map((id) => requireChoice('metric', id, mapMetricIds));
  const options = compareOptions(work, metrics);
  const items = chosenItems(work);
  const labels = items.map(({ label }) => (label >= 0 ? classes[label]! : null));
  const batch = evenBatch(items.length, work.options.batch);
  const opened = await openRuns(models, options, labels, batch, onProgress);
  const studio = openStudio();
  try {
    const measuring: Measuring = { options, opened, studio, batch, classes, onProgress, sanity: [], skipped: [] };
    const rows = await measureAll(measuring, items);
    if (rows.length === 0) throw noPictures(measuring.skipped);
    const runs = opened.runs.map(({ id }) => id);
    const tested = testMaps(
      rows.map((row) => only(row, metrics)),
      { runs, methods: options.methods },
      work.options,
    );
    const wantsSanity = options.sanity || Object.keys(options.permuted).length > 0;
    const sanity = wantsSanity
      ? await checkSanity({ ...options, opened, samples: measuring.sanity, seed: work.options.seed, onProgress })
      : null;
    const evaluation: MapsEvaluation = {
      ...tested,
      target: options.target ?? (labels.some((label) => label !== null) ? 'label' : 'consensus'),
      methods: options.methods,
      metrics,
      samples: rows.length,
      of: work.items.length,
      layers: opened.runs.map((run) => ({ run: run.id, layer: run.layer.name, shape: run.layer.shape })),
      sanity,
      skipped: [...opened.skipped, ...measuring.skipped],
    };
    return { evaluation, rows };
  } finally {
    await Promise.all([studio.close(), ...opened.runs.map((run) => run.close())]);
  }
}

/** The options of a comparison that the maps are made with. */
function compareOptions({ spec, options }: MapsWork, metrics: readonly MapMetricId[]): CompareOptions {
  const { method, layer, target, sanity, permuted } = spec;
  const { models, batch, threads, engine, output, signal } = options;
  const faithfulness = metrics.filter((id): id is FaithfulnessId => faithfulnessIds.some((one) => one === id));
  const images = ['.']; // the pictures come from the dataset
  return normalizeCompareOptions({
    ...{
      models,
      images,
      method,
      layer,
      target,
      sanity,
      permuted,
      batch,
      threads,
      engine,
      output,
      signal,
      faithfulness,
    },
  });
}

/** All pictures, or as many as asked for, drawn by the seed, in their own order. */
function chosenItems({ spec, items, options }: MapsWork): readonly DatasetItem[] {
  const most = spec.mapSamples ?? MAP_SAMPLES;
  if (items.length <= most) return items;
  const chosen = new Set(
    Random.of(options.seed, 'map samples')
      .shuffled([...items.keys()])
      .slice(0, most),
  );
  return items.filter((_, index) => chosen.has(index));
}

interface Measuring {
  readonly options: CompareOptions;
  readonly opened: OpenedRuns;
  readonly studio: Studio;
  readonly batch: number;
  readonly classes: readonly string[];
  readonly onProgress: OnProgress;
  /** The first samples, for the sanity checks. */
  readonly sanity: SanitySample[];
  readonly skipped: { path: string; reason: string }[];
}

interface Loaded {
  readonly item: DatasetItem;
  readonly name: string;
  readonly label: string | null;
  readonly mask: string | null;
  readonly picture: StudioPicture;
}

type MeasuredRow = MeasuredMaps['rows'][number];

async function measureAll(measuring: Measuring, items: readonly DatasetItem[]): Promise<MeasuredRow[]> {
  const { opened, studio, batch, options, classes, skipped, onProgress } = measuring;
  onProgress({ kind: 'started', what: 'maps', total: items.length * opened.runs.length * options.methods.length });
  const specs = opened.runs.map((run) => run.prepared.prepare);
  const load = async (item: DatasetItem): Promise<Loaded | { path: string; reason: string }> => {
    try {
      const picture = await studio.load(item.path, specs);
      await studio.release(picture.handle); // inputs stay, pixels need not
      const label = item.label >= 0 ? classes[item.label]! : null;
      return { item, name: item.id, label, mask: item.mask, picture };
    } catch (error) {
      return { path: item.path, reason: messageOf(error) };
    }
  };
  const rows: MeasuredRow[] = [];
  let group: Loaded[] = [];
  for await (const loaded of ordered(items, 2 * batch, load)) {
    if ('reason' in loaded) {
      skipped.push(loaded);
      onProgress({ kind: 'skipped', ...loaded });
      continue;
    }
    group.push(loaded);
    if (group.length < batch) continue;
    rows.push(...(await measureGroup(measuring, group)));
    group = [];
  }
  if (group.length > 0) rows.push(...(await measureGroup(measuring, group)));
  return rows;
}

async function measureGroup(measuring: Measuring, group: readonly Loaded[]): Promise<MeasuredRow[]> {
  const { options, opened, studio, sanity, skipped, onProgress } = measuring;
  const { runs, voting, atOnce } = opened;
  options.signal?.throwIfAborted();
  const inferred = await inferBatch({ runs, target: options.target, voting, atOnce }, group);
  const faithfulness = await faithfulnessOfBatch(runs, group, inferred, { ...options, onProgress });
  const rows: MeasuredRow[] = [];
  for (const [row, sample] of group.entries()) {
    const measured = await measureRow(runs, sample, { row, maps: inferred.maps, faithfulness }, { ...options, studio });
    const targets = runs.map((_, column) =>
      settledTarget(inferred.targets[row]![column]!.index, inferred.logits[column]![row]!),
    );
    if (measured.problem !== null) skipped.push({ path: sample.mask!, reason: measured.problem });
    if (sanity.length < SANITY_SAMPLES && targets.every((target) => target >= 0))
      sanity.push({ picture: sample.picture, targets });
    rows.push({
      ...measured,
      item: sample.item,
      targets: targets.map((target, column) => runs[column]!.head.classes[target] ?? ''),
    });
    onProgress({ kind: 'progress', cells: measured.cells.length });
  }
  return rows;
}

/** The row with the metrics asked for only. */
function only(row: MeasuredRow, metrics: readonly string[]) {
  const wanted = new Set(metrics);
  const filtered = <N extends Readonly<Record<string, number | null>>>(numbers: N): N =>
    Object.fromEntries(Object.entries(numbers).filter(([id]) => wanted.has(id))) as N;
  return {
    ...row,
    group: row.item.group,
    cells: row.cells.map((cell) => ({ ...cell, metrics: cell.metrics === null ? null : filtered(cell.metrics) })),
    pairs: row.pairs.map((pair) => ({ ...pair, metrics: filtered(pair.metrics) })),
  };
}

function noPictures(skipped: readonly { path: string; reason: string }[]): GradcamError {
  return new GradcamError({
    code: 'no-pictures',
    what: 'None of the pictures could be read.',
    found: skipped
      .map(({ path, reason }) => `${path}: ${reason.split('\n')[0]!}`)
      .slice(0, 5)
      .join('; '),
    hint: 'see that the paths in the data are right',
  });
}
