// Opens runs: path -> a model with its layer chosen, its program traced and a session to run it.
import { classNames, type ClassHead } from './classes.ts';
import type { CamMethod } from './cam/method.ts';
import { classLogit } from './cam/targets/class-logit.ts';
import type { Engine, Session } from './engine/engine.ts';
import { completeTypes } from './engine/probe.ts';
import type { Graph } from './graph/graph.ts';
import type { PrepareSpec } from './image/picture.ts';
import { settleInput } from './model/input.ts';
import { findLayer, listLayers, pickLayer, type LayerChoice } from './model/layers.ts';
import { loadModel, type LoadedModel } from './model/load.ts';
import type { InputShape, Layer, ModelOutput } from './model/model.ts';
import { findOutput } from './model/output.ts';
import { CLASS_INDEX, LOGITS, camPrograms, mapName, type CamPrograms } from './program/program.ts';
import type { Feeds, Tensor } from './program/feeds.ts';

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
}

/** Loads a model and settles what can be read off its file. Throws GradcamError. */
export async function prepareModel(path: string, options: PrepareOptions): Promise<Prepared> {
  const loaded = await loadModel(path);
  const { model, run } = loaded;
  const { spec: prepare, assumed } = settleInput(model, run);
  const batch = model.input.batch ?? options.batch;
  const shape: InputShape = { batch, size: prepare.size };
  const graph = await completeTypes(model.forward(shape), path);
  const found = findOutput(graph, path, options.output ?? run.output);
  const layers = listLayers(graph, model.input.name, found.output.logits, model.layerNames);
  return {
    ...loaded,
    graph,
    batch,
    prepare,
    output: found.output,
    layers,
    assumed: [...loaded.assumed, ...assumed, ...(found.assumed === null ? [] : [found.assumed])],
  };
}

/** The layer to explain: the one named, the run's own, or the one that `auto` picks. Throws GradcamError. */
export function chooseLayer(prepared: Prepared, wanted: string | undefined): LayerChoice {
  const { graph, layers, output, model, run } = prepared;
  const asked = wanted ?? run.layer;
  if (asked === undefined || asked === 'auto') return pickLayer(graph, layers, output.logits, model.path);
  return findLayer(layers, asked, model.path);
}

/** Runs one model, batch by batch. */
export interface OpenRun {
  /** Unique, and a safe file name. */
  readonly id: string;
  readonly name: string;
  readonly prepared: Prepared;
  readonly layer: Layer;
  readonly head: ClassHead;
  readonly assumed: readonly string[];
  /**
   * Inputs of up to `batch` samples -> each sample's logits, and a function that takes their maps: of the classes given
   * (-1: the model's own top class), `[method][sample]`, each `[height * width]`.
   */
  infer(inputs: readonly Float32Array[], classes: readonly number[] | null): Promise<Inferred>;
  close(): Promise<void>;
}

export interface Inferred {
  readonly logits: readonly Float32Array[];
  maps(classes: readonly number[]): Promise<readonly (readonly Float32Array[])[]>;
}

export interface OpenOptions extends PrepareOptions {
  readonly layer?: string | undefined;
  readonly methods: readonly CamMethod[];
  readonly engine: Engine;
  readonly threads?: number | undefined;
  /** Other runs are to work at the same time. */
  readonly besideOthers?: boolean | undefined;
  /** Classes come only after every run has voted: forward and backward pass are opened apart. */
  readonly voting: boolean;
}

/** Opens a run: loads, chooses the layer, traces, opens the engine's session. Throws GradcamError. */
export async function openRun(path: string, id: string, options: OpenOptions): Promise<OpenRun> {
  const prepared = await prepareModel(path, options);
  const { model, run, output, graph, batch } = prepared;
  const choice = chooseLayer(prepared, options.layer);
  const programs = camPrograms({
    model: path,
    graph,
    input: model.input,
    output,
    layer: choice.layer,
    methods: options.methods,
    target: classLogit,
    batch,
  });
  const open = (program: CamPrograms['whole']): Promise<Session> =>
    options.engine.open(program, { threads: options.threads, besideOthers: options.besideOthers });
  const sessions = options.voting
    ? await Promise.all([open(programs.head), open(programs.tail)])
    : [await open(programs.whole)];
  const given = run.classes ?? model.classes;
  const names = classNames(given, output.classes);
  const assumed = [...prepared.assumed];
  if (options.layer === undefined && run.layer === undefined)
    assumed.push(`Layer ${choice.layer.name}: ${choice.why}.`);
  if (given === undefined) assumed.push('Class names are not known: classes are shown by their index.');
  else if (!names.named)
    assumed.push(
      `run.json names ${given.length} classes but the model has ${names.classes.length}: classes are shown by their index.`,
    );
  return {
    id,
    name: run.name ?? id,
    prepared,
    layer: choice.layer,
    head: { ...names, activation: output.activation, logits: output.classes, logitScale: run.logitScale ?? 1 },
    assumed,
    infer: (inputs, classes) => infer({ prepared, programs, sessions, methods: options.methods }, inputs, classes),
    async close() {
      await Promise.all(sessions.map((session) => session.close()));
    },
  };
}

interface Running {
  readonly prepared: Prepared;
  readonly programs: CamPrograms;
  readonly sessions: readonly Session[];
  readonly methods: readonly CamMethod[];
}

async function infer(
  { prepared, programs, sessions, methods }: Running,
  inputs: readonly Float32Array[],
  classes: readonly number[] | null,
): Promise<Inferred> {
  const { batch, graph, model, output } = prepared;
  const shape = graph.inputs.find((port) => port.name === model.input.name)!.type.shape as readonly number[];
  const [first, second] = sessions;
  const parts = chunks(inputs.length, batch);
  const run = async (from: number, to: number): Promise<Record<string, Tensor>> => {
    const image: Tensor = { dtype: 'float32', shape, data: stacked(inputs.slice(from, to), batch) };
    const feeds: Feeds = { [programs.image]: image };
    const index = classes === null ? {} : { [CLASS_INDEX]: indexTensor(classes.slice(from, to), batch) };
    return { ...(second === undefined ? {} : feeds), ...(await first!.run({ ...feeds, ...index })) };
  };
  const results: Record<string, Tensor>[] = [];
  for (const [from, to] of parts) results.push(await run(from, to));
  const mapsOf = (outputs: readonly Record<string, Tensor>[]): Float32Array[][] =>
    methods.map((method) => parts.flatMap(([from, to], part) => rows(outputs[part]![mapName(method.id)]!, to - from)));
  return {
    logits: parts
      .flatMap(([from, to], part) => rows(results[part]![LOGITS]!, to - from))
      .map((row) => row.slice(0, output.classes)),
    async maps(chosen) {
      if (second === undefined) return mapsOf(results);
      const tails: Record<string, Tensor>[] = [];
      for (const [part, [from, to]] of parts.entries())
        tails.push(await second.run({ ...results[part]!, [CLASS_INDEX]: indexTensor(chosen.slice(from, to), batch) }));
      return mapsOf(tails);
    },
  };
}

function chunks(count: number, size: number): (readonly [number, number])[] {
  return Array.from(
    { length: Math.ceil(count / size) },
    (_, index) => [index * size, Math.min(count, (index + 1) * size)] as const,
  );
}

/** The last batch is padded with zeros: shapes are static. */
function stacked(inputs: readonly Float32Array[], batch: number): Float32Array {
  const size = inputs[0]!.length;
  const data = new Float32Array(size * batch);
  for (const [index, input] of inputs.entries()) data.set(input, index * size);
  return data;
}

function indexTensor(classes: readonly number[], batch: number): Tensor {
  const data = new Int32Array(batch).fill(-1);
  data.set(classes);
  return { dtype: 'int32', shape: [batch], data };
}

function rows({ data, shape }: Tensor, count: number): Float32Array[] {
  const size = data.length / shape[0]!;
  return Array.from({ length: count }, (_, index) =>
    Float32Array.from(data.subarray(index * size, (index + 1) * size)),
  );
}
