// Training, step by step: parameters, moments, running statistics and averages, and the recorded step that turns them into
// the next ones. What an epoch is, which picture comes when and how fast to learn is the caller's.
import type { Engine, Session } from '../engine/engine.ts';
import type { Constant, Graph, Port } from '../graph/graph.ts';
import { numbersOf, sizeOf } from '../graph/tensor.ts';
import { GradcamError } from '../lib/errors.ts';
import type { Random } from '../lib/random.ts';
import type { Feeds, Program, Tensor } from '../program/feeds.ts';
import { drawMask } from './drops.ts';
import { exported, frozenProgramOf as frozenProgram } from './export.ts';
import { trainable, type TrainableSpec } from './network.ts';
import type { Optimizer } from './optimizer.ts';
import {
  coefficientFeeds,
  emaName,
  GRADIENT_NORM,
  inferenceProgram,
  inputName,
  LABELS,
  LOGITS,
  LOSS,
  lossFeeds,
  parameterName,
  renewedName,
  stateName,
  stepPorts,
  stepProgram,
  type StepPorts,
  type StepSpec,
  type TrainingLoss,
} from './step.ts';

export interface TrainerSpec extends TrainableSpec {
  /** For messages. */
  readonly name: string;
  readonly loss: TrainingLoss;
  readonly optimizer: Optimizer;
  readonly engine: Engine;
  readonly threads?: number | undefined;
  /** `index` (default): int32 [batch]; `distribution`: float32 [batch, classes]. */
  readonly labels?: 'index' | 'distribution' | undefined;
  /** Further float32 inputs of the loss: names and shapes, [] for a number. */
  readonly lossInputs?: Readonly<Record<string, readonly number[]>> | undefined;
  /** Greatest global norm of the gradient; default: not clipped. */
  readonly clipNorm?: number | undefined;
  /** Share that averaged parameters keep at each step, such as 0.999; default: no averages. */
  readonly emaDecay?: number | undefined;
}

export interface StepFeeds {
  /** The images, or per input of the network what the frozen part gave for them. */
  readonly inputs: Float32Array | Readonly<Record<string, Float32Array>>;
  readonly labels: Int32Array | Float32Array;
  readonly learningRate: number;
  /** Where dropout draws from; needed where something is dropped. */
  readonly random?: Random | undefined;
  readonly lossInputs?: Readonly<Record<string, Float32Array>> | undefined;
}

export interface StepResult {
  /** Before the step. Not finite where training has gone astray: the step has been taken back. */
  readonly loss: number;
  /** [batch, classes], in training mode. */
  readonly logits: Float32Array;
  /** Global norm of the gradient, before clipping. */
  readonly gradientNorm: number;
}

/** Everything that a step changes. Arrays are copies. */
export interface Snapshot {
  /** Steps taken. */
  readonly step: number;
  /** `parameter/NAME`, `state/NAME`, `slot/SLOT/NAME`, `ema/NAME`. */
  readonly tensors: Readonly<Record<string, Tensor>>;
}

export interface Trainer {
  readonly batch: number;
  readonly classes: number;
  /** What `step` and `evaluate` read: names without prefix, float32, static shapes. The first one is the image or the layer. */
  readonly inputs: readonly Port[];
  /** image -> `inputs`, for training what follows a layer; null where everything is trained. Runs on any engine. */
  readonly frozen: Program | null;
  /** Number of trained numbers. */
  readonly size: number;
  /** Steps taken. */
  steps(): number;
  /** One step. Throws GradcamError `training-feeds` for feeds that do not fit. */
  step(feeds: StepFeeds): Promise<StepResult>;
  /** Logits [batch, classes] at inference mode, with the current parameters or with their averages. */
  evaluate(inputs: StepFeeds['inputs'], which?: 'current' | 'average'): Promise<Float32Array>;
  snapshot(): Snapshot;
  /** Throws GradcamError `snapshot-does-not-fit`. */
  restore(snapshot: Snapshot): void;
  /** The whole inference graph with what has been learnt as its constants. */
  exportGraph(which?: 'current' | 'average'): Graph;
  close(): Promise<void>;
}

type Arrays = Record<string, Float32Array>;

/** Traces the step and opens its session. Throws GradcamError: see `trainable`, and what engines throw. */
export async function openTrainer(spec: TrainerSpec): Promise<Trainer> {
  const network = trainable(spec);
  const stepSpec: StepSpec = {
    name: spec.name,
    network,
    loss: spec.loss,
    labels: spec.labels ?? 'index',
    lossInputs: spec.lossInputs ?? {},
    optimizer: spec.optimizer,
    clipNorm: spec.clipNorm ?? null,
    emaDecay: spec.emaDecay ?? null,
  };
  const ports = stepPorts(stepSpec);
  const open = (program: Program, training: boolean): Promise<Session> =>
    spec.engine.open(program, { threads: spec.threads, training });
  const session = await open(stepProgram(stepSpec), true);
  let evaluation: Promise<Session> | undefined;
  let steps = 0;
  // The arrays that hold everything now, and those that the next step writes to: a step that fails changes nothing.
  let current = startOf(stepSpec, ports);
  let next: Arrays = Object.fromEntries(
    Object.entries(current).map(([name, data]) => [name, new Float32Array(data.length)]),
  );
  const shapes = new Map(ports.persistent.map(({ name, type }) => [name, type.shape]));
  const tensorsOf = (arrays: Arrays, as = (name: string): string => name): Record<string, Tensor> =>
    Object.fromEntries(
      Object.entries(arrays).map(([name, data]) => [
        as(name),
        { dtype: 'float32' as const, shape: shapes.get(name)!, data },
      ]),
    );
  const learntOf = (which: 'current' | 'average'): ReadonlyMap<string, Float32Array> => {
    if (which === 'average' && stepSpec.emaDecay === null) throw noAverage(spec.name);
    const from = (name: string, own: (name: string) => string): Float32Array =>
      current[which === 'average' ? emaName(name) : own(name)]!;
    return new Map([
      ...[...network.parameters.keys()].map((name) => [name, from(name, parameterName)] as const),
      ...[...network.state.keys()].map((name) => [name, from(name, stateName)] as const),
    ]);
  };

  return {
    batch: network.batch,
    classes: network.classes,
    inputs: network.inputs,
    frozen: network.frozen === null ? null : frozenProgram(spec.name, network.frozen, spec.input),
    size: [...network.parameters.keys()].reduce((size, name) => size + current[parameterName(name)]!.length, 0),
    steps: () => steps,
    async step(feeds) {
      const given: Feeds = {
        ...inputFeeds(network.inputs, feeds.inputs),
        [LABELS]: labelTensor(feeds.labels, ports),
        ...coefficientFeeds(spec.optimizer, { learningRate: feeds.learningRate, step: steps + 1 }),
        ...lossFeeds(feeds.lossInputs ?? {}, stepSpec),
        ...maskFeeds(ports, feeds.random, spec.name),
      };
      requireFeeds(ports, given, spec.name);
      const results = await session.run({ ...tensorsOf(current), ...given }, tensorsOf(next, renewedName));
      const loss = results[LOSS]!.data[0]!;
      const result = {
        loss,
        logits: results[LOGITS]!.data as Float32Array,
        gradientNorm: results[GRADIENT_NORM]!.data[0]!,
      };
      if (!Number.isFinite(loss)) return result;
      const renewed: Arrays = {};
      for (const name of shapes.keys()) renewed[name] = results[renewedName(name)]!.data as Float32Array;
      [current, next] = [renewed, current];
      steps++;
      return result;
    },
    async evaluate(inputs, which = 'current') {
      evaluation ??= open(inferenceProgram(stepSpec), false);
      const learnt = learntOf(which);
      const feeds: Record<string, Tensor> = { ...inputFeeds(network.inputs, inputs) };
      for (const [own, names] of [
        [parameterName, network.parameters],
        [stateName, network.state],
      ] as const)
        for (const [name, { shape }] of names) feeds[own(name)] = { dtype: 'float32', shape, data: learnt.get(name)! };
      return (await (await evaluation).run(feeds))[LOGITS]!.data as Float32Array;
    },
    snapshot: () => ({
      step: steps,
      tensors: tensorsOf(Object.fromEntries(Object.entries(current).map(([name, data]) => [name, data.slice()]))),
    }),
    restore(snapshot) {
      for (const [name, shape] of shapes) {
        const found = snapshot.tensors[name];
        if (found?.shape.join() !== shape.join()) throw doesNotFit(spec.name, name, shape, found);
      }
      for (const name of shapes.keys()) current[name] = Float32Array.from(snapshot.tensors[name]!.data);
      steps = snapshot.step;
    },
    exportGraph: (which = 'current') => exported(network, spec.graph, learntOf(which)),
    async close() {
      await session.close();
      await (await evaluation)?.close();
    },
  };
}

/** Parameters and statistics as the graph has them, averages equal to them, moments zero. */
function startOf({ network, optimizer, emaDecay }: StepSpec, { persistent }: StepPorts): Arrays {
  const arrays: Arrays = {};
  const copy = (constant: Constant): Float32Array => Float32Array.from(numbersOf(constant));
  for (const [own, constants] of [
    [parameterName, network.parameters],
    [stateName, network.state],
  ] as const)
    for (const [name, constant] of constants) {
      arrays[own(name)] = copy(constant);
      if (emaDecay !== null) arrays[emaName(name)] = copy(constant);
    }
  if (optimizer.slots.length > 0)
    for (const { name, type } of persistent) arrays[name] ??= new Float32Array(sizeOf(type.shape));
  return Object.fromEntries(persistent.map(({ name }) => [name, arrays[name]!]));
}

function inputFeeds(inputs: readonly Port[], given: StepFeeds['inputs']): Record<string, Tensor> {
  const arrays = given instanceof Float32Array ? { [inputs[0]!.name]: given } : given;
  return Object.fromEntries(
    inputs.flatMap(({ name, type }) => {
      const data = arrays[name];
      return data === undefined
        ? []
        : [[inputName(name), { dtype: 'float32' as const, shape: type.shape as readonly number[], data }]];
    }),
  );
}

function labelTensor(labels: StepFeeds['labels'], { given }: StepPorts): Tensor {
  const { type } = given.find((port) => port.name === LABELS)!;
  return { dtype: type.dtype, shape: type.shape, data: labels };
}

function maskFeeds({ masks }: StepPorts, random: Random | undefined, name: string): Record<string, Tensor> {
  if (masks.length === 0) return {};
  if (random === undefined) throw misfit(name, 'a source of random numbers for dropout', 'none');
  return Object.fromEntries(
    masks.map((mask) => [
      mask.port.name,
      { dtype: 'float32' as const, shape: mask.port.type.shape, data: drawMask(mask, random) },
    ]),
  );
}

/** Whatever goes into a session has the size and the type that it was recorded with. */
function requireFeeds({ given }: StepPorts, feeds: Feeds, name: string): void {
  for (const { name: input, type } of given) {
    const size = sizeOf(type.shape);
    const data = feeds[input]?.data;
    const fits = type.dtype === 'int32' ? data instanceof Int32Array : data instanceof Float32Array;
    if (data?.length === size && fits) continue;
    const found = data === undefined ? 'nothing' : `${data.constructor.name} of ${data.length}`;
    throw misfit(name, `${input}: ${type.dtype}[${type.shape.join(', ')}]`, found);
  }
}

function misfit(name: string, expected: string, found: string): GradcamError {
  return new GradcamError({
    code: 'training-feeds',
    what: `A step of ${name} was fed what does not fit.`,
    expected,
    found,
    exitCode: 2,
  });
}

function noAverage(name: string): GradcamError {
  return new GradcamError({
    code: 'no-average',
    what: `${name} is trained without averaged parameters, and they were asked for.`,
    exitCode: 2,
  });
}

function doesNotFit(name: string, tensor: string, shape: readonly number[], found: Tensor | undefined): GradcamError {
  return new GradcamError({
    code: 'snapshot-does-not-fit',
    what: `The checkpoint is not one of ${name} with these options.`,
    expected: `${tensor} float32[${shape.join(', ')}]`,
    found: found === undefined ? 'nothing of that name' : `${found.dtype}[${found.shape.join(', ')}]`,
    hint: 'Resume with the backbone, classes, optimiser and layers that the run was begun with.',
  });
}
