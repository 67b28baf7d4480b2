// Items -> batches, made in workers ahead of the consumer. What a batch holds is a function of seed, epoch and step alone: a
// run that is taken up again sees the same batches, whatever the number of workers.
import type { PrepareSpec } from '../image/picture.ts';
import { requireUsableInput, type FitSpec } from '../image/prepare.ts';
import { GradcamError } from '../lib/errors.ts';
import { Random } from '../lib/random.ts';
import { drawMix, type Mix } from './augment/mixup.ts';
import { drawPlan, oversizeOf, settleAugment, type AugmentSpec } from './augmentations.ts';
import type { BatchResult } from './batch-job.ts';
import type { DatasetItem, SkippedItem } from './dataset.ts';
import { createPictureCache, defaultCacheBytes } from './picture-cache.ts';
import { orderOf, type SamplerId } from './sampler.ts';
import { openWorkers } from './threads.ts';

/** Bytes of batches that may wait. */
const AHEAD_BYTES = 64 * 2 ** 20;

/** What `openBatches` reads, and how. */
export interface BatchOptions {
  readonly items: readonly DatasetItem[];
  /** Number of classes. */
  readonly classes: number;
  /** The network's input. */
  readonly spec: PrepareSpec;
  /** Rows of a batch. */
  readonly batch: number;
  /** Default 0. */
  readonly seed?: number | undefined;
  /** Default `shuffle`. */
  readonly sampler?: SamplerId | undefined;
  /** A preset's name or augmentations by name; default `none`. */
  readonly augment?: string | AugmentSpec | undefined;
  /** Leave out the last batch of an epoch where it has fewer rows. Default false. */
  readonly dropLast?: boolean | undefined;
  /** Epochs there will be: the next one is begun before the consumer asks for it. Default: unknown. */
  readonly epochs?: number | undefined;
  /** Threads; default one less than there are cores. */
  readonly workers?: number | undefined;
  /** Batches made ahead; default two a thread and one more, or more of them up to 8 and 64 MiB. */
  readonly ahead?: number | undefined;
  /** Bytes of decoded pictures kept in memory; default 1 GiB or a quarter of the machine's. */
  readonly cacheBytes?: number | undefined;
  /** Folder that keeps decoded pictures for later runs; default none. */
  readonly cacheFolder?: string | undefined;
}

/** Pictures of one step, prepared, with their labels. */
export interface Batch {
  /** Rows; fewer than asked for in the last batch, and where pictures read in order are unreadable. */
  readonly count: number;
  /** float32, [count, channels, height, width] or [count, height, width, channels] as the spec's layout says. */
  readonly images: Float32Array;
  readonly shape: readonly [number, number, number, number];
  /** Class of each row: -1 in a multi-label dataset, that of the row's own picture under mixup. */
  readonly labels: Int32Array;
  /** [count, classes]: several labels, or shares of them under mixup; null where `labels` says all. */
  readonly targets: Float32Array | null;
  readonly ids: readonly string[];
}

/** Batches of a dataset, epoch by epoch, made by worker threads; the same seed gives the same batches. */
export interface Batches {
  /** Batches in an epoch. */
  readonly steps: number;
  /** Starts to make the first batches of an epoch, for a consumer that is not ready yet. */
  begin(epoch: number): void;
  /** The batches of an epoch, counted from 0, from step `from` on. One epoch is read at a time. */
  epoch(epoch: number, from?: number): AsyncGenerator<Batch>;
  /** Pictures found unreadable so far, each once. */
  readonly skipped: readonly SkippedItem[];
  /** Ends the workers. */
  close(): Promise<void>;
}

/**
 * Opens the pipeline. An unreadable picture is remembered in `skipped`; a random one of its class takes its place, drawn
 * from the seed, epoch and position; read in order it is left out.
 * Throws GradcamError `no-items`, `batch-too-large`, `bad-input-spec` or what `settleAugment` says; an epoch throws
 * `no-readable-picture`.
 */
export function openBatches(options: BatchOptions): Batches {
  const { items, classes, spec, batch, seed = 0, sampler = 'shuffle', dropLast = false } = options;
  requireUsableInput(spec);
  const steps = dropLast ? Math.floor(items.length / batch) : Math.ceil(items.length / batch);
  requireSteps(items.length, batch, steps);
  const augment = settleAugment(options.augment ?? 'none');
  const alpha = augment.find(({ id }) => id === 'mixup')?.settings.alpha;
  const kept = keptSpec(spec, oversizeOf(augment));
  const cache = createPictureCache(kept.size[0] * kept.size[1] * 3, options.cacheBytes ?? defaultCacheBytes);
  const crew = openWorkers(options.workers);
  const ahead = options.ahead ?? Math.max(2 * crew.size + 1, spareBatches(spec, batch));
  const unreadable = new Map<string, string>();
  const substitutes = createSubstitutes(items, seed);
  const orders = new Map<number, number[]>();

  const orderIn = (epoch: number): number[] => {
    const known = orders.get(epoch) ?? orderOf(items, classes, sampler, seed, epoch);
    for (const other of orders.keys()) if (Math.abs(other - epoch) > 1) orders.delete(other);
    orders.set(epoch, known);
    return known;
  };

  /** The readable items of a step with their positions in the epoch. */
  const chosen = (epoch: number, step: number): { item: DatasetItem; position: number }[] => {
    const order = orderIn(epoch);
    const positions = Array.from({ length: Math.min(batch, order.length - step * batch) }, (_, i) => step * batch + i);
    return positions.flatMap((position) => {
      const item = items[order[position]!]!;
      if (!unreadable.has(item.path)) return [{ item, position }];
      return sampler === 'in-order' ? [] : [{ item: substitutes(item, epoch, position, unreadable), position }];
    });
  };

  const make = async (epoch: number, step: number): Promise<Batch> => {
    for (;;) {
      const rows = chosen(epoch, step);
      const mix = alpha === undefined ? null : drawMix(alpha, rows.length, Random.of(seed, 'mixup', epoch, step));
      const result: BatchResult = await crew.run('batch', {
        rows: rows.map(({ item, position }) => ({
          path: item.path,
          plan: drawPlan(augment, spec.size[1] / spec.size[0], seed, epoch, position),
          slot: cache.slotOf(item.path),
        })),
        spec,
        kept,
        mix,
        cacheFolder: options.cacheFolder ?? null,
      });
      const failed = new Set(result.unreadable.map(({ row }) => row));
      for (const { row, reason } of result.unreadable) unreadable.set(rows[row]!.item.path, reason);
      for (const [row, { item }] of rows.entries()) if (!failed.has(row)) cache.fill(item.path);
      if (failed.size === 0)
        return labelled(
          rows.map(({ item }) => item),
          result.images,
          spec,
          classes,
          mix,
        );
    }
  };

  const started = new Map<number, Promise<Batch>>();
  const start = (number: number): Promise<Batch> => {
    const known = started.get(number) ?? make(Math.floor(number / steps), number % steps);
    known.catch(() => undefined); // thrown where it is awaited
    started.set(number, known);
    return known;
  };

  return {
    steps,
    begin(epoch) {
      for (let next = 0; next < Math.min(ahead, steps); next++) void start(epoch * steps + next);
    },
    async *epoch(epoch, from = 0) {
      const end = (epoch + 1) * steps;
      const last = Math.max(end, Math.min(end + ahead, (options.epochs ?? 0) * steps));
      for (const number of started.keys()) if (number < epoch * steps + from || number >= last) started.delete(number);
      for (let number = epoch * steps + from; number < end; number++) {
        for (let next = number; next < Math.min(number + ahead, last); next++) void start(next);
        const ready = await start(number);
        started.delete(number);
        if (ready.count > 0) yield ready;
      }
    },
    get skipped() {
      return [...unreadable].map(([path, reason]) => ({ path, reason }));
    },
    close: () => crew.close(),
  };
}

/** Batches that may wait without harm: they bridge times in which pictures take longer than steps, as they do at first. */
function spareBatches({ size: [height, width] }: PrepareSpec, batch: number): number {
  const bytes = batch * 3 * height * width * Float32Array.BYTES_PER_ELEMENT;
  return Math.min(8, Math.floor(AHEAD_BYTES / bytes));
}

/** The input's own pixels, or more of them where parts of pictures are taken. */
function keptSpec({ size: [height, width], resize, shortSide }: PrepareSpec, oversize: number): FitSpec {
  const larger = (side: number) => Math.ceil(side * oversize);
  return {
    size: [larger(height), larger(width)],
    resize,
    ...(shortSide === undefined ? {} : { shortSide: larger(shortSide) }),
  };
}

function labelled(
  rows: readonly DatasetItem[],
  images: Float32Array,
  { size: [height, width], channels, layout }: PrepareSpec,
  classes: number,
  mix: Mix | null,
): Batch {
  const count = rows.length;
  const depth = channels === 'grey' ? 1 : 3;
  return {
    count,
    images,
    shape: layout === 'nchw' ? [count, depth, height, width] : [count, height, width, depth],
    labels: Int32Array.from(rows, ({ label }) => label),
    targets: mix !== null || rows.some(({ labels }) => labels !== null) ? targetsOf(rows, classes, mix) : null,
    ids: rows.map(({ id }) => id),
  };
}

/** [rows, classes] */
function targetsOf(rows: readonly DatasetItem[], classes: number, mix: Mix | null): Float32Array {
  const plain = new Float32Array(rows.length * classes);
  for (const [row, { label, labels }] of rows.entries()) {
    if (labels === null) plain[row * classes + label] = 1;
    else plain.set(labels, row * classes);
  }
  if (mix === null) return plain;
  return plain.map((value, i) => {
    const partner = mix.partners[Math.floor(i / classes)]! * classes + (i % classes);
    return mix.share * value + (1 - mix.share) * plain[partner]!;
  });
}

/** Draws another picture of the same labels, after twenty of those any other. */
function createSubstitutes(items: readonly DatasetItem[], seed: number) {
  const byLabel = new Map<string, DatasetItem[]>();
  const keyOf = ({ label, labels }: DatasetItem) => (labels ?? [label]).join();
  for (const item of items) {
    const known = byLabel.get(keyOf(item));
    if (known === undefined) byLabel.set(keyOf(item), [item]);
    else known.push(item);
  }
  return (item: DatasetItem, epoch: number, position: number, unreadable: ReadonlyMap<string, string>): DatasetItem => {
    const alike = byLabel.get(keyOf(item))!;
    const random = Random.of(seed, 'substitute', epoch, position);
    for (let attempt = 0; attempt < 100; attempt++) {
      const among = attempt < 20 ? alike : items;
      const candidate = among[random.below(among.length)]!;
      if (!unreadable.has(candidate.path)) return candidate;
    }
    const [first] = unreadable;
    throw new GradcamError({
      code: 'no-readable-picture',
      what: `${unreadable.size} of ${items.length} pictures cannot be read`,
      expected: 'pictures that can be decoded',
      found: first === undefined ? 'none' : `${first[0]}: ${first[1]}`,
    });
  };
}

function requireSteps(items: number, batch: number, steps: number): void {
  if (items === 0)
    throw new GradcamError({ code: 'no-items', what: 'there is no picture to make batches of', found: 'none' });
  if (Number.isInteger(batch) && batch >= 1 && steps >= 1) return;
  throw new GradcamError({
    code: 'batch-too-large',
    what: `${items} pictures make no batch of ${batch}`,
    expected: `a whole number from 1 to ${items}`,
    found: String(batch),
    hint: 'use a smaller --batch',
  });
}
