// The bytes of an ONNX model in, a graph and what the file says about itself out. Weights stay slices of the file.
// Whatever the bytes are, the answer is a graph or a GradcamError.
import type { Attribute, Constant, Graph, Node, Port, TensorType } from '../graph/graph.ts';
import { constantOf } from '../graph/tensor.ts';
import { GradcamError } from '../lib/errors.ts';
import { ExternalFiles } from './external.ts';
import { decodeOperatorSet, inlineFunctions } from './functions.ts';
import { firstString, decodeNode } from './nodes.ts';
import { inOrder } from './order.ts';
import { MalformedError, WireReader, WireWriter } from './protobuf.ts';
import {
  ATTRIBUTE,
  ATTRIBUTE_TYPE,
  DIMENSION,
  GRAPH,
  MODEL,
  SHAPE,
  SPARSE_TENSOR,
  TENSOR,
  TENSOR_TYPE,
  TYPE,
  VALUE_INFO,
} from './schema.ts';
import { sniff } from './sniff.ts';
import { decodeTensor, dtypeOf, readEntry } from './tensors.ts';
import { withRealOperators } from './quantized.ts';
import { OLDEST_OPSET, upgradeGraph } from './upgrade.ts';

export interface DecodeOptions {
  /** Folder of the model file, where external weights are looked for; null: a model in memory, which has none. */
  readonly folder: string | null;
  /** The model as messages name it. */
  readonly source: string;
}

export interface DecodedModel {
  readonly graph: Graph;
  /** The program that wrote the file, '' where it does not say. */
  readonly producer: string;
  readonly producerVersion: string;
  /** metadata_props of the model. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Version of the default operator set in the file, before any upgrade. */
  readonly opset: number;
  /** Absolute paths of the weight files beside the model. */
  readonly externalFiles: readonly string[];
}

interface ModelFields {
  producer: string;
  producerVersion: string;
  readonly metadata: [string, string][];
  readonly operatorSets: Map<string, number>;
  readonly functions: Uint8Array[];
  graph: Uint8Array | null;
}

/**
 * Constants share the memory of `bytes`, unaligned. Every node carries its own bytes, except where an older operator set
 * was upgraded or a function inlined. Constant nodes and initialisers become constants; element types that a graph cannot
 * hold stay Constant nodes. Outputs that are no tensors are left out.
 * Throws a GradcamError when the bytes are no model that can be read, whatever they are.
 */
export function decodeModel(bytes: Uint8Array, options: DecodeOptions): DecodedModel {
  const files = new ExternalFiles(options.folder, options.source);
  try {
    // Slices of a Buffer would be Buffers, whose methods differ.
    return decodeFields(readModel(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)), files);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    const other = sniff(bytes);
    throw new GradcamError({
      code: 'onnx-malformed',
      what: `Cannot read '${options.source}' as ONNX.`,
      expected: 'an ONNX model',
      found: other?.found ?? error.message,
      hint: other?.hint ?? error.hint ?? 'The file may be truncated or damaged: copy or export it again.',
      cause: error,
    });
  } finally {
    files.close();
  }
}

function readModel(bytes: Uint8Array): ModelFields {
  const model: ModelFields = {
    producer: '',
    producerVersion: '',
    metadata: [],
    operatorSets: new Map(),
    functions: [],
    graph: null,
  };
  const reader = new WireReader(bytes);
  while (reader.next()) {
    if (reader.field === MODEL.producerName) model.producer = reader.text();
    else if (reader.field === MODEL.producerVersion) model.producerVersion = reader.text();
    else if (reader.field === MODEL.graph) model.graph = reader.bytes();
    else if (reader.field === MODEL.functions) model.functions.push(reader.bytes());
    else if (reader.field === MODEL.metadata) model.metadata.push([...readEntry(reader.bytes())]);
    else if (reader.field === MODEL.opsetImport) {
      const { domain, version } = decodeOperatorSet(reader.bytes());
      if (version < 1) throw new MalformedError(`version ${version} of operator set '${domain}'`);
      model.operatorSets.set(domain, Math.max(version, model.operatorSets.get(domain) ?? 0));
    } else reader.skip();
  }
  return model;
}

function decodeFields(model: ModelFields, files: ExternalFiles): DecodedModel {
  if (model.graph === null) throw new MalformedError('a message without a graph');
  const opset = model.operatorSets.get('') ?? (model.operatorSets.size > 0 ? OLDEST_OPSET : 1);
  const parts = readGraph(model.graph, files);
  const inlined = inlineFunctions(parts.nodes, model.functions, Math.max(opset, OLDEST_OPSET), files);
  const outputs = new Set(parts.outputs.map((port) => port.name));
  const inputs = parts.inputs.map((port) => port.name);
  const nodes = takeConstants(inlined.nodes, parts.constants, outputs, new Set(inputs));
  const given = new Set([...inputs, ...parts.constants.keys()]);
  const sorted = inOrder(nodes, given, [...outputs]);
  const functions = inlined.functions;
  const graph: Graph = {
    opset,
    domains: usedDomains(model.operatorSets, sorted, functions),
    inputs: parts.inputs,
    outputs: parts.outputs,
    nodes: withUniqueNames(sorted),
    constants: parts.constants,
    types: parts.types,
    ...(functions.length > 0 ? { functions } : {}),
  };
  return {
    graph: withRealOperators(upgradeGraph(graph, inlined.opsets, files)),
    producer: model.producer,
    producerVersion: model.producerVersion,
    metadata: Object.fromEntries(model.metadata),
    opset,
    externalFiles: files.paths,
  };
}

interface GraphParts {
  readonly nodes: Node[];
  readonly constants: Map<string, Constant>;
  readonly inputs: Port[];
  readonly outputs: Port[];
  readonly types: Map<string, TensorType>;
}

function readGraph(bytes: Uint8Array, files: ExternalFiles): GraphParts {
  const parts: GraphParts = { nodes: [], constants: new Map(), inputs: [], outputs: [], types: new Map() };
  const late: { name: string; type: TensorType | null }[] = [];
  const foreign: Node[] = [];
  const reader = new WireReader(bytes);
  while (reader.next()) {
    if (reader.field === GRAPH.node) parts.nodes.push(decodeNode(reader.bytes(), files));
    else if (reader.field === GRAPH.initializer) {
      const message = reader.bytes();
      const { name, constant } = decodeTensor(message, files);
      if (name === '') throw new MalformedError('an initializer without a name');
      if (constant === null) foreign.push(constantNode(name, 'value', message));
      else parts.constants.set(name, constant);
    } else if (reader.field === GRAPH.sparseInitializer) {
      const message = reader.bytes();
      foreign.push(constantNode(sparseName(message), 'sparse_value', message));
    } else if (reader.field === GRAPH.input) late.push(decodeValue(reader.bytes()));
    else if (reader.field === GRAPH.output) {
      const { name, type } = decodeValue(reader.bytes());
      if (type !== null) parts.outputs.push({ name, type });
    } else if (reader.field === GRAPH.valueInfo) {
      const { name, type } = decodeValue(reader.bytes());
      if (type !== null) parts.types.set(name, type);
    } else reader.skip();
  }
  const made = new Set(foreign.flatMap((node) => node.outputs));
  for (const { name, type } of late) {
    if (parts.constants.has(name) || made.has(name)) continue;
    if (type === null) throw new MalformedError(`input '${name}' is no tensor of numbers`);
    parts.inputs.push({ name, type });
  }
  if (parts.outputs.length === 0) throw new MalformedError('a graph without an output that is a tensor');
  parts.nodes.unshift(...foreign);
  return parts;
}

/** An initialiser that a graph cannot hold, as the node that makes it. */
function constantNode(name: string, attribute: 'value' | 'sparse_value', message: Uint8Array): Node {
  if (name === '') throw new MalformedError('an initializer without a name');
  const writer = new WireWriter();
  const sparse = attribute === 'sparse_value';
  writer.string(ATTRIBUTE.name, attribute);
  writer.bytes(sparse ? ATTRIBUTE.sparseTensor : ATTRIBUTE.tensor, message);
  writer.integer(ATTRIBUTE.type, sparse ? ATTRIBUTE_TYPE.sparseTensor : ATTRIBUTE_TYPE.tensor);
  const value: Attribute = { kind: 'opaque', value: writer.finish() };
  return { op: 'Constant', domain: '', name: '', inputs: [], outputs: [name], attributes: { [attribute]: value } };
}

/** A sparse tensor is named by its values. */
function sparseName(message: Uint8Array): string {
  const reader = new WireReader(message);
  while (reader.next()) {
    if (reader.field === SPARSE_TENSOR.values) return firstString(reader.bytes(), TENSOR.name);
    reader.skip();
  }
  return '';
}

/** A ValueInfoProto; type null where it is no tensor, or one of elements that a graph cannot hold. */
function decodeValue(bytes: Uint8Array): { name: string; type: TensorType | null } {
  let name = '';
  let type: TensorType | null = null;
  const reader = new WireReader(bytes);
  while (reader.next()) {
    if (reader.field === VALUE_INFO.name) name = reader.string();
    else if (reader.field === VALUE_INFO.type) {
      const kinds = new WireReader(reader.bytes());
      while (kinds.next()) {
        if (kinds.field === TYPE.tensor) type = decodeType(kinds.bytes());
        else kinds.skip();
      }
    } else reader.skip();
  }
  return { name, type };
}

function decodeType(bytes: Uint8Array): TensorType | null {
  let code = 0;
  let shape: (number | null)[] | null = null;
  const reader = new WireReader(bytes);
  while (reader.next()) {
    if (reader.field === TENSOR_TYPE.dtype) code = reader.integer();
    else if (reader.field === TENSOR_TYPE.shape) {
      shape = [];
      const dims = new WireReader(reader.bytes());
      while (dims.next()) {
        if (dims.field === SHAPE.dim) shape.push(decodeDimension(dims.bytes()));
        else dims.skip();
      }
    } else reader.skip();
  }
  const dtype = dtypeOf(code);
  return dtype === null ? null : { dtype, shape };
}

/** Named dimensions and the -1 of some exporters are not known. */
function decodeDimension(bytes: Uint8Array): number | null {
  const reader = new WireReader(bytes);
  let size: number | null = null;
  while (reader.next()) {
    if (reader.field === DIMENSION.value) size = reader.integer();
    else reader.skip();
  }
  return size === null || size < 0 || !Number.isSafeInteger(size) ? null : size;
}

/** Moves the values of Constant nodes to `constants`, those of graph outputs excepted. Returns the other nodes. */
function takeConstants(
  nodes: readonly Node[],
  constants: Map<string, Constant>,
  outputs: ReadonlySet<string>,
  inputs: ReadonlySet<string>,
): readonly Node[] {
  return nodes.filter((node) => {
    const [output] = node.outputs;
    if (node.op !== 'Constant' || node.domain !== '' || output === undefined || outputs.has(output)) return true;
    const constant = constantOfNode(node);
    if (constant === null || output === '') return true;
    if (constants.has(output) || inputs.has(output)) throw new MalformedError(`value '${output}' is produced twice`);
    constants.set(output, constant);
    return false;
  });
}

/** The value of a Constant node, or null where a graph cannot hold it. */
function constantOfNode(node: Node): Constant | null {
  for (const [name, attribute] of Object.entries(node.attributes)) {
    if (name === 'value' && attribute.kind === 'tensor') return attribute.value;
    if (name === 'value_float' && attribute.kind === 'float') return constantOf('float32', [], [attribute.value]);
    if (name === 'value_int' && attribute.kind === 'int') return constantOf('int64', [], [attribute.value]);
    if (name === 'value_floats' && attribute.kind === 'floats') {
      return constantOf('float32', [attribute.value.length], attribute.value);
    }
    if (name === 'value_ints' && attribute.kind === 'ints') {
      return constantOf('int64', [attribute.value.length], attribute.value);
    }
  }
  return null;
}

/** The operator sets that nodes call; all of them where bodies or functions may call more. */
function usedDomains(sets: ReadonlyMap<string, number>, nodes: readonly Node[], functions: readonly Uint8Array[]) {
  const isOpen =
    functions.length > 0 ||
    nodes.some((node) => Object.values(node.attributes).some((attribute) => attribute.kind === 'opaque'));
  const used = new Set(nodes.map((node) => node.domain));
  const kept = [...sets].filter(([domain]) => domain !== '' && (isOpen || used.has(domain)));
  return Object.fromEntries(kept);
}

/** Names are unique in a graph: later bearers of one get a number. */
function withUniqueNames(nodes: readonly Node[]): Node[] {
  const taken = new Set(nodes.map((node) => node.name));
  const bearers = new Map<string, number>();
  return nodes.map((node) => {
    let number = (bearers.get(node.name) ?? 0) + 1;
    if (node.name !== '' && number > 1) while (taken.has(`${node.name}#${number}`)) number++;
    bearers.set(node.name, number);
    if (node.name === '' || number === 1) return node;
    const name = `${node.name}#${number}`;
    taken.add(name);
    return { ...node, name };
  });
}
