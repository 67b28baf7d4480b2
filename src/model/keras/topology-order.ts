// Turns the node indices of a configuration into positions in each layer's list of calls, and puts the calls in an order
// in which inputs come before users. Apart from the parser because both generations of Keras meet here.
import type { Argument, CallSpec, LayerSpec, ModelSpec, TensorRef } from './topology.ts';

type Wired = Pick<ModelSpec, 'layers' | 'inputs' | 'outputs'>;
type Fail = (found: string) => Error;

/**
 * Rewrites every reference so that `call` is a position in the layer's calls. A Functional model that is called as a layer
 * counts its own creation as node 0, so most references to it are one too high; Keras 3 leaves that out inside
 * `inbound_nodes`. Throws `fail` for a reference to nothing.
 */
export function resolveCalls(model: Wired, fail: Fail): Wired {
  const layers = new Map(model.layers.map((layer) => [layer.name, layer]));
  const argumentRefs = model.layers.flatMap((layer) => layer.calls.flatMap(refsOf));
  const inArguments = offsetsOf(argumentRefs, layers);
  const atEnds = offsetsOf([...model.inputs, ...model.outputs], layers);
  const resolve = (ref: TensorRef, offsets: ReadonlyMap<string, number>): TensorRef => {
    const layer = layers.get(ref.layer);
    if (layer === undefined) throw fail(`a reference to "${ref.layer}", which is not there`);
    if (layer.calls.length === 0) return { ...ref, call: 0 };
    const call = ref.call - (offsets.get(ref.layer) ?? 0);
    if (call < 0 || call >= layer.calls.length)
      throw fail(`call ${ref.call} of "${ref.layer}", which is called ${layer.calls.length} times`);
    return { ...ref, call };
  };
  const inArgument = (ref: TensorRef) => resolve(ref, inArguments);
  return {
    layers: model.layers.map((layer) => ({ ...layer, calls: layer.calls.map((call) => mapRefs(call, inArgument)) })),
    inputs: model.inputs.map((ref) => resolve(ref, atEnds)),
    outputs: model.outputs.map((ref) => resolve(ref, atEnds)),
  };
}

/** Per nested model, whether the references count its creation as node 0. */
function offsetsOf(refs: readonly TensorRef[], layers: ReadonlyMap<string, LayerSpec>): Map<string, number> {
  const offsets = new Map<string, number>();
  for (const layer of layers.values()) {
    if (layer.inner === null) continue;
    const calls = refs.filter((ref) => ref.layer === layer.name).map((ref) => ref.call);
    if (calls.length === 0 || calls.includes(0)) continue;
    if (calls.includes(layer.calls.length) || layer.inner.className !== 'Sequential') offsets.set(layer.name, 1);
  }
  return offsets;
}

/** The tensors that a call uses, in the order of its arguments. */
export function refsOf(call: CallSpec): TensorRef[] {
  const refs: TensorRef[] = [];
  const visit = (argument: Argument): void => {
    if (argument.kind === 'tensor') refs.push(argument.ref);
    else if (argument.kind === 'list') argument.items.forEach(visit);
    else if (argument.kind === 'record') Object.values(argument.fields).forEach(visit);
  };
  call.args.forEach(visit);
  Object.values(call.kwargs).forEach(visit);
  return refs;
}

function mapRefs(call: CallSpec, change: (ref: TensorRef) => TensorRef): CallSpec {
  const map = (argument: Argument): Argument => {
    switch (argument.kind) {
      case 'tensor':
        return { kind: 'tensor', ref: change(argument.ref) };
      case 'list':
        return { kind: 'list', items: argument.items.map(map) };
      case 'record':
        return { kind: 'record', fields: mapFields(argument.fields, map) };
      case 'value':
        return argument;
    }
  };
  return { args: call.args.map(map), kwargs: mapFields(call.kwargs, map) };
}

function mapFields(
  fields: Readonly<Record<string, Argument>>,
  map: (argument: Argument) => Argument,
): Record<string, Argument> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, map(value)]));
}

/**
 * Every call after the calls that it takes tensors from, otherwise in the order of the file.
 * Throws `fail` where calls wait for each other.
 */
export function orderCalls(model: Wired, fail: Fail): { layer: LayerSpec; call: number }[] {
  const layers = new Map(model.layers.map((layer) => [layer.name, layer]));
  const keyOf = (ref: { layer: string; call: number }) => `${ref.call} ${ref.layer}`;
  const state = new Map<string, 'open' | 'done'>();
  const order: { layer: LayerSpec; call: number }[] = [];
  // Depth first on a stack of our own: a chain of thousands of layers must not exhaust the engine's.
  const stack: { layer: string; call: number }[] = [];
  const callsOf = (layer: LayerSpec) => Math.max(1, layer.calls.length);
  for (const layer of model.layers) {
    for (let call = 0; call < callsOf(layer); call++) {
      stack.push({ layer: layer.name, call });
      while (stack.length > 0) {
        const top = stack.at(-1)!;
        const key = keyOf(top);
        const spec = layers.get(top.layer)!;
        if (state.get(key) === 'open') order.push({ layer: spec, call: top.call });
        if (state.has(key)) {
          state.set(key, 'done');
          stack.pop();
          continue;
        }
        state.set(key, 'open');
        const needs = spec.calls[top.call] === undefined ? [] : refsOf(spec.calls[top.call]!);
        for (const need of needs) {
          if (state.get(keyOf(need)) === 'open') throw fail(`layer "${need.layer}" waits for itself`);
          if (!state.has(keyOf(need))) stack.push(need);
        }
      }
    }
  }
  return order;
}
