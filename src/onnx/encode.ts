// A graph in, the bytes of an ONNX ModelProto out. Nodes that carry their file's own bytes are written back untouched.
// Apart from save.ts, which puts them on disk with weights in a file of their own.
import type { Attribute, Constant, Dim, Graph, Node, TensorType } from '../graph/graph.ts';
import { GradcamError } from '../lib/errors.ts';
import { WireWriter } from './protobuf.ts';
import {
  ATTRIBUTE,
  ATTRIBUTE_TYPE,
  DATA_TYPE,
  DIMENSION,
  EXTERNAL,
  GRAPH,
  irVersionOf,
  MODEL,
  NODE,
  OPERATOR_SET,
  SCOPE_KEY,
  SHAPE,
  STRING_ENTRY,
  TENSOR,
  TENSOR_TYPE,
  TYPE,
  VALUE_INFO,
} from './schema.ts';

/** Readers of protobuf refuse messages of 2 GB and more. */
export const PROTOBUF_LIMIT = 2 ** 31 - 1;
/** Constants below this many bytes stay in the model: ONNX Runtime infers shapes from small ones. */
export const EXTERNAL_FROM = 1024;

/** Where the bytes of a constant lie in the file beside the model. */
export interface ExternalPlace {
  /** File name, relative to the model's folder. */
  readonly location: string;
  /** In bytes. */
  readonly offset: number;
}

export interface EncodeOptions {
  /** Constants whose bytes lie in a file beside the model. */
  readonly external?: ReadonlyMap<string, ExternalPlace>;
  /** Inner values that become outputs too, without saying their type: the runtime knows it. */
  readonly more?: readonly string[];
  /** Key-value pairs that travel with the model. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** For a runtime that opens it at once: without what is there to be read by people and other tools, inner types and scopes. */
  readonly bare?: boolean;
}

/**
 * The graph as an ONNX model, freshly allocated. Constants are copied once, into the result.
 * Throws a GradcamError when the model passes protobuf's 2 GB: then `saveModel` is the way.
 */
export function encodeModel(graph: Graph, options: EncodeOptions = {}): Uint8Array {
  const writer = modelWriter(graph, options);
  if (writer.length > PROTOBUF_LIMIT) {
    throw new GradcamError({
      code: 'model-too-large',
      what: 'The ONNX model does not fit in one piece.',
      expected: `at most ${PROTOBUF_LIMIT} bytes`,
      found: `${writer.length} bytes`,
      hint: 'Save it to a file: weights then go to a second file beside it.',
    });
  }
  return writer.finish();
}

/** A model in memory whose large constants lie apart, in memory of their own. */
export interface ApartModel {
  readonly model: Uint8Array;
  /** What the model names as files beside it: the memory that constants share, uncopied. */
  readonly files: readonly { readonly path: string; readonly data: Uint8Array }[];
}

export interface ApartOptions extends Omit<EncodeOptions, 'external' | 'bare'> {
  /** Only constants in memory that threads share lie apart: for a runtime in another thread. */
  readonly onlyShared?: boolean;
}

/**
 * The graph as an ONNX model that holds its structure only. A runtime that takes external data from memory reads the weights
 * where they are, which spares a copy of them all and the time that the copy takes.
 */
export function encodeApart(graph: Graph, { onlyShared = false, ...options }: ApartOptions = {}): ApartModel {
  const external = new Map<string, ExternalPlace>();
  const files = new Map<ArrayBufferLike, { path: string; data: Uint8Array }>();
  for (const [name, { bytes }] of graph.constants) {
    const { buffer, byteOffset } = bytes;
    if (bytes.length < EXTERNAL_FROM || (onlyShared && !(buffer instanceof SharedArrayBuffer))) continue;
    const file = files.get(buffer) ?? { path: `memory-${files.size}`, data: new Uint8Array(buffer) };
    files.set(buffer, file);
    external.set(name, { location: file.path, offset: byteOffset });
  }
  return { model: encodeModel(graph, { ...options, external, bare: true }), files: [...files.values()] };
}

/** The model message, with the constants named in `external` replaced by their place in a file. */
export function modelWriter(graph: Graph, options: EncodeOptions): WireWriter {
  const { metadata = {} } = options;
  const writer = new WireWriter();
  writer.integer(MODEL.irVersion, irVersionOf(graph.opset));
  writer.string(MODEL.producerName, 'gradcam');
  for (const [domain, version] of [['', graph.opset] as const, ...Object.entries(graph.domains)]) {
    writer.nested(MODEL.opsetImport, () => {
      writer.string(OPERATOR_SET.domain, domain);
      writer.integer(OPERATOR_SET.version, version);
    });
  }
  writer.nested(MODEL.graph, () => writeGraph(writer, graph, options));
  for (const [key, value] of Object.entries(metadata)) writeEntry(writer, MODEL.metadata, key, value);
  for (const bytes of graph.functions ?? []) writer.bytes(MODEL.functions, bytes);
  return writer;
}

function writeGraph(
  writer: WireWriter,
  graph: Graph,
  { external = new Map<string, ExternalPlace>(), more = [], bare = false }: EncodeOptions,
): void {
  writer.string(GRAPH.name, 'gradcam');
  for (const node of graph.nodes) {
    if (node.verbatim) writer.bytes(GRAPH.node, node.verbatim);
    else writer.nested(GRAPH.node, () => writeNode(writer, node, bare));
  }
  for (const [name, constant] of graph.constants) {
    writer.nested(GRAPH.initializer, () => writeTensor(writer, constant, name, external.get(name)));
  }
  for (const { name, type } of graph.inputs) writer.nested(GRAPH.input, () => writeValue(writer, name, type));
  for (const { name, type } of graph.outputs) writer.nested(GRAPH.output, () => writeValue(writer, name, type));
  for (const name of more) writer.nested(GRAPH.output, () => writer.string(VALUE_INFO.name, name));
  // The runtime finds the types of ONNX's own operators by itself.
  const foreign = new Set(graph.nodes.flatMap(({ domain, outputs }) => (domain === '' ? [] : outputs)));
  const ports = new Set([...[...graph.inputs, ...graph.outputs].map((port) => port.name), ...more]);
  for (const [name, type] of graph.types) {
    if (ports.has(name) || graph.constants.has(name) || (bare && !foreign.has(name))) continue;
    writer.nested(GRAPH.valueInfo, () => writeValue(writer, name, type));
  }
}

/** Fields of a node's NodeProto, from the node's own: `verbatim` is not looked at. */
export function writeNode(writer: WireWriter, node: Node, bare = false): void {
  for (const name of node.inputs) writer.string(NODE.input, name);
  for (const name of node.outputs) writer.string(NODE.output, name);
  if (node.name !== '') writer.string(NODE.name, node.name);
  writer.string(NODE.op, node.op);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    if (attribute.kind === 'opaque') writer.bytes(NODE.attribute, attribute.value);
    else writer.nested(NODE.attribute, () => writeAttribute(writer, name, attribute));
  }
  if (node.domain !== '') writer.string(NODE.domain, node.domain);
  if (node.scope !== undefined && !bare) writeEntry(writer, NODE.metadata, SCOPE_KEY, node.scope);
}

function writeAttribute(writer: WireWriter, name: string, attribute: Exclude<Attribute, { kind: 'opaque' }>): void {
  writer.string(ATTRIBUTE.name, name);
  switch (attribute.kind) {
    case 'int':
      writer.integer(ATTRIBUTE.int, attribute.value);
      break;
    case 'float':
      writer.float32(ATTRIBUTE.float, attribute.value);
      break;
    case 'string':
      writer.string(ATTRIBUTE.string, attribute.value);
      break;
    case 'ints':
      for (const value of attribute.value) writer.integer(ATTRIBUTE.ints, value);
      break;
    case 'floats':
      for (const value of attribute.value) writer.float32(ATTRIBUTE.floats, value);
      break;
    case 'strings':
      for (const value of attribute.value) writer.string(ATTRIBUTE.strings, value);
      break;
    case 'tensor':
      writer.nested(ATTRIBUTE.tensor, () => writeTensor(writer, attribute.value, ''));
      break;
  }
  writer.integer(ATTRIBUTE.type, ATTRIBUTE_TYPE[attribute.kind]);
}

/** Fields of a constant's TensorProto, its bytes in place or in a file. */
export function writeTensor(writer: WireWriter, constant: Constant, name: string, place?: ExternalPlace): void {
  if (constant.dtype === 'string') {
    throw new GradcamError({
      code: 'string-constant',
      what: `Constant '${name}' holds strings, which have no bytes to write.`,
      hint: 'Keep it as a Constant node with the attribute of its file.',
      exitCode: 2,
    });
  }
  for (const dim of constant.shape) writer.integer(TENSOR.dims, dim);
  writer.integer(TENSOR.dataType, DATA_TYPE[constant.dtype]);
  if (name !== '') writer.string(TENSOR.name, name);
  if (place === undefined) {
    writer.bytes(TENSOR.rawData, constant.bytes);
    return;
  }
  writeEntry(writer, TENSOR.externalData, 'location', place.location);
  writeEntry(writer, TENSOR.externalData, 'offset', String(place.offset));
  writeEntry(writer, TENSOR.externalData, 'length', String(constant.bytes.length));
  writer.integer(TENSOR.dataLocation, EXTERNAL);
}

function writeEntry(writer: WireWriter, field: number, key: string, value: string): void {
  writer.nested(field, () => {
    writer.string(STRING_ENTRY.key, key);
    writer.string(STRING_ENTRY.value, value);
  });
}

function writeValue(writer: WireWriter, name: string, type: TensorType): void {
  writer.string(VALUE_INFO.name, name);
  writer.nested(VALUE_INFO.type, () => {
    writer.nested(TYPE.tensor, () => {
      writer.integer(TENSOR_TYPE.dtype, DATA_TYPE[type.dtype]);
      const { shape } = type;
      if (shape !== null) writer.nested(TENSOR_TYPE.shape, () => writeShape(writer, shape));
    });
  });
}

function writeShape(writer: WireWriter, shape: readonly Dim[]): void {
  for (const dim of shape) {
    writer.nested(SHAPE.dim, () => {
      if (dim !== null) writer.integer(DIMENSION.value, dim);
    });
  }
}
