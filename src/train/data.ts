// The batches of a run: training pictures shuffled and augmented, validation and test in order and unchanged, and where some
// layers are frozen, what they make of them.
import { join } from 'node:path';
import { augmentPresets, type AugmentSpec } from '../datasets/augmentations.ts';
import { openBatches, type Batches, type BatchOptions } from '../datasets/batches.ts';
import type { Dataset, DatasetItem } from '../datasets/dataset.ts';
import { itemsOf } from '../datasets/split.ts';
import type { Engine } from '../engine/engine.ts';
import type { OnProgress } from '../events.ts';
import { requireChoice } from '../lib/options.ts';
import type { TrainOptions } from './spec.ts';
import { openFeatures, type Features } from './features.ts';
import { shapeOf } from './shapes.ts';
import { cachedSource, frozenSource, pictureSource, type FrozenLayers, type Source } from './source.ts';
import type { Start } from './start.ts';
import type { Trainer } from './trainer.ts';

export interface RunData {
  readonly train: Source;
  readonly val: Source | null;
  /** Opened when it is asked for, once; null where there is no test picture. */
  readonly test: () => Source | null;
  readonly close: () => Promise<void>;
}

export interface RunDataSpec {
  readonly options: TrainOptions;
  readonly dataset: Dataset;
  readonly start: Start;
  readonly trainer: Trainer;
  readonly engine: Engine;
  readonly seed: number;
  readonly onProgress: OnProgress;
  /** What `beginPictures` gave. */
  readonly begun: Batches | null;
}

type Preparation = Pick<RunDataSpec, 'options' | 'dataset' | 'start' | 'seed'>;

/** Validation pictures are kept decoded in this many bytes at most. */
const VALIDATION_CACHE = 256 * 2 ** 20;

/**
 * The training pictures, the first of which are prepared while the step is compiled; null where layers are frozen, since what
 * is read then is not known yet.
 */
export function beginPictures(spec: Preparation): Batches | null {
  const { options, dataset } = spec;
  if (options.from !== undefined) return null;
  const batches = trainingBatches(spec, itemsOf(dataset, 'train'));
  // A run that is taken up again begins at another epoch.
  if (!options.resume) batches.begin(0);
  return batches;
}

export async function openRunData(spec: RunDataSpec): Promise<RunData> {
  const { dataset, trainer } = spec;
  const frozen = trainer.frozen === null ? null : await openFrozen(spec);
  const augment = augmentOf(spec.options);
  const isCached = frozen !== null && Object.keys(augment).length === 0;
  const features = isCached ? await featuresOf(spec, frozen) : null;
  const opened: { close(): Promise<void> }[] = [];
  const sourceOf = (items: readonly DatasetItem[], isTraining: boolean): Source => {
    const source = features === null ? pictures(spec, items, isTraining, frozen) : cached(spec, features, items, isTraining); // prettier-ignore
    opened.push(source);
    return source;
  };
  const [train, val, test] = (['train', 'val', 'test'] as const).map((split) => itemsOf(dataset, split));
  let testing: Source | null = null;
  return {
    train: sourceOf(train!, true),
    val: val!.length === 0 ? null : sourceOf(val!, false),
    test: () => (testing ??= test!.length === 0 ? null : sourceOf(test!, false)),
    async close() {
      await Promise.all(opened.map((source) => source.close()));
      await features?.close();
      await frozen?.session.close();
    },
  };
}

/** The augmentations of a run by name; mixup is one of them. */
export function augmentOf({ augment, mixup }: Pick<TrainOptions, 'augment' | 'mixup'>): AugmentSpec {
  const named: Readonly<Record<string, AugmentSpec>> = augmentPresets;
  const chosen =
    typeof augment === 'string' ? named[requireChoice('augment', augment, Object.keys(augmentPresets))]! : augment;
  return mixup === null ? chosen : { ...chosen, mixup: { alpha: mixup } };
}

async function openFrozen({ trainer, engine, options, start }: RunDataSpec): Promise<FrozenLayers> {
  const session = await engine.open(trainer.frozen!, { threads: options.threads });
  return { session, image: start.input, shape: shapeOf(start.graph, start.input), ports: trainer.inputs };
}

function pictures(
  spec: RunDataSpec,
  items: readonly DatasetItem[],
  isTraining: boolean,
  frozen: FrozenLayers | null,
): Source {
  const batches = isTraining
    ? (spec.begun ?? trainingBatches(spec, items))
    : openBatches({ ...basics(spec, items), sampler: 'in-order', cacheBytes: VALIDATION_CACHE });
  return frozen === null ? pictureSource(batches) : frozenSource(batches, frozen);
}

function trainingBatches(spec: Preparation, items: readonly DatasetItem[]): Batches {
  const { options } = spec;
  return openBatches({
    ...basics(spec, items),
    sampler: options.sampler,
    dropLast: true,
    augment: augmentOf(options),
    epochs: options.epochs,
  });
}

function cached(
  { options, dataset, trainer, seed }: RunDataSpec,
  features: Features,
  items: readonly DatasetItem[],
  isTraining: boolean,
): Source {
  return cachedSource({
    features,
    items,
    classes: dataset.classes.length,
    batch: trainer.batch,
    sampler: isTraining ? options.sampler : 'in-order',
    seed,
    dropLast: isTraining,
  });
}

function basics(
  { options, dataset, start, seed }: Preparation,
  items: readonly DatasetItem[],
): BatchOptions & { readonly items: readonly DatasetItem[] } {
  return {
    items,
    classes: dataset.classes.length,
    spec: start.prepare,
    batch: start.batch,
    seed,
    workers: options.workers,
  };
}

async function featuresOf(spec: RunDataSpec, frozen: FrozenLayers): Promise<Features> {
  const { options, dataset, trainer, start, onProgress } = spec;
  const { items } = dataset;
  return openFeatures({
    folder: join(options.out, '.features'),
    frozen,
    graph: trainer.frozen!.graph(),
    prepare: start.prepare,
    items,
    open(): Batches {
      onProgress({ kind: 'started', what: 'frozen layers', total: items.length });
      return openBatches({ ...basics(spec, items), sampler: 'in-order', cacheBytes: 0 });
    },
    onProgress: (done) => onProgress({ kind: 'progress', cells: done }),
  });
}
