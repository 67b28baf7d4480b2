// Opens runs: path -> a model with its layer chosen, its program traced and a session to run it.
import { classNames, type ClassHead } from './classes.ts';
import type { MapMethod, PassMap } from './cam/method.ts';
import type { Target } from './cam/target.ts';
import type { Engine } from './engine/engine.ts';
import { completeTypes } from './engine/probe.ts';
import type { Graph } from './graph/graph.ts';
import { inferTypes } from './graph/infer.ts';
import type { InputSpec, PrepareSpec } from './image/picture.ts';
import { GradcamError } from './lib/errors.ts';
import { Slots } from './lib/slots.ts';
import type { FilesAhead } from './model/ahead.ts';
import { settleInput } from './model/input.ts';
import { findLayer, listLayers, pickLayer, type LayerChoice } from './model/layers.ts';
import { loadModel, type LoadedModel } from './model/load.ts';
import type { InputShape, Layer, Model, ModelOutput } from './model/model.ts';
import { denseOutput, MADE_SCORES, withScores, type DenseOutput } from './model/dense-output.ts';
import { findOutput, hasClassScores } from './model/output.ts';
import { fuseLayers, smoothVersions } from './fused.ts';
import { openMapper, type Mapper, type MapperOptions } from './mapper.ts';
import { inputShapeOf, openNetwork, type Network } from './network.ts';
import { plainTarget, targetOf, type RunTarget, type TargetChoice } from './run-target.ts';

/** A model whose graph, logits, input and layers are settled for one batch size. */
export interface Prepared extends LoadedModel {
  readonly graph: Graph;
  readonly batch: number;
  readonly prepare: PrepareSpec;
  readonly output: ModelOutput;
  readonly layers: readonly Layer[];
  readonly assumed: readonly string[];
}

export interface PrepareOptions {
  readonly batch: number;
  /** Name of the output to explain. */
  readonly output?: string | undefined;
  /** What is said of the input besides run.json, and before it. */
  readonly input?: Partial<InputSpec> | undefined;
  /** Lets as many files be read at the same time; none: all. */
  readonly reading?: Slots | undefined;
  /** The model's file, where it is being read already. */
  readonly ahead?: Promise<FilesAhead> | undefined;
  /** Changes the model's graph before anything else looks at it: weights drawn anew. */
  readonly rewrite?: ((graph: Graph) => Graph) | undefined;
}

/** Loads a model and settles what can be read off its file. Throws GradcamError. */
export async function prepareModel(path: string, options: PrepareOptions): Promise<Prepared> {
  const { reading = new Slots(1), ahead } = options;
  const loaded = await reading.run(async () => loadModel(path, await ahead));
  const asLoaded = options.rewrite === undefined ? loaded.model : rewritten(loaded.model, options.rewrite);
  const run =
    options.input === undefined ? loaded.run : { ...loaded.run, input: { ...loaded.run.input, ...options.input } };
  const { spec: prepare, assumed } = settleInput(asLoaded, run);
  const batch = asLoaded.input.batch ?? options.batch;
  const shape: InputShape = { batch, size: prepare.size };
  const plain = await completeTypes(asLoaded.forward(shape), path);
  requireSensibleSizes(plain, path);
  const wanted = options.output ?? run.output;
  const dense = denseOutput(plain, wanted, hasClassScores(plain));
  const model =
    dense === null
      ? asLoaded
      : rewritten(asLoaded, (graph) => inferTypes(withScores(graph, dense, asLoaded.input.layout)));
  const graph = dense === null ? plain : await completeTypes(model.forward(shape), path);
  const found = findOutput(graph, path, dense === null ? wanted : MADE_SCORES);
  const told = dense === null ? found.assumed : madeOf(dense);
  const layers = listLayers(graph, model.input.name, found.output.logits, model.layerNames);
  return {
    model,
    run,
    graph,
    batch,
    prepare,
    output: found.output,
    layers,
    assumed: [...loaded.assumed, ...assumed, ...(told === null ? [] : [told])],
  };
}

function madeOf({ output, kind }: DenseOutput): string {
  return kind === 'map'
    ? `"${output}" is a map of classes: the score of a class is its mean over the cells where it is the greatest.`
    : `"${output}" is laid out flat: its numbers are the classes, in C order.`;
}

/** Named one by one: traced models find their layer names out when they are asked for. */
function rewritten(model: Model, rewrite: (graph: Graph) => Graph): Model {
  return {
    ...model,
    forward: (shape) => rewrite(model.forward(shape)),
    get layerNames() {
      return model.layerNames;
    },
  };
}

/** Numbers that one value of one sample may have: 1 GB as float32, more than any classifier of pictures needs. */
const MAX_ELEMENTS = 2 ** 28;

/** Throws where a value is absurdly large: a damaged file, or a size of the input that was not meant. */
function requireSensibleSizes(graph: Graph, path: string): void {
  const batch = Number(graph.inputs[0]?.type.shape?.[0] ?? 1);
  for (const [name, { shape }] of graph.types) {
    const elements = (shape ?? []).reduce<number>((product, dim) => product * (dim ?? 1), 1) / Math.max(1, batch);
    if (elements <= MAX_ELEMENTS) continue;
    throw new GradcamError({
      code: 'model-too-large',
      what: `The model ${path} would need gigabytes for a single picture.`,
      expected: `at most ${MAX_ELEMENTS} numbers in each of its values`,
      found: `${name} [${shape!.join(', ')}]`,
      hint: 'Check the input size (input.size in run.json, --input-size); else the file may be damaged.',
    });
  }
}

/** The layer to explain: the one named, the run's own, or the one that `auto` picks. Throws GradcamError. */
export function chooseLayer(prepared: Prepared, wanted: string | undefined): LayerChoice {
  const { graph, layers, output, model, run } = prepared;
  const asked = wanted ?? run.layer;
  if (asked === undefined || asked === 'auto') return pickLayer(graph, layers, output.logits, model.path);
  return findLayer(layers, asked, model.path);
}

/** As `chooseLayer`; `a+b` is several, unless a layer has that very name. Throws GradcamError. */
function chooseLayers(prepared: Prepared, wanted: string | undefined): { layers: readonly Layer[]; why: string } {
  const asked = wanted ?? prepared.run.layer;
  const parts = asked?.split('+').map((part) => part.trim()) ?? [];
  const whole = prepared.layers.some((layer) => layer.name === asked || layer.aliases.includes(asked ?? ''));
  if (parts.length < 2 || whole) {
    const { layer, why } = chooseLayer(prepared, wanted);
    return { layers: [layer], why };
  }
  const layers = parts.map((part) => chooseLayer(prepared, part).layer);
  return { layers: [...new Map(layers.map((layer) => [layer.value, layer])).values()], why: 'named' };
}

function fusedLayer(layers: readonly Layer[]): Layer {
  const finest = layers.reduce((best, layer) => (area(layer) > area(best) ? layer : best));
  return { ...finest, name: layers.map((layer) => layer.name).join('+') };
}

const area = ({ shape }: Layer): number => shape[0] * shape[1];

/** Names of a model's classes, from run.json or the model's file, and how its logits become probabilities. */
export function headOf({ run, model, output }: Prepared): { head: ClassHead; assumed: readonly string[] } {
  const given = run.classes ?? model.classes;
  const names = classNames(given, output.classes);
  const assumed: string[] = [];
  if (given === undefined) assumed.push('Class names are not known: classes are shown by their index.');
  else if (!names.named)
    assumed.push(
      `run.json names ${given.length} classes but the model has ${names.classes.length}: classes are shown by their index.`,
    );
  const { activation, classes: logits } = output;
  return { head: { ...names, activation, logits, logitScale: run.logitScale ?? 1 }, assumed };
}

/** A model as its file tells it. */
export interface ReadRun {
  /** Unique, and a safe file name. */
  readonly id: string;
  readonly name: string;
  readonly prepared: Prepared;
  /** Of several fused layers, the finest, under all their names. */
  readonly layer: Layer;
  /** The score that is explained. */
  readonly target: Target;
  /** The class that the explained one is set against; null: none, or the next best. */
  readonly against: RunTarget['against'];
  readonly head: ClassHead;
  readonly assumed: readonly string[];
}

/** A run that is read, while the engine opens it. */
export interface StartedRun extends ReadRun {
  /** Rejects with a GradcamError where methods or engine refuse the model. */
  readonly opened: Promise<OpenRun>;
  /** Waits until it is open, and closes it. */
  close(): Promise<void>;
}

/** Runs one model, batch by batch. */
export interface OpenRun extends ReadRun {
  /** [height, width] of the maps of each method. */
  readonly grids: readonly (readonly [number, number])[];
  /**
   * Inputs of up to `batch` samples -> each sample's logits, and a function that takes their maps: of the classes given
   * (-1: the model's own top class), `[method][sample]`, each `[height * width]`.
   */
  infer(inputs: readonly Float32Array[], classes: readonly number[] | null): Promise<Inferred>;
  /**
   * Logits and the target's score of many inputs (modified pictures, say), in batches of a compiled graph that is opened at
   * the first call: see `Network.score`.
   */
  score: Network['score'];
  close(): Promise<void>;
}

export interface Inferred {
  readonly logits: readonly Float32Array[];
  maps(classes: readonly number[]): Promise<readonly (readonly Float32Array[])[]>;
  /** The same, each with what its method tells of it. */
  explained(classes: readonly number[]): Promise<readonly (readonly PassMap[])[]>;
}

export interface OpenOptions extends PrepareOptions {
  readonly layer?: string | undefined;
  readonly methods: readonly MapMethod[];
  readonly engine: Engine;
  readonly threads?: number | undefined;
  /** Other runs are to work at the same time. */
  readonly besideOthers?: boolean | undefined;
  /** Classes come only after every run has voted: forward and backward pass are opened apart. */
  readonly voting: boolean;
  /** Maps before the last ReLU of their methods. */
  readonly signed?: boolean | undefined;
  /** The first principal component of a method's terms in the place of their sum. */
  readonly eigenSmooth?: boolean | undefined;
  /** The mean over mirrored and rescaled versions of each picture. */
  readonly versions?: boolean | undefined;
  /** Which score is explained; default: the class logit. */
  readonly explains?: TargetChoice | undefined;
  /** Settings per method, as texts. */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  readonly seed?: number | undefined;
  readonly onPasses?: ((method: string, done: number, total: number) => void) | undefined;
  /** Told of each method that the network does not allow, where there are others. */
  readonly onLeftOut?: ((why: string) => void) | undefined;
  /** Stops between two batches of passes. */
  readonly signal?: AbortSignal | undefined;
}

/** Opens a run: loads, chooses the layer, traces, opens the engine's session. Throws GradcamError. */
export async function openRun(path: string, id: string, options: OpenOptions): Promise<OpenRun> {
  return (await startRun(path, id, options, new Slots(1))).opened;
}

/**
 * Loads a run and chooses its layer; tracing and the opening of its sessions begin as soon as there is room in `openings`.
 * Throws GradcamError.
 */
export async function startRun(path: string, id: string, options: OpenOptions, openings: Slots): Promise<StartedRun> {
  const prepared = await prepareModel(path, options);
  const { run } = prepared;
  const { layers, why } = chooseLayers(prepared, options.layer);
  const { head, assumed: ofHead } = headOf(prepared);
  const shared = { ...options, prepared, layer: layers[0]! };
  const { target, against } = await targetOf(options.explains ?? plainTarget, head, shared);
  const assumed = [...prepared.assumed];
  if (options.layer === undefined && run.layer === undefined) assumed.push(`Layer ${layers[0]!.name}: ${why}.`);
  assumed.push(...ofHead);
  const layer = layers.length === 1 ? layers[0]! : fusedLayer(layers);
  const read: ReadRun = { id, name: run.name ?? id, prepared, layer, target, against, head, assumed };
  const opened = openings.run(() => openSessions(read, layers, { ...shared, target }));
  opened.catch(() => undefined); // told where it is awaited
  return {
    ...read,
    opened,
    close: () =>
      opened.then(
        (open) => open.close(),
        () => undefined,
      ),
  };
}

async function openSessions(
  read: ReadRun,
  layers: readonly Layer[],
  options: Omit<MapperOptions, 'layer' | 'network'>,
): Promise<OpenRun> {
  const { prepared } = read;
  const networks = layers.map((layer) => openNetwork({ ...options, layer }));
  const mappers: Mapper[] = [];
  for (const [index, layer] of layers.entries())
    mappers.push(await openMapper({ ...options, layer, network: networks[index]! }));
  const fused = fuseLayers(mappers);
  const { layout } = prepared.model.input;
  const mapper = options.versions === true ? smoothVersions(fused, inputShapeOf(prepared), layout) : fused;
  return {
    ...read,
    grids: mapper.grids,
    infer: mapper.infer,
    score: networks[0]!.score,
    async close() {
      await Promise.all([mapper.close(), ...networks.map((network) => network.close())]);
    },
  };
}
