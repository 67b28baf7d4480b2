// A Keras configuration of either generation, as parsed JSON, becomes a ModelSpec: layers, their calls, and which tensor
// feeds which. Sequential models become chains of calls, so that whoever runs a model sees one kind. Nothing is computed.
import { GradcamError } from '../../lib/errors.ts';
import { isFields, isList, isWhole, shown, type Fields } from './config.ts';
import { orderCalls, resolveCalls } from './topology-order.ts';

/** One output of one call of a layer of the same model. */
export interface TensorRef {
  readonly layer: string;
  /** Position in the layer's `calls`. */
  readonly call: number;
  readonly output: number;
}

/** An argument of a call: tensors, constants, and lists and records of both. */
export type Argument =
  | { readonly kind: 'tensor'; readonly ref: TensorRef }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'list'; readonly items: readonly Argument[] }
  | { readonly kind: 'record'; readonly fields: Readonly<Record<string, Argument>> };

export interface CallSpec {
  readonly args: readonly Argument[];
  readonly kwargs: Readonly<Record<string, Argument>>;
}

/** Keras 2 (tf.keras, TensorFlow.js) or Keras 3: a few functions of the same name differ. */
export type Generation = 2 | 3;

export interface LayerSpec {
  readonly name: string;
  /** Names from the outermost model inwards, without that model's own name: `outer/inner`. */
  readonly path: string;
  readonly className: string;
  /** `Package>Class` for a class that its author registered. */
  readonly registeredName: string | null;
  readonly config: Fields;
  readonly generation: Generation;
  /** A function of keras.ops called as a node of the graph, not a layer: it has no variables and is not counted as a layer. */
  readonly operation: boolean;
  readonly inner: ModelSpec | null;
  /** Empty for an input layer. */
  readonly calls: readonly CallSpec[];
}

export interface ModelSpec {
  readonly name: string;
  readonly className: string;
  readonly layers: readonly LayerSpec[];
  readonly inputs: readonly TensorRef[];
  readonly outputs: readonly TensorRef[];
  /** Every call, inputs before users. */
  readonly order: readonly { readonly layer: LayerSpec; readonly call: number }[];
}

const MAX_DEPTH = 32;

/**
 * Reads a model from `config` (`{class_name, config}`). `file` is named in errors.
 * Throws GradcamError `keras-topology` where the configuration is not one of a Sequential or Functional model, refers to
 * layers that are not there, or runs in a circle.
 */
export function parseTopology(config: unknown, generation: Generation, file: string): ModelSpec {
  return parseModel(config, { generation, file, prefix: '', depth: 0 });
}

interface Place {
  readonly generation: Generation;
  readonly file: string;
  readonly prefix: string;
  readonly depth: number;
}

function parseModel(value: unknown, place: Place): ModelSpec {
  const fail = (found: string, expected: string) => badTopology(place.file, expected, found);
  if (place.depth > MAX_DEPTH) throw fail(`models nested more than ${MAX_DEPTH} deep`, 'a model of sensible depth');
  if (!isFields(value) || typeof value.class_name !== 'string')
    throw fail(shown(value), 'an object with class_name and config');
  const className = value.class_name;
  // The first Keras 2 versions saved a Sequential model's layers as the config itself.
  const config: unknown = isList(value.config) ? { name: 'sequential', layers: value.config } : value.config;
  if (!isFields(config) || !isList(config.layers)) throw notAGraph(className, place);
  const name = typeof config.name === 'string' ? config.name : className.toLowerCase();
  const layers = config.layers.map((layer) => parseLayer(layer, place));
  const functional = config.input_layers !== undefined || config.output_layers !== undefined;
  const wired = functional ? wireFunctional(config, layers, place) : wireSequential(config, layers, place);
  return finish({ name, className, ...wired }, place);
}

interface Wired {
  readonly layers: readonly LayerSpec[];
  readonly inputs: readonly TensorRef[];
  readonly outputs: readonly TensorRef[];
}

function finish(model: Wired & { name: string; className: string }, place: Place): ModelSpec {
  const seen = new Set<string>();
  for (const layer of model.layers) {
    if (seen.has(layer.name))
      throw badTopology(place.file, 'a name of its own for every layer', `two layers named "${layer.name}"`);
    seen.add(layer.name);
  }
  const resolved = resolveCalls(model, (found) =>
    badTopology(place.file, 'references to layers of the same model', found),
  );
  const order = orderCalls(resolved, (found) => badTopology(place.file, 'a graph without circles', found));
  return { name: model.name, className: model.className, ...resolved, order };
}

function wireFunctional(config: Fields, layers: readonly LayerSpec[], place: Place): Wired {
  const inputs = refsIn(config.input_layers, place);
  const outputs = refsIn(config.output_layers, place);
  if (inputs.length === 0 || outputs.length === 0) {
    throw badTopology(
      place.file,
      'input_layers and output_layers',
      `none of them in model "${place.prefix || shown(config.name)}"`,
    );
  }
  return { layers, inputs, outputs };
}

/** Chains the layers; where the first is no InputLayer, one is put before it. */
function wireSequential(config: Fields, layers: readonly LayerSpec[], place: Place): Wired {
  const first = layers[0];
  if (first === undefined)
    throw badTopology(place.file, 'at least one layer', `an empty Sequential model "${shown(config.name)}"`);
  const chain = first.className === 'InputLayer' ? [...layers] : [sequentialInput(config, first, place), ...layers];
  const wired = chain.map((layer, index): LayerSpec => {
    const before = chain[index - 1];
    if (before === undefined) return { ...layer, calls: [] };
    return {
      ...layer,
      calls: [{ args: [{ kind: 'tensor', ref: { layer: before.name, call: 0, output: 0 } }], kwargs: {} }],
    };
  });
  const ends = [wired[0]!, wired.at(-1)!].map((layer): TensorRef => ({ layer: layer.name, call: 0, output: 0 }));
  return { layers: wired, inputs: [ends[0]!], outputs: [ends[1]!] };
}

function sequentialInput(config: Fields, first: LayerSpec, place: Place): LayerSpec {
  const inner = first.inner === null ? null : inputShapeOf(first.inner, first.inner.inputs[0]!);
  const shape = first.config.batch_input_shape ?? first.config.batch_shape ?? config.build_input_shape ?? inner;
  const name = `${first.name}_input`;
  return {
    name,
    path: place.prefix + name,
    className: 'InputLayer',
    registeredName: null,
    config: { name, batch_shape: shape },
    generation: place.generation,
    operation: false,
    inner: null,
    calls: [],
  };
}

function parseLayer(value: unknown, place: Place): LayerSpec {
  if (!isFields(value) || typeof value.class_name !== 'string' || !isFields(value.config)) {
    // A Sequential model's configuration of old: a list in the place of a config.
    if (!isFields(value) || typeof value.class_name !== 'string' || !isList(value.config)) {
      throw badTopology(place.file, 'layers with class_name and config', shown(value));
    }
  }
  const config: Fields = isFields(value.config) ? value.config : { layers: value.config };
  const name = value.name ?? config.name;
  if (typeof name !== 'string' || name === '') throw badTopology(place.file, 'a name for every layer', shown(value));
  const path = place.prefix + name;
  const inner = isList(config.layers)
    ? parseModel(value, { ...place, prefix: `${path}/`, depth: place.depth + 1 })
    : null;
  const calls = isList(value.inbound_nodes) ? value.inbound_nodes.map((node) => parseCall(node, place)) : [];
  const className = value.class_name;
  return {
    name,
    path,
    className,
    registeredName: typeof value.registered_name === 'string' ? value.registered_name : null,
    config,
    generation: place.generation,
    operation: place.generation === 3 && inner === null && isOperation(value.module, className, config),
    inner,
    // Keras wrote an empty node for inputs in its early versions.
    calls: className === 'InputLayer' ? [] : calls,
  };
}

/** By the module that the class comes from; HDF5 files leave it out, and there only layers say what they compute in. */
function isOperation(module: unknown, className: string, config: Fields): boolean {
  if (typeof module === 'string') return /(^|\.)ops(\.|$)/.test(module);
  return config.trainable === undefined && (config.dtype === undefined || className === 'Cast');
}

function parseCall(node: unknown, place: Place): CallSpec {
  if (isFields(node)) {
    const args = isList(node.args) ? node.args.map((argument) => parseArgument(argument, place, 0)) : [];
    const kwargs = isFields(node.kwargs) ? parseRecord(node.kwargs, place, 0) : {};
    return { args, kwargs };
  }
  if (isList(node)) return parseListedCall(node, place);
  throw badTopology(place.file, 'inbound_nodes', shown(node));
}

/** Keras 2: `[[name, node, tensor, kwargs], ...]`, one such entry alone, or entries in nested lists and records. */
function parseListedCall(node: readonly unknown[], place: Place): CallSpec {
  const kwargs: Record<string, Argument> = {};
  const visit = (value: unknown, depth: number): Argument => {
    if (depth > MAX_DEPTH) throw badTopology(place.file, 'inbound_nodes', 'lists nested too deep');
    if (isEntry(value)) {
      if (isFields(value[3])) Object.assign(kwargs, parseRecord(value[3], place, 0));
      if (value[0] === '_CONSTANT_VALUE') return { kind: 'value', value: value[2] };
      return { kind: 'tensor', ref: { layer: value[0], call: Number(value[1]), output: Number(value[2]) } };
    }
    if (isList(value)) return { kind: 'list', items: value.map((item) => visit(item, depth + 1)) };
    if (isFields(value)) {
      return {
        kind: 'record',
        fields: Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item, depth + 1)])),
      };
    }
    throw badTopology(place.file, 'inbound_nodes', shown(value));
  };
  const inputs = visit(node, 0);
  const single = inputs.kind === 'list' && inputs.items.length === 1 ? inputs.items[0]! : inputs;
  return { args: [single], kwargs };
}

/** `[layer, node, tensor]` with or without keyword arguments. */
function isEntry(value: unknown): value is readonly [string, unknown, unknown, ...unknown[]] {
  return isList(value) && value.length >= 3 && value.length <= 4 && typeof value[0] === 'string' && isWhole(value[1]);
}

function parseRecord(fields: Fields, place: Place, depth: number): Record<string, Argument> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, parseArgument(value, place, depth + 1)]),
  );
}

function parseArgument(value: unknown, place: Place, depth: number): Argument {
  if (depth > MAX_DEPTH) throw badTopology(place.file, 'arguments of a layer', 'lists nested too deep');
  if (isFields(value)) {
    if (value.class_name === '__keras_tensor__') return { kind: 'tensor', ref: historyOf(value, place) };
    if (typeof value.class_name === 'string') return { kind: 'value', value };
    return { kind: 'record', fields: parseRecord(value, place, depth) };
  }
  if (isList(value)) {
    if (place.generation === 2 && value.length === 3 && isEntry(value) && isWhole(value[2])) {
      return { kind: 'tensor', ref: { layer: value[0], call: Number(value[1]), output: value[2] } };
    }
    return { kind: 'list', items: value.map((item) => parseArgument(item, place, depth + 1)) };
  }
  return { kind: 'value', value };
}

function historyOf(value: Fields, place: Place): TensorRef {
  const history = isFields(value.config) ? value.config.keras_history : undefined;
  if (!isList(history) || typeof history[0] !== 'string' || !isWhole(history[1]) || !isWhole(history[2])) {
    throw badTopology(place.file, 'a tensor with keras_history [layer, node, output]', shown(value));
  }
  return { layer: history[0], call: history[1], output: history[2] };
}

/** The references in `input_layers` or `output_layers`: one, a list, or a record of them. */
function refsIn(value: unknown, place: Place, depth = 0): TensorRef[] {
  if (isEntry(value)) return [{ layer: value[0], call: Number(value[1]), output: Number(value[2]) }];
  if (depth > 2) throw badTopology(place.file, '[layer, node, output]', shown(value));
  if (isList(value)) return value.flatMap((item) => refsIn(item, place, depth + 1));
  if (isFields(value)) return Object.values(value).flatMap((item) => refsIn(item, place, depth + 1));
  throw badTopology(place.file, '[layer, node, output]', shown(value));
}

/** `[batch, ...]` of a model's input as its configuration gives it, null where it gives none. */
export function inputShapeOf(model: ModelSpec, input: TensorRef): (number | null)[] | null {
  const config = model.layers.find((layer) => layer.name === input.layer)?.config ?? {};
  const shape = config.batch_shape ?? config.batch_input_shape;
  if (isList(shape) && shape.every((dim) => dim === null || isWhole(dim))) return [...shape] as (number | null)[];
  return null;
}

function notAGraph(className: string, place: Place): GradcamError {
  return new GradcamError({
    code: 'keras-subclassed',
    what: `${place.file}: the model "${className}" is defined by Python code, not by its configuration.`,
    expected: 'a Sequential or Functional model, whose layers and connections are in the file',
    found: `a class "${className}" without layers`,
    hint: 'Export it to ONNX where its code is: model.export("model.onnx", format="onnx").',
  });
}

function badTopology(file: string, expected: string, found: string): GradcamError {
  return new GradcamError({
    code: 'keras-topology',
    what: `${file}: the model's configuration cannot be read.`,
    expected,
    found,
  });
}
