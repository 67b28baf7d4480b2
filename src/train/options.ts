// Options of training: as a caller gives them -> checked, with recipe and defaults filled in. Loads nothing heavy. What the
// caller says counts more than its config file, that more than the recipe, that more than the defaults.
import type { AugmentSpec } from '../datasets/augmentations.ts';
import type { DatasetFormat, DatasetSpec } from '../datasets/dataset.ts';
import type { SamplerId } from '../datasets/sampler.ts';
import { samplers } from '../datasets/sampler.ts';
import { engineIds } from '../engine/ids.ts';
import { GradcamError } from '../lib/errors.ts';
import { unknownName } from '../lib/names.ts';
import { lossIds } from '../losses/ids.ts';
import type { HeadKind, Loss, LossFunction } from '../losses/loss.ts';
import { badOption, requireChoice, requireCount } from '../lib/options.ts';
import type { Backbone } from './backbone.ts';
import { backboneIds, optimizerIds } from './ids.ts';
import type { OptimizerId } from './optimizers.ts';
import { recipes, recipeIds } from './recipes.ts';
import { scheduleIds, type ScheduleId } from './schedules.ts';

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
  readonly resize?: 'squash' | 'crop' | 'pad' | undefined;
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
  readonly resize: 'squash' | 'crop' | 'pad' | undefined;
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

/** Learning rates for weights drawn anew; weights that are there start with a tenth. */
const usualRates: Readonly<Record<OptimizerId, number>> = { sgd: 0.05, adam: 1e-3, adamw: 1e-3 };

/** Options of `TrainSpec` that stand for options of losses: loss -> option. */
const lossTerms = {
  ldamWeight: { lmf: 'ldamWeight' },
  focalWeight: { lmf: 'focalWeight' },
  gamma: { focal: 'gamma', lmf: 'gamma', 'focal-bce': 'gamma' },
  maxMargin: { ldam: 'maxMargin', lmf: 'maxMargin' },
  logitScale: { ldam: 'scale', lmf: 'scale' },
  focalScale: { lmf: 'focalScale' },
  lmfVariant: { lmf: 'variant' },
} as const satisfies Partial<Record<keyof TrainSpec, Readonly<Record<string, string>>>>;

const MOST = 1_000_000;

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

/** Checks options and fills in recipe and defaults. Throws GradcamError: `bad-option`, `unknown-option`, `unknown-loss` and the like. */
export function normalizeTrainOptions(given: TrainSpec): TrainOptions {
  const strange = Object.keys(given).find((name) => !(name in names));
  if (strange !== undefined) throw unknownName('option', strange, trainOptionNames);
  const spec = withRecipe(given);
  const seed = wholeNumber('seed', spec.seed ?? trainDefaults.seed, 0);
  const optimizer = requireChoice('optimizer', spec.optimizer ?? trainDefaults.optimizer, optimizerIds);
  const usual = usualRates[optimizer] * (spec.init === undefined ? 1 : 0.1);
  return {
    ...dataOptions(spec, seed),
    ...lossOptions(spec),
    seeds: Array.from({ length: requireCount('seeds', spec.seeds ?? trainDefaults.seeds, 1000) }, (_, i) => seed + i),
    backbone: backboneOf(spec),
    init: spec.init,
    from: spec.from,
    head: spec.head === undefined ? undefined : requireChoice<HeadKind>('head', spec.head, ['linear', 'normed']),
    dropout: optional(spec.dropout, (value) => inRange('dropout', value, 0, 0.95)),
    epochs: requireCount('epochs', spec.epochs ?? trainDefaults.epochs, MOST),
    batch: requireCount('batch', spec.batch ?? trainDefaults.batch, 4096),
    lr: inRange('lr', spec.lr ?? usual, 1e-12, 1e3),
    optimizer,
    momentum: optional(spec.momentum, (value) => inRange('momentum', value, 0, 0.9999)),
    weightDecay: optional(spec.weightDecay, (value) => inRange('weightDecay', value, 0, 10)),
    ...rateOptions(spec),
    clip: optional(spec.clip, (value) => inRange('clip', value, 1e-12, 1e12)) ?? null,
    ema: optional(spec.ema, (value) => inRange('ema', value, 0, 0.999999)) ?? null,
    patience: optional(spec.patience, (value) => requireCount('patience', value, MOST)) ?? null,
    drwEpoch: optional(spec.drwEpoch, (value) => wholeNumber('drwEpoch', value, 0)) ?? null,
    ...pictureOptions(spec),
    save: requireChoice('save', spec.save ?? trainDefaults.save, ['best', 'last']),
    recipe: spec.recipe ?? null,
    out: spec.out ?? trainDefaults.out,
    resume: spec.resume ?? false,
    overwrite: spec.overwrite ?? false,
    keepCheckpoint: spec.keepCheckpoint ?? false,
    threads: optional(spec.threads, (value) => requireCount('threads', value, 1024)),
    workers: optional(spec.workers, (value) => wholeNumber('workers', value, 0)),
    engine: requireChoice('engine', spec.engine ?? trainDefaults.engine, engineIds),
    command: spec.command ?? null,
    signal: spec.signal,
  };
}

/** Recipe below, what is given above; options of losses are joined loss by loss. */
function withRecipe(given: TrainSpec): TrainSpec {
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as TrainSpec;
  if (given.recipe === undefined) return said;
  const recipe: Partial<TrainSpec> = recipes[requireChoice('recipe', given.recipe, recipeIds)];
  const byLoss = { ...recipe.lossOptions };
  for (const [loss, options] of Object.entries(said.lossOptions ?? {})) byLoss[loss] = { ...byLoss[loss], ...options };
  return { ...recipe, ...said, lossOptions: byLoss };
}

function dataOptions(spec: TrainSpec, seed: number) {
  const dataset = spec.dataset ?? trainDefaults.dataset;
  const data = spec.data ?? (dataset === 'demo' ? './demo-data' : undefined);
  if (data === undefined) {
    throw new GradcamError({
      code: 'missing-option',
      what: '--data is missing',
      expected: 'the folder of a dataset, or a table of labels',
      hint: 'for example: gradcam train --dataset imagefolder --data ./pictures, or --dataset demo',
    });
  }
  const fractions = spec.fractions ?? trainDefaults.fractions;
  if (fractions.length !== 3) throw badOption('fractions', 'three numbers: train, val, test', fractions);
  const splitSeed = wholeNumber('splitSeed', spec.splitSeed ?? seed, 0);
  return { dataset, data, reading: spec.reading ?? {}, split: spec.split, fractions, splitSeed };
}

function lossOptions(spec: TrainSpec) {
  const given = [spec.loss ?? trainDefaults.loss].flat() as readonly (string | Loss | LossFunction)[];
  const asked = given.map((loss) => (typeof loss === 'function' ? ownLoss(loss) : loss));
  if (asked.length === 0) throw badOption('loss', 'at least one loss', asked);
  const chosen = asked.map((loss) => (typeof loss === 'string' ? requireChoice('loss', loss, lossIds) : loss));
  const ids = chosen.map((loss) => (typeof loss === 'string' ? loss : loss.id));
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined) throw badOption('loss', 'every loss once', ids.join(', '));
  for (const id of Object.keys(spec.lossOptions ?? {})) if (!ids.includes(id)) requireChoice('loss', id, lossIds);
  const byLoss: Record<string, Record<string, unknown>> = {};
  for (const [field, places] of Object.entries(lossTerms)) {
    const value = spec[field as keyof typeof lossTerms];
    if (value === undefined) continue;
    for (const [loss, option] of Object.entries(places)) byLoss[loss] = { ...byLoss[loss], [option]: value };
  }
  for (const [loss, options] of Object.entries(spec.lossOptions ?? {})) byLoss[loss] = { ...byLoss[loss], ...options };
  return {
    losses: chosen,
    lossOptions: byLoss,
    logitScale: optional(spec.logitScale, (value) => inRange('logitScale', value, 1e-6, 1e6)),
    labelSmoothing: inRange('labelSmoothing', spec.labelSmoothing ?? 0, 0, 1),
  };
}

/** A function alone is named after itself. */
function ownLoss(loss: LossFunction): Loss {
  const id = loss.name === '' ? 'custom' : loss.name;
  const nothing = { paper: 'not published', labels: 'multi-hot', head: 'linear', draws: false, options: {} } as const;
  return { ...nothing, id, title: id, logitScale: () => 1, build: () => loss };
}

function backboneOf({ backbone, init }: TrainSpec): string | Backbone {
  if (backbone !== undefined && init !== undefined)
    throw badOption('backbone', 'either a backbone or --init, whose network it then is', 'both');
  const chosen = backbone ?? trainDefaults.backbone;
  return typeof chosen === 'string' ? requireChoice('backbone', chosen, backboneIds) : chosen;
}

function rateOptions(spec: TrainSpec) {
  const milestones = spec.milestones ?? trainDefaults.milestones;
  return {
    schedule: requireChoice('schedule', spec.schedule ?? trainDefaults.schedule, scheduleIds),
    warmup: inRange('warmup', spec.warmup ?? trainDefaults.warmup, 0, MOST),
    lrEvery: requireCount('lrEvery', spec.lrEvery ?? trainDefaults.lrEvery, MOST),
    milestones: milestones.map((value) => wholeNumber('milestones', value, 0)),
    lrFactor: inRange('lrFactor', spec.lrFactor ?? trainDefaults.lrFactor, 0, 1),
    lrFloor: inRange('lrFloor', spec.lrFloor ?? trainDefaults.lrFloor, 0, 1),
  };
}

function pictureOptions(spec: TrainSpec) {
  const { size } = spec;
  const sides = size === undefined ? undefined : typeof size === 'number' ? ([size, size] as const) : size;
  if (sides !== undefined) for (const side of sides) requireCount('size', side, 8192);
  return {
    sampler: requireChoice('sampler', spec.sampler ?? trainDefaults.sampler, samplers),
    augment: spec.augment ?? (spec.from === undefined ? trainDefaults.augment : 'none'),
    mixup: optional(spec.mixup, (value) => inRange('mixup', value, 1e-6, 100)) ?? null,
    size: sides,
    resize: optional(spec.resize, (value) => requireChoice('resize', value, ['squash', 'crop', 'pad'])),
    mean: spec.mean,
    std: spec.std,
  };
}

function optional<T>(value: T | undefined, check: (value: T) => T): T | undefined {
  return value === undefined ? undefined : check(value);
}

function inRange(option: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw badOption(option, `a number, ${min} to ${max}`, value);
}

function wholeNumber(option: string, value: unknown, min: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min) return value;
  throw badOption(option, `a whole number, ${min} or above`, value);
}
