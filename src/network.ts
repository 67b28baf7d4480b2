// Many passes of one model: each kind of pass is one compiled graph of its own batch, opened at its first use in a run and kept
// until the run is closed. Memory is bounded by the batch, whatever the number of passes.
import type { Gradient } from './cam/passes.ts';
import type { Target } from './cam/target.ts';
import type { Engine, Session } from './engine/engine.ts';
import { completeTypes } from './engine/probe.ts';
import type { Graph } from './graph/graph.ts';
import type { Layer } from './model/model.ts';
import type { Tensor } from './program/feeds.ts';
import { camPrograms, CLASS_INDEX, LOGITS, mapName, type CamPrograms, type CamRequest } from './program/program.ts';
import { SCALE, scaledTail, type ScaledTail } from './program/scaled-tail.ts';
import { inputLayer } from './program/sites.ts';
import { targetScore, type TailReader } from './program/tail.ts';
import type { Prepared } from './runs.ts';
import { tf } from './tf/tfjs.ts';

/** Passes at a time, unless the model fixes its batch. */
const LARGEST_BATCH = 32;
/** Most bytes of one value of the graph, over the whole batch. */
const LARGEST_VALUE = 64 * 2 ** 20;

export interface NetworkOptions {
  readonly prepared: Prepared;
  readonly layer: Layer;
  readonly target: Target;
  readonly engine: Engine;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Scored {
  /** One per input, as the model gives them. */
  readonly logits: readonly Float32Array[];
  /** The target's score of each. */
  readonly scores: Float32Array;
}

/** Told after each batch of passes. */
export type OnPasses = (done: number, total: number) => void;

export interface Network {
  /** Passes at a time. */
  readonly batch: number;
  /**
   * Logits and target's score of many pictures, in the model's own layout, each for its class (-1: its own top class; one class
   * for all where a number is given). Inputs may come from a generator: they are held a batch at a time.
   */
  readonly score: (
    inputs: Iterable<Float32Array>,
    count: number,
    classes: number | readonly number[],
    onPasses?: OnPasses,
  ) => Promise<Scored>;
  /** Gradients of the score at the picture or at the layer; inputs in the model's own layout, values `[h, w, channels]`. */
  gradients(
    site: 'input' | 'layer',
    inputs: Iterable<Float32Array>,
    count: number,
    classIndex: number,
    onPasses?: OnPasses,
  ): AsyncIterable<Gradient>;
  /** Scores of one picture's feature maps, scaled channel by channel. `frontier`: what the head gave for this picture. */
  scaled(
    frontier: ReadonlyMap<string, Tensor>,
    scales: Iterable<Float32Array>,
    count: number,
    classIndex: number,
    onPasses?: OnPasses,
  ): Promise<Float32Array>;
  /** What `scaled` needs of one picture, cut out of what the head gave for its batch. */
  frontierOf(outputs: Readonly<Record<string, Tensor>>, row: number): Promise<ReadonlyMap<string, Tensor>>;
  close(): Promise<void>;
}

/** Nothing is traced or opened before the first pass of its kind. */
export function openNetwork(options: NetworkOptions): Network {
  const { prepared, layer, target, engine, threads, signal } = options;
  const { model, output } = prepared;
  const batch = model.input.batch ?? passBatch(prepared);
  const sessions: Promise<Session>[] = [];
  const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
    let made: Promise<T> | undefined;
    return () => (made ??= make());
  };
  const open = (program: CamPrograms['whole']): Promise<Session> => {
    // Methods of many passes ask it hundreds of times for a picture.
    const session = engine.open(program, { threads, pictures: undefined });
    sessions.push(session);
    return session;
  };
  const graphOf = once(() => completeTypes(model.forward({ batch, size: prepared.prepare.size }), model.path));
  const requestAt = (graph: Graph, at: Layer, methods: readonly TailReader[]): CamRequest => ({
    model: model.path,
    graph,
    input: model.input,
    output,
    layer: at,
    methods,
    target,
    batch,
  });
  const forward = once(async () => {
    const graph = await graphOf();
    const programs = camPrograms(requestAt(graph, inputLayer(graph, model.input, model.path), []));
    return { image: programs.image, session: await open(programs.forward) };
  });
  const gradientAt = (site: 'input' | 'layer') =>
    once(async () => {
      const graph = await graphOf();
      const at = site === 'layer' ? layer : inputLayer(graph, model.input, model.path);
      const programs = camPrograms(requestAt(graph, at, gradientReaders));
      return { image: programs.image, session: await open(programs.whole) };
    });
  const backward = { input: gradientAt('input'), layer: gradientAt('layer') };
  const tail = once(async (): Promise<ScaledTail & { session: () => Promise<Session> }> => {
    const graph = await graphOf();
    const scaled = scaledTail(requestAt(graph, layer, []), prepared.graph, prepared.batch);
    return { ...scaled, session: once(() => open(scaled.program)) };
  });
  const shape = [batch, ...imageShape(prepared).slice(1)];
  const imageOf = (inputs: readonly Float32Array[]): Tensor => ({
    dtype: 'float32',
    shape,
    data: stacked(inputs, batch),
  });

  return {
    batch,
    async score(inputs, count, classes, onPasses) {
      const { image, session } = await forward();
      const logits: Float32Array[] = [];
      for (const part of batches(inputs, batch)) {
        signal?.throwIfAborted();
        const outputs = await session.run({ [image]: imageOf(part) });
        logits.push(...rows(outputs[LOGITS]!, part.length));
        onPasses?.(logits.length, count);
      }
      return { logits, scores: await scoresOf(target, logits, classes) };
    },
    async *gradients(site, inputs, count, classIndex, onPasses) {
      const { image, session } = await backward[site]();
      let done = 0;
      for (const part of batches(inputs, batch)) {
        signal?.throwIfAborted();
        const outputs = await session.run({ [image]: imageOf(part), [CLASS_INDEX]: indices(classIndex, batch) });
        const [values, gradient, scores] = gradientReaders.map(({ id }) => rows(outputs[mapName(id)]!, part.length));
        for (const index of part.keys())
          yield { values: values![index]!, gradient: gradient![index]!, score: scores![index]![0]! };
        onPasses?.((done += part.length), count);
      }
    },
    async scaled(frontier, scales, count, classIndex, onPasses) {
      const session = await (await tail()).session();
      const logits: Float32Array[] = [];
      for (const part of batches(scales, batch)) {
        signal?.throwIfAborted();
        const scale: Tensor = { dtype: 'float32', shape: [batch, layer.shape[2]], data: stacked(part, batch) };
        const outputs = await session.run({ ...Object.fromEntries(frontier), [SCALE]: scale });
        logits.push(...rows(outputs[LOGITS]!, part.length));
        onPasses?.(logits.length, count);
      }
      return scoresOf(target, logits, classIndex);
    },
    async frontierOf(outputs, row) {
      const { frontier } = await tail();
      return new Map(
        frontier.map(({ name, rows: count }) => {
          const { dtype, shape, data } = outputs[name]!;
          if (count === null) return [name, outputs[name]!];
          const size = (data.length / shape[0]!) * count;
          return [name, { dtype, shape: [count, ...shape.slice(1)], data: data.slice(row * size, (row + 1) * size) }];
        }),
      );
    },
    async close() {
      for (const session of await Promise.allSettled(sessions))
        if (session.status === 'fulfilled') await session.value.close();
    },
  };
}

/** What a pass back gives besides the logits. */
const gradientReaders: readonly TailReader[] = [
  { id: 'pass/values', needs: 'gradients', map: (cam) => cam.activations },
  { id: 'pass/gradient', needs: 'gradients', map: (cam) => cam.gradients() },
  { id: 'pass/score', needs: 'gradients', map: (cam) => cam.scores() },
];

/** The target's scores of logits, computed at once: a few numbers per picture. */
async function scoresOf(
  target: Target,
  logits: readonly Float32Array[],
  classes: number | readonly number[],
): Promise<Float32Array> {
  if (logits.length === 0) return new Float32Array(0);
  const index = typeof classes === 'number' ? logits.map(() => classes) : classes;
  const width = logits[0]!.length;
  const scores = tf.tidy(() =>
    targetScore(
      target,
      tf.tensor2d(stacked(logits, logits.length), [logits.length, width]),
      tf.tensor1d([...index], 'int32'),
    ),
  );
  const data = await scores.data<'float32'>();
  scores.dispose();
  return data;
}

/** As many passes at a time as keep every value of the graph within bounds. */
function passBatch({ graph, batch }: Prepared): number {
  let largest = 1;
  for (const { dtype, shape } of graph.types.values()) {
    if (!/float/.test(dtype) || shape === null) continue;
    largest = Math.max(largest, (4 * shape.reduce<number>((product, dim) => product * (dim ?? 1), 1)) / batch);
  }
  return Math.max(1, Math.min(LARGEST_BATCH, Math.floor(LARGEST_VALUE / largest)));
}

/** [height, width, channels] of the model's image input. */
export function inputShapeOf({ graph, model }: Prepared): readonly [number, number, number] {
  return inputLayer(graph, model.input, model.path).shape;
}

export function imageShape({ graph, model }: Prepared): readonly number[] {
  return graph.inputs.find((port) => port.name === model.input.name)!.type.shape as readonly number[];
}

function* batches(items: Iterable<Float32Array>, size: number): Generator<Float32Array[]> {
  let part: Float32Array[] = [];
  for (const item of items) {
    part.push(item);
    if (part.length < size) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

/** Rows one after the other; the last batch is padded with zeros, for shapes are static. */
export function stacked(inputs: readonly Float32Array[], batch: number): Float32Array {
  const size = inputs[0]!.length;
  const data = new Float32Array(size * batch);
  for (const [index, input] of inputs.entries()) data.set(input, index * size);
  return data;
}

export function rows({ data, shape }: Tensor, count: number): Float32Array[] {
  const size = data.length / shape[0]!;
  return Array.from({ length: count }, (_, index) =>
    Float32Array.from(data.subarray(index * size, (index + 1) * size)),
  );
}

function indices(classIndex: number, batch: number): Tensor {
  return { dtype: 'int32', shape: [batch], data: new Int32Array(batch).fill(classIndex) };
}
