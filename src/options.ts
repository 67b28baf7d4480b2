// Options of a comparison: as a caller gives them -> checked, with every default filled in. Loads nothing heavy, so that
// the command line checks options before it loads anything else.
import { methodIds } from './cam/ids.ts';
import type { MethodId } from './cam/methods.ts';
import { engineIds } from './engine/ids.ts';
import { colormapIds, type ColormapId } from './image/colormaps.ts';
import { unknownName } from './lib/names.ts';
import {
  badOption,
  flagsOf,
  requireChoice,
  requireCount,
  requireNumber,
  requireText,
  requireTexts,
} from './lib/options.ts';
import { quoteCommand } from './lib/shell.ts';
import { inputOptionNames, parseInputs, type InputFlags, type InputOverrides } from './input-options.ts';
import { faithfulnessIds, type FaithfulnessId } from './metrics/maps/metrics.ts';
import { parseMapChoices, type MapChoices, type MapChoiceSpec } from './map-choices.ts';
import { scaleIds, type ScaleId } from './report/scale.ts';

/** What a caller may ask for. Only models and images are needed. */
export interface CompareSpec extends InputFlags, MapChoiceSpec {
  /** Model files, run folders, patterns. */
  readonly models: readonly string[];
  /** Pictures, folders, patterns. */
  readonly images: readonly string[];
  /** CSV file; without it, labels are looked for beside the pictures. */
  readonly labels?: string | undefined;
  /** Folder of masks; without it, they are looked for beside the pictures. */
  readonly masks?: string | undefined;
  /** `label`, `predicted`, `consensus`, a class name or index; null: the label where there is one, else consensus. */
  readonly target?: string | null | undefined;
  /** Each `NAME` for all runs, or `run=NAME` for one: a layer's name, module, index, glob, or `auto`. */
  readonly layer?: readonly string[] | undefined;
  readonly method?: readonly string[] | undefined;
  readonly scale?: string | undefined;
  readonly colormap?: string | undefined;
  /** Opacity of the map, 0..1. */
  readonly alpha?: number | undefined;
  /** Pictures per run of a model. */
  readonly batch?: number | undefined;
  /** Threads of the engine; all cores where not given. */
  readonly threads?: number | undefined;
  readonly engine?: string | undefined;
  /** Output folder. */
  readonly out?: string | undefined;
  /** Everything in one report.html. */
  readonly singleFile?: boolean | undefined;
  /** Overlays and numbers as logs for TensorBoard too. */
  readonly tensorboard?: boolean | undefined;
  /** Of a model with several outputs, the one to explain. */
  readonly output?: string | undefined;
  /** Draw what each model saw of each picture, into `inputs/<sample>/<run>.png` and the report. */
  readonly showInput?: boolean | undefined;
  /** Ids of faithfulness metrics, or `all`: the models are asked again with pictures changed by the maps, many times. */
  readonly faithfulness?: readonly string[] | undefined;
  /** Sanity check: maps beside those of the same networks with weights drawn anew. */
  readonly sanity?: boolean | undefined;
  /** Each `PATH` for all runs, or `run=PATH` for one: a model trained on permuted labels, whose maps are set beside. */
  readonly permuted?: readonly string[] | undefined;
  /** An evaluation.json to show; without it, the one in the output folder where it is of the same models. */
  readonly evaluation?: string | undefined;
  /** The command line that the report shows; made from the options where not given. */
  readonly command?: string | undefined;
  /** Stops the work between two batches. */
  readonly signal?: AbortSignal | undefined;
}

/** Checked options, every default filled in. */
export interface CompareOptions {
  readonly models: readonly string[];
  readonly images: readonly string[];
  readonly labels: string | undefined;
  readonly masks: string | undefined;
  readonly target: string | null;
  /** Run id -> layer; `*` for all other runs; absent: the run's own, else auto. */
  readonly layers: Readonly<Record<string, string>>;
  readonly methods: readonly MethodId[];
  readonly scale: ScaleId;
  readonly colormap: ColormapId;
  readonly alpha: number;
  readonly batch: number;
  readonly threads: number | undefined;
  readonly engine: string;
  readonly out: string;
  readonly singleFile: boolean;
  readonly tensorboard: boolean;
  readonly output: string | undefined;
  /** How pictures are prepared, where the caller says it. */
  readonly inputs: InputOverrides;
  readonly showInput: boolean;
  readonly faithfulness: readonly FaithfulnessId[];
  readonly sanity: boolean;
  /** Run id -> path; `*` for all other runs. */
  readonly permuted: Readonly<Record<string, string>>;
  /** What maps show besides layer, method and class. */
  readonly choices: MapChoices;
  readonly evaluation: string | undefined;
  readonly command: string;
  readonly signal: AbortSignal | undefined;
}

export const compareDefaults = {
  target: null,
  layer: [],
  method: ['gradcam'],
  scale: 'per-map',
  colormap: 'viridis',
  alpha: 0.5,
  batch: 8,
  engine: 'auto',
  out: './out',
  singleFile: false,
  tensorboard: false,
  showInput: false,
  faithfulness: [],
  sanity: false,
  permuted: [],
} as const satisfies Partial<CompareSpec>;

/** Every option, in the order in which a command line has them. */
const names: Readonly<Record<keyof CompareSpec, true>> = {
  models: true,
  images: true,
  labels: true,
  masks: true,
  target: true,
  layer: true,
  method: true,
  scale: true,
  colormap: true,
  alpha: true,
  batch: true,
  threads: true,
  engine: true,
  out: true,
  singleFile: true,
  tensorboard: true,
  output: true,
  inputSize: true,
  resize: true,
  shortSide: true,
  inputScale: true,
  mean: true,
  std: true,
  channels: true,
  showInput: true,
  faithfulness: true,
  sanity: true,
  permuted: true,
  signed: true,
  counterfactual: true,
  against: true,
  score: true,
  smooth: true,
  setting: true,
  seed: true,
  evaluation: true,
  command: true,
  signal: true,
};

/** Checks options and fills in defaults. Throws GradcamError: `bad-option`, `unknown-option`, `unknown-method` and the like. */
export function normalizeCompareOptions(spec: CompareSpec): CompareOptions {
  const strange = Object.keys(spec).find((name) => !(name in names));
  if (strange !== undefined) throw unknownName('option', strange, Object.keys(names));
  const { labels, masks, threads, output, evaluation, command, signal } = spec;
  const { target = compareDefaults.target, layer = compareDefaults.layer, method = compareDefaults.method } = spec;
  return {
    models: requireTexts('models', spec.models),
    images: requireTexts('images', spec.images),
    labels: labels === undefined ? undefined : requireText('labels', labels),
    masks: masks === undefined ? undefined : requireText('masks', masks),
    target: target === null ? null : requireText('target', target),
    layers: parsePerRun('layer', Array.isArray(layer) && layer.length === 0 ? [] : requireTexts('layer', layer)),
    methods: [...new Set(requireTexts('method', method).map((id) => requireChoice('method', id, methodIds)))],
    scale: requireChoice('scale', spec.scale ?? compareDefaults.scale, scaleIds),
    colormap: requireChoice(
      'colormap',
      spec.colormap ?? (spec.signed === true ? SIGNED_COLORMAP : compareDefaults.colormap),
      colormapIds,
    ),
    alpha: requireNumber('alpha', spec.alpha ?? compareDefaults.alpha, 0, 1),
    batch: requireCount('batch', spec.batch ?? compareDefaults.batch, MAX_BATCH),
    threads: threads === undefined ? undefined : requireCount('threads', threads, MAX_THREADS),
    engine: requireChoice('engine', spec.engine ?? compareDefaults.engine, engineIds),
    out: requireText('out', spec.out ?? compareDefaults.out),
    singleFile: spec.singleFile ?? compareDefaults.singleFile,
    tensorboard: spec.tensorboard ?? compareDefaults.tensorboard,
    output: output === undefined ? undefined : requireText('output', output),
    inputs: parseInputs(requireInputTexts(spec)),
    showInput: spec.showInput ?? compareDefaults.showInput,
    faithfulness: requireFaithfulness(spec.faithfulness ?? compareDefaults.faithfulness),
    sanity: spec.sanity ?? compareDefaults.sanity,
    permuted: parsePerRun('permuted', spec.permuted ?? compareDefaults.permuted),
    choices: parseMapChoices(spec),
    evaluation: evaluation === undefined ? undefined : requireText('evaluation', evaluation),
    command: command ?? commandOf(spec),
    signal,
  };
}

/** Ids of metrics, `all` for each of them. Throws GradcamError `unknown-faithfulness`. */
function requireFaithfulness(ids: readonly string[]): readonly FaithfulnessId[] {
  const chosen = ids.flatMap((id) =>
    id === 'all' ? faithfulnessIds : [requireChoice('faithfulness', id, faithfulnessIds)],
  );
  return [...new Set(chosen)];
}

/** Diverging: its middle stands for zero. */
const SIGNED_COLORMAP: ColormapId = 'vik';
/** Also of an evaluation. */
export const MAX_BATCH = 1024;
export const MAX_THREADS = 1024;

/** Options of the input: each absent, or a list of texts. */
function requireInputTexts(spec: CompareSpec): InputFlags {
  const given = inputOptionNames.filter((name) => spec[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, requireTexts(name, spec[name])]));
}

/** `NAME` is for all runs, `run=NAME` for one. */
function parsePerRun(option: string, choices: readonly string[]): Record<string, string> {
  const chosen = new Map<string, string>();
  for (const choice of choices) {
    const cut = choice.indexOf('=');
    const run = cut === -1 ? '*' : choice.slice(0, cut);
    const value = requireText(option, choice.slice(cut + 1));
    const before = chosen.get(run);
    if (before !== undefined && before !== value) {
      throw badOption(
        option,
        run === '*' ? `one ${option} for all runs, others as run=NAME` : `one ${option} for ${run}`,
        `${before} and ${value}`,
      );
    }
    chosen.set(run, value);
  }
  return Object.fromEntries(chosen);
}

/** The command line for options given to the library. */
function commandOf(spec: CompareSpec): string {
  const told = (Object.keys(names) as (keyof CompareSpec)[]).filter((name) => name !== 'command' && name !== 'signal');
  const flags = flagsOf(spec, told, {
    joined: ['method', 'faithfulness'],
    repeated: ['layer', 'permuted', ...inputOptionNames],
  });
  return quoteCommand(['gradcam', 'compare', ...flags]);
}
