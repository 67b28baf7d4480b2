// The maps of an evaluation: runs and pictures -> maps -> metrics, batch by batch -> means with intervals, paired tests.
// Nothing is drawn; what is kept of a picture are its numbers.
import { findMasks } from '../data/masks.ts';
import type { RunList } from '../data/models.ts';
import { noPictures } from '../data/samples.ts';
import type { DatasetItem } from '../datasets/dataset.ts';
import type { MapsOptions } from './options.ts';
import type { OnProgress } from '../events.ts';
import { openStudio, type Studio, type StudioPicture } from '../image/studio.ts';
import { inferBatch } from '../infer-batch.ts';
import { messageOf } from '../lib/errors.ts';
import { evenBatch, ordered } from '../lib/ordered.ts';
import { Random } from '../lib/random.ts';
import { Slots } from '../lib/slots.ts';
import { faithfulnessOfBatch, measureRow, settledTarget, type MeasuredSample } from '../measures.ts';
import { SANITY_SAMPLES } from '../metrics/maps/sanity.ts';
import { testMaps } from '../metrics/maps/tests.ts';
import { openRuns, type OpenedRuns } from '../open-runs.ts';
import type { CompareOptions } from '../options.ts';
import type { MapsEvaluation } from '../report/evaluation/maps.ts';
import { checkSanity, type SanitySample } from '../sanity.ts';
import { requireKnownTarget } from '../targets.ts';

export interface MapsWork {
  readonly maps: MapsOptions;
  readonly models: RunList;
  readonly items: readonly DatasetItem[];
  /** Index -> name. */
  readonly classes: readonly string[];
  readonly bootstrap: number;
  readonly seed: number;
}

export interface MeasuredMaps {
  readonly evaluation: MapsEvaluation;
  /** Cells of a row are run by run, method by method. */
  readonly runs: readonly string[];
  readonly methods: readonly string[];
  /** For the table of every map. */
  readonly rows: readonly (MeasuredSample & { readonly item: DatasetItem; readonly targets: readonly string[] })[];
}

/** Throws GradcamError where an option is wrong, and where no run or no picture is left. */
export async function evaluateMaps(work: MapsWork, onProgress: OnProgress): Promise<MeasuredMaps> {
  const { models, classes, seed } = work;
  const { compare: options, metrics } = work.maps;
  const items = chosenItems(work);
  const labels = items.map(({ label }) => (label >= 0 ? classes[label]! : null));
  const batch = evenBatch(items.length, options.batch);
  const opened = await openRuns(models, options, labels, batch, onProgress);
  const studio = openStudio();
  try {
    requireKnownTarget(
      options.target,
      opened.runs.map((run) => run.head),
    );
    const slots = new Slots(opened.atOnce);
    const measuring: Measuring = {
      options,
      opened,
      slots,
      studio,
      batch,
      classes,
      onProgress,
      sanity: [],
      skipped: [],
    };
    const rows = await measureAll(measuring, await withMasks(items, work.maps.masks));
    if (rows.length === 0) throw noPictures(measuring.skipped, 'See that the paths in the data are right.');
    const tested = testMaps(
      rows.map((row) => only(row, metrics)),
      { runs: opened.runs.map(({ id }) => id), methods: options.methods },
      work,
    );
    const wantsSanity = options.sanity || Object.keys(options.permuted).length > 0;
    const evaluation: MapsEvaluation = {
      target: options.target ?? (labels.some((label) => label !== null) ? 'label' : 'consensus'),
      methods: options.methods,
      metrics,
      samples: rows.length,
      of: work.items.length,
      layers: opened.runs.map((run) => ({ run: run.id, layer: run.layer.name, shape: run.layer.shape })),
      ...tested,
      sanity: wantsSanity
        ? await checkSanity({ ...options, opened, samples: measuring.sanity, seed, onProgress })
        : null,
      skipped: measuring.skipped,
    };
    return { evaluation, runs: opened.runs.map(({ id }) => id), methods: options.methods, rows };
  } finally {
    await Promise.all([studio.close(), ...opened.runs.map((run) => run.close())]);
  }
}

/** All pictures, or as many as asked for, drawn by the seed, in their own order. */
function chosenItems({ maps: { mapSamples }, items, seed }: MapsWork): readonly DatasetItem[] {
  if (items.length <= mapSamples) return items;
  const chosen = new Set(
    Random.of(seed, 'map samples')
      .shuffled([...items.keys()])
      .slice(0, mapSamples),
  );
  return items.filter((_, index) => chosen.has(index));
}

/** Items with the masks of a folder in place of their own, where one is given. Throws GradcamError `masks-not-found`. */
async function withMasks(items: readonly DatasetItem[], folder: string | undefined): Promise<readonly DatasetItem[]> {
  if (folder === undefined) return items;
  const samples = items.map(({ id, path }) => ({ id, path, dir: '' }));
  const { masks } = await findMasks({ samples, skipped: [], notes: [], folders: [] }, folder);
  return items.map((item) => ({ ...item, mask: masks.get(item.id) ?? null }));
}

interface Measuring {
  readonly options: CompareOptions;
  readonly opened: OpenedRuns;
  readonly slots: Slots;
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
  const { options, opened, slots, studio, sanity, skipped, onProgress } = measuring;
  const { runs, voting } = opened;
  options.signal?.throwIfAborted();
  const inferred = await inferBatch({ runs, target: options.target, voting, slots }, group);
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
