// Options of training: as a caller gives them -> checked, with recipe and defaults filled in. Loads nothing heavy. What the
// caller says counts more than its config file, that more than the recipe, that more than the defaults.
import { augmentPresets } from '../datasets/augmentations.ts';
import { datasetIds } from '../datasets/ids.ts';
import { samplers } from '../datasets/sampler.ts';
import { engineIds } from '../engine/ids.ts';
import { GradcamError } from '../lib/errors.ts';
import { unknownName } from '../lib/names.ts';
import { badOption, requireChoice, requireCount, requireNumber, requireWhole } from '../lib/options.ts';
import { lossIds } from '../losses/ids.ts';
import type { HeadKind, Loss, LossFunction } from '../losses/loss.ts';
import type { Backbone } from './backbone.ts';
import { backboneIds, optimizerIds } from './ids.ts';
import type { OptimizerId } from './optimizers.ts';
import { recipes, recipeIds } from './recipes.ts';
import { scheduleIds } from './schedules.ts';
import { trainDefaults, trainOptionNames, type TrainOptions, type TrainSpec } from './spec.ts';

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

/** Checks options and fills in recipe and defaults. Throws GradcamError: `bad-option`, `unknown-option`, `unknown-loss` and the like. */
export function normalizeTrainOptions(given: TrainSpec): TrainOptions {
  const strange = Object.keys(given).find((name) => !trainOptionNames.some((one) => one === name));
  if (strange !== undefined) throw unknownName('option', strange, trainOptionNames);
  const spec = withRecipe(given);
  const seed = requireWhole('seed', spec.seed ?? trainDefaults.seed, 0);
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
    dropout: optional(spec.dropout, (value) => requireNumber('dropout', value, 0, 0.95)),
    epochs: requireCount('epochs', spec.epochs ?? trainDefaults.epochs, MOST),
    batch: requireCount('batch', spec.batch ?? trainDefaults.batch, 4096),
    lr: requireNumber('lr', spec.lr ?? usual, 1e-12, 1e3),
    optimizer,
    momentum: optional(spec.momentum, (value) => requireNumber('momentum', value, 0, 0.9999)),
    weightDecay: optional(spec.weightDecay, (value) => requireNumber('weightDecay', value, 0, 10)),
    ...rateOptions(spec),
    clip: optional(spec.clip, (value) => requireNumber('clip', value, 1e-12, 1e12)) ?? null,
    ema: optional(spec.ema, (value) => requireNumber('ema', value, 0, 0.999999)) ?? null,
    patience: optional(spec.patience, (value) => requireCount('patience', value, MOST)) ?? null,
    drwEpoch: optional(spec.drwEpoch, (value) => requireWhole('drwEpoch', value, 0)) ?? null,
    ...pictureOptions(spec),
    save: requireChoice('save', spec.save ?? trainDefaults.save, ['best', 'last']),
    recipe: spec.recipe ?? null,
    out: spec.out ?? trainDefaults.out,
    resume: spec.resume ?? false,
    overwrite: spec.overwrite ?? false,
    keepCheckpoint: spec.keepCheckpoint ?? false,
    threads: optional(spec.threads, (value) => requireCount('threads', value, 1024)),
    workers: optional(spec.workers, (value) => requireWhole('workers', value, 0)),
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
  if (typeof dataset === 'string') requireChoice('dataset', dataset, datasetIds);
  const fractions = spec.fractions ?? trainDefaults.fractions;
  if (fractions.length !== 3) throw badOption('fractions', 'three numbers: train, val, test', fractions);
  const splitSeed = requireWhole('splitSeed', spec.splitSeed ?? seed, 0);
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
    logitScale: optional(spec.logitScale, (value) => requireNumber('logitScale', value, 1e-6, 1e6)),
    labelSmoothing: requireNumber('labelSmoothing', spec.labelSmoothing ?? 0, 0, 1),
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
    warmup: requireNumber('warmup', spec.warmup ?? trainDefaults.warmup, 0, MOST),
    lrEvery: requireCount('lrEvery', spec.lrEvery ?? trainDefaults.lrEvery, MOST),
    milestones: milestones.map((value) => requireWhole('milestones', value, 0)),
    lrFactor: requireNumber('lrFactor', spec.lrFactor ?? trainDefaults.lrFactor, 0, 1),
    lrFloor: requireNumber('lrFloor', spec.lrFloor ?? trainDefaults.lrFloor, 0, 1),
  };
}

function pictureOptions(spec: TrainSpec) {
  const augment = spec.augment ?? (spec.from === undefined ? trainDefaults.augment : 'none');
  if (typeof augment === 'string') requireChoice('augment', augment, Object.keys(augmentPresets));
  const { size } = spec;
  const sides = size === undefined ? undefined : typeof size === 'number' ? ([size, size] as const) : size;
  if (sides !== undefined) for (const side of sides) requireCount('size', side, 8192);
  return {
    sampler: requireChoice('sampler', spec.sampler ?? trainDefaults.sampler, samplers),
    augment,
    mixup: optional(spec.mixup, (value) => requireNumber('mixup', value, 1e-6, 100)) ?? null,
    size: sides,
    resize: optional(spec.resize, (value) => requireChoice('resize', value, ['squash', 'crop', 'pad'])),
    mean: spec.mean,
    std: spec.std,
  };
}

function optional<T>(value: T | undefined, check: (value: T) => T): T | undefined {
  return value === undefined ? undefined : check(value);
}
