// What may be asked of a training, and what it becomes when it is checked. Types and defaults; options.ts checks.
import type { AugmentSpec } from '../datasets/augmentations.ts';
import type { DatasetFormat, DatasetSpec } from '../datasets/dataset.ts';
import type { SamplerId } from '../datasets/sampler.ts';
import type { ResizeMode } from '../image/picture.ts';
import type { HeadKind, Loss, LossFunction } from '../losses/loss.ts';
import type { Backbone } from './backbone.ts';
import type { OptimizerId } from './optimizers.ts';
import type { ScheduleId } from './schedules.ts';

/** What a caller may ask for. Only data is needed. Times are in epochs, counted from 0. */
export interface TrainSpec {
  /** Id of a dataset format, or a format of the caller's own; default `imagefolder`. */
  readonly dataset?: string | DatasetFormat | undefined;
  /** Folder or table of the dataset. */
  readonly data?: string | undefined;
  /** How formats read: columns, masks, class order. */
  readonly reading?: Partial<Omit<DatasetSpec, 'root'>> | undefined;
  /** A split.csv to use instead of a new split. */
  readonly split?: string | undefined;
  /** Shares of train, val, test where the data has no splits of its own; default 0.7, 0.15, 0.15. */
  readonly fractions?: readonly [number, number, number] | undefined;
  /** Of the split; default the seed. All runs of a command share one split. */
  readonly splitSeed?: number | undefined;

  /** Ids of losses, or the caller's own: as the table has them, or the function alone. Default `ce`. */
  readonly loss?: string | Loss | LossFunction | readonly (string | Loss | LossFunction)[] | undefined;
  /** By loss: options of its `build`. `classWeights` may be a weighting by name, or `margins`. */
  readonly lossOptions?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
  /** Weight of the LDAM term of LMF (alpha of the paper). */
  readonly ldamWeight?: number | undefined;
  /** Weight of the focal term of LMF (beta of the paper). */
  readonly focalWeight?: number | undefined;
  /** Focusing exponent of focal, LMF, focal-bce. */
  readonly gamma?: number | undefined;
  /** Margin of the rarest class in LDAM and LMF. */
  readonly maxMargin?: number | undefined;
  /** s of LDAM and LMF, and of normed heads under other losses. */
  readonly logitScale?: number | undefined;
  /** What the focal term of LMF multiplies logits with; with a normed head the logit scale by default. */
  readonly focalScale?: number | undefined;
  readonly lmfVariant?: string | undefined;
  /** Share of every label that is spread over all classes; default 0. */
  readonly labelSmoothing?: number | undefined;

  readonly seed?: number | undefined;
  /** Runs of each loss: seeds `seed`, `seed + 1`, ... */
  readonly seeds?: number | undefined;

  readonly backbone?: string | Backbone | undefined;
  /** A model to start from, of any format, instead of a backbone. */
  readonly init?: string | undefined;
  /** Layer after which training begins; what comes before stays as it is. */
  readonly from?: string | undefined;
  /** Default: what the loss wants. */
  readonly head?: string | undefined;
  /** Rate of dropout before the last layer; default the backbone's own. */
  readonly dropout?: number | undefined;

  readonly epochs?: number | undefined;
  readonly batch?: number | undefined;
  readonly lr?: number | undefined;
  readonly optimizer?: string | undefined;
  /** Of `sgd`. */
  readonly momentum?: number | undefined;
  readonly weightDecay?: number | undefined;
  readonly schedule?: string | undefined;
  readonly warmup?: number | undefined;
  /** `step`: epochs between drops. */
  readonly lrEvery?: number | undefined;
  /** `multi-step`: epochs of the drops. */
  readonly milestones?: readonly number[] | undefined;
  /** What a drop multiplies the rate with. */
  readonly lrFactor?: number | undefined;
  /** `cosine`: share of the rate at the end. */
  readonly lrFloor?: number | undefined;
  /** Greatest norm of the gradient. */
  readonly clip?: number | undefined;
  /** Share that averaged parameters keep at each step, such as 0.999; the averages are validated and saved. */
  readonly ema?: number | undefined;
  /** Epochs without a better score after which training stops. */
  readonly patience?: number | undefined;
  /** First epoch with class-balanced weights. */
  readonly drwEpoch?: number | undefined;
  readonly sampler?: string | undefined;
  /** A preset's name, or augmentations by name. */
  readonly augment?: string | AugmentSpec | undefined;
  /** Strength alpha of mixup; default none. */
  readonly mixup?: number | undefined;
  /** Side of the pictures in pixels, or [height, width]. */
  readonly size?: number | readonly [number, number] | undefined;
  readonly resize?: ResizeMode | undefined;
  readonly mean?: readonly number[] | undefined;
  readonly std?: readonly number[] | undefined;
  /** Which epoch becomes model.onnx: the `best` by macro-F1 of validation, or the `last`. */
  readonly save?: string | undefined;

  readonly recipe?: string | undefined;
  /** Folder of the runs; default ./runs. */
  readonly out?: string | undefined;
  /** Goes on where runs stopped; finished ones are left alone. */
  readonly resume?: boolean | undefined;
  /** Replaces runs that are in the folders already. */
  readonly overwrite?: boolean | undefined;
  /** Keeps what resuming needs after the end, so that a run can go on with more epochs. */
  readonly keepCheckpoint?: boolean | undefined;
  readonly threads?: number | undefined;
  /** Threads that prepare pictures. */
  readonly workers?: number | undefined;
  readonly engine?: string | undefined;
  /** The command line that run.json shows. */
  readonly command?: string | undefined;
  /** Stops the work between two steps. */
  readonly signal?: AbortSignal | undefined;
}

/** Checked options. null and undefined: left to the backbone, the loss or the optimiser. */
export interface TrainOptions {
  readonly dataset: string | DatasetFormat;
  readonly data: string;
  readonly reading: Partial<Omit<DatasetSpec, 'root'>>;
  readonly split: string | undefined;
  readonly fractions: readonly [number, number, number];
  readonly splitSeed: number;
  readonly losses: readonly (string | Loss)[];
  readonly lossOptions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly logitScale: number | undefined;
  readonly labelSmoothing: number;
  readonly seeds: readonly number[];
  readonly backbone: string | Backbone;
  readonly init: string | undefined;
  readonly from: string | undefined;
  readonly head: HeadKind | undefined;
  readonly dropout: number | undefined;
  readonly epochs: number;
  readonly batch: number;
  readonly lr: number;
  readonly optimizer: OptimizerId;
  readonly momentum: number | undefined;
  readonly weightDecay: number | undefined;
  readonly schedule: ScheduleId;
  readonly warmup: number;
  readonly lrEvery: number;
  readonly milestones: readonly number[];
  readonly lrFactor: number;
  readonly lrFloor: number;
  readonly clip: number | null;
  readonly ema: number | null;
  readonly patience: number | null;
  readonly drwEpoch: number | null;
  readonly sampler: SamplerId;
  readonly augment: string | AugmentSpec;
  readonly mixup: number | null;
  readonly size: readonly [number, number] | undefined;
  readonly resize: ResizeMode | undefined;
  readonly mean: readonly number[] | undefined;
  readonly std: readonly number[] | undefined;
  readonly save: 'best' | 'last';
  readonly recipe: string | null;
  readonly out: string;
  readonly resume: boolean;
  readonly overwrite: boolean;
  readonly keepCheckpoint: boolean;
  readonly threads: number | undefined;
  readonly workers: number | undefined;
  readonly engine: string;
  readonly command: string | null;
  readonly signal: AbortSignal | undefined;
}

export const trainDefaults = {
  dataset: 'imagefolder',
  fractions: [0.7, 0.15, 0.15],
  loss: 'ce',
  seed: 0,
  seeds: 1,
  backbone: 'small',
  epochs: 30,
  batch: 32,
  optimizer: 'adamw',
  schedule: 'cosine',
  warmup: 1,
  lrEvery: 30,
  milestones: [],
  lrFactor: 0.1,
  lrFloor: 0,
  sampler: 'shuffle',
  augment: 'standard',
  save: 'best',
  out: './runs',
  engine: 'auto',
} as const satisfies Partial<TrainSpec>;

/** Every option that a caller or a config file may give. */
const names: Readonly<Record<keyof TrainSpec, true>> = {
  dataset: true, data: true, reading: true, split: true, fractions: true, splitSeed: true,
  loss: true, lossOptions: true, ldamWeight: true, focalWeight: true, gamma: true, maxMargin: true, logitScale: true,
  focalScale: true, lmfVariant: true, labelSmoothing: true, seed: true, seeds: true,
  backbone: true, init: true, from: true, head: true, dropout: true,
  epochs: true, batch: true, lr: true, optimizer: true, momentum: true, weightDecay: true, schedule: true, warmup: true,
  lrEvery: true, milestones: true, lrFactor: true, lrFloor: true, clip: true, ema: true, patience: true, drwEpoch: true,
  sampler: true, augment: true, mixup: true, size: true, resize: true, mean: true, std: true, save: true,
  recipe: true, out: true, resume: true, overwrite: true, keepCheckpoint: true, threads: true, workers: true, engine: true,
  command: true, signal: true,
}; // prettier-ignore
export const trainOptionNames = Object.keys(names) as readonly (keyof TrainSpec)[];
