// One step of training as a pure function of named tensors: forward, loss, gradients, clipping, optimiser, averages. Run on
// the tracer it becomes one graph; run on the `cpu` backend it is the reference.
import { directOutputs } from '../graph/passes/direct-outputs.ts';
import type { Feeds, Program, Tensor } from '../program/feeds.ts';
import { tf } from '../tf/tfjs.ts';
import { trace } from '../trace/tracer.ts';
import { masksOf, type Mask } from './drops.ts';
import { inferred, trained, type Tensors } from './forward.ts';
import type { Trainable } from './network.ts';
import type { Optimizer, Updated } from './optimizer.ts';

/**
 * labels, logits [batch, classes] -> the scalar to minimise. Labels are int32 [batch], or float32 [batch, classes]. `inputs`
 * are those that the trainer was opened with (`lossInputs`), by name.
 */
export type TrainingLoss = (labels: tf.Tensor, logits: tf.Tensor2D, inputs: Tensors) => tf.Scalar;

export interface StepSpec {
  readonly name: string;
  readonly network: Trainable;
  readonly loss: TrainingLoss;
  /** `index`: int32 [batch]; `distribution`: float32 [batch, classes], for several labels a picture and for mixtures. */
  readonly labels: 'index' | 'distribution';
  /** Shapes of further float32 inputs of the loss. */
  readonly lossInputs: Readonly<Record<string, readonly number[]>>;
  readonly optimizer: Optimizer;
  /** Greatest global norm of the gradient; null: it is not clipped. */
  readonly clipNorm: number | null;
  /** Share that averaged parameters keep at each step; null: none are kept. */
  readonly emaDecay: number | null;
}

/** A port of an engine's array, its shape known. */
export interface StaticPort {
  readonly name: string;
  readonly type: { readonly dtype: 'float32' | 'int32'; readonly shape: readonly number[] };
}

/** What persists from step to step: each is an input of the step, and under `new/` and the same name an output. */
export interface StepPorts {
  readonly persistent: readonly StaticPort[];
  readonly given: readonly StaticPort[];
  readonly masks: readonly Mask[];
}

export const LABELS = 'labels';
export const LOSS = 'loss';
export const LOGITS = 'logits';
export const GRADIENT_NORM = 'gradient_norm';
export const renewedName = (name: string): string => `new/${name}`;
export const inputName = (value: string): string => `input/${value}`;
export const parameterName = (name: string): string => `parameter/${name}`;
export const stateName = (name: string): string => `state/${name}`;
const slotName = (slot: string, name: string): string => `slot/${slot}/${name}`;
export const emaName = (name: string): string => `ema/${name}`;
const coefficientName = (name: string): string => `coefficient/${name}`;
const lossInputName = (name: string): string => `loss/${name}`;

/** Coefficients are found by running them once: their names do not change. */
const ANY_STEP = { learningRate: 1, step: 1 };

/** Inputs of the step. Throws nothing: shapes are those of the network. */
export function stepPorts(spec: StepSpec): StepPorts {
  const { network, optimizer, lossInputs, labels, emaDecay } = spec;
  const { parameters, state, batch, classes, inputs } = network;
  const port = (name: string, shape: readonly number[], dtype: 'float32' | 'int32' = 'float32'): StaticPort => ({
    name,
    type: { dtype, shape },
  });
  const learnt = [...parameters].map(([name, { shape }]) => ({ name, shape }));
  const running = [...state].map(([name, { shape }]) => ({ name, shape }));
  const masks = masksOf(network);
  return {
    persistent: [
      ...learnt.map(({ name, shape }) => port(parameterName(name), shape)),
      ...running.map(({ name, shape }) => port(stateName(name), shape)),
      ...optimizer.slots.flatMap((slot) => learnt.map(({ name, shape }) => port(slotName(slot, name), shape))),
      ...(emaDecay === null ? [] : [...learnt, ...running].map(({ name, shape }) => port(emaName(name), shape))),
    ],
    given: [
      ...inputs.map(({ name, type }) => port(inputName(name), type.shape as readonly number[])),
      labels === 'index' ? port(LABELS, [batch], 'int32') : port(LABELS, [batch, classes]),
      ...Object.keys(optimizer.coefficients(ANY_STEP)).map((name) => port(coefficientName(name), [])),
      ...Object.entries(lossInputs).map(([name, shape]) => port(lossInputName(name), shape)),
      ...masks.map((mask) => mask.port),
    ],
    masks,
  };
}

/** The scalars of one step as feeds. */
export function coefficientFeeds(optimizer: Optimizer, at: { learningRate: number; step: number }): Feeds {
  return Object.fromEntries(
    Object.entries(optimizer.coefficients(at)).map(([name, value]) => [coefficientName(name), scalarTensor(value)]),
  );
}

const scalarTensor = (value: number): Tensor => ({ dtype: 'float32', shape: [], data: Float32Array.of(value) });

export function lossFeeds(inputs: Readonly<Record<string, Float32Array>>, spec: StepSpec): Feeds {
  return Object.fromEntries(
    Object.entries(spec.lossInputs).map(([name, shape]) => [
      lossInputName(name),
      { dtype: 'float32' as const, shape, data: inputs[name]! },
    ]),
  );
}

/** The step for engines. */
export function stepProgram(spec: StepSpec): Program {
  const { persistent, given } = stepPorts(spec);
  return programOf(`${spec.name}: training step`, [...persistent, ...given], (tensors) => stepped(spec, tensors));
}

/** inputs, parameters, state -> logits at inference mode; parameters and state come under their names in the step. */
export function inferenceProgram({ name, network }: Pick<StepSpec, 'name' | 'network'>): Program {
  const port = (portName: string, shape: readonly number[]): StaticPort => ({
    name: portName,
    type: { dtype: 'float32', shape },
  });
  const ports = [
    ...network.inputs.map(({ name: value, type }) => port(inputName(value), type.shape as readonly number[])),
    ...[...network.parameters].map(([value, { shape }]) => port(parameterName(value), shape)),
    ...[...network.state].map(([value, { shape }]) => port(stateName(value), shape)),
  ];
  return programOf(`${name}: forward`, ports, (tensors) => ({
    [LOGITS]: inferred(network, { ...partsOf(network, tensors) }),
  }));
}

/** A function of named tensors as a program: recorded, or computed at once. */
function programOf(
  name: string,
  ports: readonly StaticPort[],
  build: (tensors: Tensors) => Record<string, tf.Tensor>,
): Program {
  return {
    name,
    graph: () =>
      directOutputs(
        trace((tracer) =>
          build(Object.fromEntries(ports.map((port) => [port.name, tracer.input(port.name, port.type)]))),
        ),
      ),
    async compute(feeds) {
      const outputs = tf.tidy(() =>
        build(
          Object.fromEntries(
            ports.map(({ name: input }) => {
              const { data, shape, dtype } = feeds[input]!;
              return [input, tf.tensor(data, [...shape], dtype)];
            }),
          ),
        ),
      );
      const results = await Promise.all(
        Object.entries(outputs).map(async ([output, tensor]) => {
          const data = Float32Array.from(await tensor.data());
          return [output, { dtype: 'float32' as const, shape: tensor.shape, data }] as const;
        }),
      );
      tf.dispose(outputs);
      return Object.fromEntries(results);
    },
  };
}

function partsOf(
  { inputs, parameters, state }: Trainable,
  tensors: Tensors,
): { inputs: Tensors; parameters: Tensors; state: Tensors } {
  const named = (names: Iterable<string>, as: (name: string) => string): Tensors =>
    Object.fromEntries([...names].map((name) => [name, tensors[as(name)]!]));
  return {
    inputs: named(
      inputs.map((port) => port.name),
      inputName,
    ),
    parameters: named(parameters.keys(), parameterName),
    state: named(state.keys(), stateName),
  };
}

function stepped(spec: StepSpec, tensors: Tensors): Record<string, tf.Tensor> {
  const { network, loss, optimizer, lossInputs } = spec;
  const { inputs, parameters, state } = partsOf(network, tensors);
  const masks = Object.fromEntries(masksOf(network).map(({ site, port }) => [site.value, tensors[port.name]!]));
  const extras = Object.fromEntries(Object.keys(lossInputs).map((name) => [name, tensors[lossInputName(name)]!]));
  const names = Object.keys(parameters);
  const renewed: Record<string, tf.Tensor> = {};
  let logits: tf.Tensor2D | undefined;
  const objective = (...values: tf.Tensor[]): tf.Scalar => {
    const learnt = Object.fromEntries(names.map((name, index) => [name, values[index]!]));
    logits = tf.keep(trained(network, { inputs, parameters: learnt, state, masks }, renewed));
    return loss(tensors[LABELS]!, logits, extras);
  };
  const { value, grads } = tf.valueAndGrads(objective)(Object.values(parameters));
  const { gradients, norm } = clipped(grads, spec.clipNorm);
  const coefficients = Object.fromEntries(
    Object.keys(optimizer.coefficients(ANY_STEP)).map((name) => [name, tensors[coefficientName(name)]!]),
  );
  const outputs: Record<string, tf.Tensor> = { [LOSS]: value, [LOGITS]: logits!, [GRADIENT_NORM]: norm };
  const update = (some: readonly string[], join: (tensors: readonly tf.Tensor[]) => tf.Tensor): Updated =>
    optimizer.update({
      parameter: join(some.map((name) => parameters[name]!)),
      gradient: join(some.map((name) => gradients[names.indexOf(name)]!)),
      slots: Object.fromEntries(
        optimizer.slots.map((slot) => [slot, join(some.map((name) => tensors[slotName(slot, name)]!))]),
      ),
      coefficients,
      decays: parameters[some[0]!]!.rank > 1 || optimizer.decaysVectors,
    });
  for (const name of names.filter((candidate) => parameters[candidate]!.rank !== 1)) {
    const { parameter, slots } = update([name], ([only]) => only!);
    outputs[renewedName(parameterName(name))] = parameter;
    for (const slot of optimizer.slots) outputs[renewedName(slotName(slot, name))] = slots[slot]!;
  }
  // Hundreds of short vectors are updated as one: each by itself would be ten nodes that do next to nothing.
  const vectors = names.filter((name) => parameters[name]!.rank === 1);
  if (vectors.length > 0) {
    const sizes = vectors.map((name) => parameters[name]!.size);
    const { parameter, slots } = update(vectors, (parts) => tf.concat([...parts], 0));
    const spread = (whole: tf.Tensor, as: (name: string) => string): void =>
      tf.split(whole, sizes, 0).forEach((part, index) => (outputs[renewedName(as(vectors[index]!))] = part));
    spread(parameter, parameterName);
    for (const slot of optimizer.slots) spread(slots[slot]!, (name) => slotName(slot, name));
  }
  for (const name of Object.keys(state)) outputs[renewedName(stateName(name))] = renewed[name] ?? state[name]!;
  if (spec.emaDecay !== null) Object.assign(outputs, averaged(network, tensors, outputs, spec.emaDecay));
  return outputs;
}

interface Clipped {
  readonly gradients: readonly tf.Tensor[];
  /** Before clipping. */
  readonly norm: tf.Scalar;
}

/** All gradients together scaled so that their norm is at most `most` (torch.nn.utils.clip_grad_norm_, Pascanu et al. 2012). */
function clipped(gradients: readonly tf.Tensor[], most: number | null): Clipped {
  const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)));
  const norm = tf.sqrt(tf.addN(squares)) as tf.Scalar;
  if (most === null) return { gradients, norm };
  const factor = tf.minimum(tf.div(most, tf.add(norm, 1e-6)), 1);
  return { gradients: gradients.map((gradient) => tf.mul(gradient, factor)), norm };
}

/** decay * average + (1 - decay) * value, of parameters and of running statistics (Polyak and Juditsky 1992). */
function averaged(
  { parameters, state }: Trainable,
  tensors: Tensors,
  outputs: Tensors,
  decay: number,
): Record<string, tf.Tensor> {
  const average = (name: string, source: string): [string, tf.Tensor] => {
    const now = outputs[renewedName(source)]!;
    return [renewedName(emaName(name)), tf.add(tf.mul(tensors[emaName(name)]!, decay), tf.mul(now, 1 - decay))];
  };
  return Object.fromEntries([
    ...[...parameters.keys()].map((name) => average(name, parameterName(name))),
    ...[...state.keys()].map((name) => average(name, stateName(name))),
  ]);
}
