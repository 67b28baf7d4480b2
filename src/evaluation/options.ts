// Options of an evaluation: as a caller gives them -> checked, with every default filled in. Loads nothing heavy, so that
// the command line checks options before it loads anything else.
import { datasetIds } from '../datasets/ids.ts';
import { odirLabelKinds, type OdirLabels } from '../datasets/dataset.ts';
import { engineIds } from '../engine/ids.ts';
import { badOption, flagOf, flagsOf, requireChoice, requireCount, requireWhole } from '../lib/options.ts';
import { quoteCommand } from '../lib/shell.ts';
import { faithfulnessIds, mapMetricIds, type MapMetricId } from '../metrics/maps/metrics.ts';
import { MAX_BATCH, MAX_THREADS, normalizeCompareOptions, type CompareOptions } from '../options.ts';

/** What may be asked of maps, with `maps`. */
export interface MapsSpec {
  /** Measure maps too. */
  readonly maps?: boolean | undefined;
  /** CAM methods. */
  readonly method?: readonly string[] | undefined;
  readonly layer?: readonly string[] | undefined;
  readonly target?: string | null | undefined;
  /** Folder of masks; without it, those that the data has. */
  readonly masks?: string | undefined;
  /** Ids of map metrics; without it, all. */
  readonly metrics?: readonly string[] | undefined;
  /** Pictures whose maps are measured, at most, drawn by the seed. */
  readonly mapSamples?: number | undefined;
  /** Set maps beside those of networks with weights drawn anew. */
  readonly sanity?: boolean | undefined;
  /** Each `PATH` or `run=PATH`: models trained on permuted labels. */
  readonly permuted?: readonly string[] | undefined;
}

/** Checked. */
export interface MapsOptions {
  /** How the maps are made. */
  readonly compare: CompareOptions;
  readonly metrics: readonly MapMetricId[];
  readonly masks: string | undefined;
  readonly mapSamples: number;
}

/** What a caller may ask for. Only models and data are needed. */
export interface EvaluateSpec extends MapsSpec {
  /** Model files, run folders, patterns. */
  readonly models: readonly string[];
  /** Folder or table of labelled pictures. */
  readonly data: string;
  /** Id of the dataset's format; without it, a table of labels or folders of classes are looked for. */
  readonly dataset?: string | undefined;
  /** `train`, `val`, `test` or `all`; without it, test where there are splits, else everything. */
  readonly split?: string | undefined;
  /** CSV file of labels for the pictures in `data`. */
  readonly labels?: string | undefined;
  readonly imageCol?: string | undefined;
  readonly labelCol?: string | undefined;
  /** Column of lesions or patients: what is drawn by the bootstrap. */
  readonly groupCol?: string | undefined;
  readonly splitCol?: string | undefined;
  /** What stands between several labels of a picture in a table. */
  readonly labelSeparator?: string | undefined;
  /** What a label of ODIR-5K is. */
  readonly odirLabels?: string | undefined;
  /** Pictures per run of a model. */
  readonly batch?: number | undefined;
  readonly threads?: number | undefined;
  readonly engine?: string | undefined;
  /** Of a model with several outputs, the one with the logits. */
  readonly output?: string | undefined;
  /** Output folder. */
  readonly out?: string | undefined;
  /** Replicates of the bootstrap; 0: no intervals. */
  readonly bootstrap?: number | undefined;
  /** Kind of interval. */
  readonly interval?: string | undefined;
  /** Seed of bootstrap and permutation. */
  readonly seed?: number | undefined;
  /** The command line that the evaluation shows; made from the options where not given. */
  readonly command?: string | undefined;
  /** Stops the work between two batches. */
  readonly signal?: AbortSignal | undefined;
}

/** Checked options, every default filled in. */
export interface EvaluateOptions extends Omit<EvaluateSpec, 'split' | 'interval' | 'odirLabels' | keyof MapsSpec> {
  /** null: no maps. */
  readonly maps: MapsOptions | null;
  readonly split: SplitChoice | undefined;
  readonly odirLabels: OdirLabels | undefined;
  readonly batch: number;
  readonly engine: string;
  readonly out: string;
  readonly bootstrap: number;
  readonly interval: IntervalKind;
  readonly seed: number;
  readonly command: string;
}

export const splitChoices = ['train', 'val', 'test', 'all'] as const;
export type SplitChoice = (typeof splitChoices)[number];
export const intervalKinds = ['percentile', 'bca'] as const;
export type IntervalKind = (typeof intervalKinds)[number];

export const evaluateDefaults = {
  batch: 16,
  engine: 'auto',
  out: './out',
  bootstrap: 2000,
  interval: 'percentile',
  seed: 0,
} as const satisfies Partial<EvaluateSpec>;

const TEXTS = [
  'dataset',
  'labels',
  'imageCol',
  'labelCol',
  'groupCol',
  'splitCol',
  'labelSeparator',
  'output',
  'out',
] as const;
const MAX_BOOTSTRAP = 1_000_000;
/** Pictures whose maps are measured unless more are asked for: faithfulness takes some hundred passes a map. */
export const MAP_SAMPLES = 100;
const MAX_MAP_SAMPLES = 1_000_000;

/** Checks options and fills in defaults. Throws GradcamError `bad-option`, `unknown-split`, `unknown-engine` and the like. */
export function normalizeEvaluateOptions(spec: EvaluateSpec): EvaluateOptions {
  if (!Array.isArray(spec.models) || spec.models.length === 0)
    throw badOption('models', 'a list with at least one item', spec.models);
  if (typeof spec.data !== 'string' || spec.data === '') throw badOption('data', 'a folder or a table', spec.data);
  for (const name of TEXTS) if (spec[name] === '') throw badOption(name, 'a text', '');
  if (spec.dataset !== undefined) requireChoice('dataset', spec.dataset, datasetIds);
  const bootstrap = spec.bootstrap ?? evaluateDefaults.bootstrap;
  return {
    ...withoutMaps(spec),
    maps: normalizeMaps(spec),
    split: spec.split === undefined ? undefined : requireChoice('split', spec.split, splitChoices),
    odirLabels:
      spec.odirLabels === undefined ? undefined : requireChoice('odir-labels', spec.odirLabels, odirLabelKinds),
    batch: requireCount('batch', spec.batch ?? evaluateDefaults.batch, MAX_BATCH),
    threads: spec.threads === undefined ? undefined : requireCount('threads', spec.threads, MAX_THREADS),
    engine: requireChoice('engine', spec.engine ?? evaluateDefaults.engine, engineIds),
    out: spec.out ?? evaluateDefaults.out,
    bootstrap: bootstrap === 0 ? 0 : requireCount('bootstrap', bootstrap, MAX_BOOTSTRAP),
    interval: requireChoice('interval', spec.interval ?? evaluateDefaults.interval, intervalKinds),
    seed: requireWhole('seed', spec.seed ?? evaluateDefaults.seed),
    command: spec.command ?? commandOf(spec),
  };
}

const MAP_NAMES = ['method', 'layer', 'target', 'masks', 'metrics', 'mapSamples', 'sanity', 'permuted'] as const;

function withoutMaps(spec: EvaluateSpec): Omit<EvaluateSpec, keyof MapsSpec> {
  return Object.fromEntries(
    Object.entries(spec).filter(([name]) => name !== 'maps' && !MAP_NAMES.some((own) => own === name)),
  ) as Omit<EvaluateSpec, keyof MapsSpec>;
}

/** Options of maps say something only with `maps`. Throws GradcamError `bad-option`, `unknown-metric`, `unknown-method`. */
function normalizeMaps(spec: EvaluateSpec): MapsOptions | null {
  if (spec.maps !== true) {
    const stray = MAP_NAMES.find((name) => spec[name] !== undefined && spec[name] !== false);
    if (stray === undefined) return null;
    throw badOption(flagOf(stray).slice(2), '--maps beside it: it says which maps are measured, and how', spec[stray]);
  }
  const metrics = (spec.metrics ?? mapMetricIds).map((id) => requireChoice('metric', id, mapMetricIds));
  const { models, method, layer, target, sanity, permuted, batch, threads, engine, output, out, signal } = spec;
  const given = { models, method, layer, target, sanity, permuted, batch, threads, engine, output, out, signal };
  return {
    compare: normalizeCompareOptions({
      ...given,
      images: ['.'], // the pictures come from the dataset
      faithfulness: faithfulnessIds.filter((id) => metrics.includes(id)),
    }),
    metrics: mapMetricIds.filter((id) => metrics.includes(id)),
    masks: spec.masks,
    mapSamples: requireCount('map-samples', spec.mapSamples ?? MAP_SAMPLES, MAX_MAP_SAMPLES),
  };
}

/** The command line for options given to the library. */
function commandOf(spec: EvaluateSpec): string {
  const told = (Object.keys(spec) as (keyof EvaluateSpec)[]).filter((name) => name !== 'command' && name !== 'signal');
  const flags = flagsOf(spec, told, { joined: ['method', 'metrics'], repeated: ['layer', 'permuted'] });
  return quoteCommand(['gradcam', 'evaluate', ...flags]);
}
