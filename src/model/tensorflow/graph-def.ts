// TensorFlow's protobuf, as far as a network at inference needs it: graphs, functions, signatures and constants.
// Messages: https://github.com/tensorflow/tensorflow/tree/master/tensorflow/core/framework, protobuf/meta_graph.proto
import { WireReader } from '../../onnx/protobuf.ts';

/** An attribute's message as it stands; attributes.ts says what is in it. */
export type RawAttributes = ReadonlyMap<string, Uint8Array>;

export interface NodeDef {
  readonly name: string;
  readonly op: string;
  /** `node`, `node:1`, `^control`; within functions also `node:output:0`. */
  readonly inputs: readonly string[];
  /** Read when they are asked for: of most nodes they never are. */
  readonly attributes: () => RawAttributes;
}

export interface FunctionDef {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly NodeDef[];
  /** Output -> the value within that it is. */
  readonly returns: ReadonlyMap<string, string>;
}

/** A function that is read when it is needed: files hold many for training and saving. */
export interface StoredFunction {
  /** Whether its bytes hold this text. */
  readonly mentions: (text: string) => boolean;
  readonly read: () => FunctionDef;
}

export interface GraphDef {
  readonly nodes: readonly NodeDef[];
  readonly functions: ReadonlyMap<string, StoredFunction>;
}

/** What goes in or comes out under a name: a value of the graph. */
export interface SignaturePort {
  readonly name: string;
  readonly value: string;
}

export interface Signature {
  readonly name: string;
  readonly inputs: readonly SignaturePort[];
  readonly outputs: readonly SignaturePort[];
}

export interface MetaGraph {
  readonly graph: GraphDef;
  readonly signatures: readonly Signature[];
}

type Handlers = Readonly<Record<number, (reader: WireReader) => void>>;

/** Walks the fields of a message; those without a handler are passed. */
export function eachField(bytes: Uint8Array, handlers: Handlers): void {
  const reader = new WireReader(bytes);
  while (reader.next()) {
    const handle = handlers[reader.field];
    if (handle === undefined) reader.skip();
    else handle(reader);
  }
}

/** SavedModel: the graphs in it; there is one per set of tags, usually one. */
export function readSavedModel(bytes: Uint8Array): MetaGraph[] {
  const graphs: MetaGraph[] = [];
  eachField(bytes, { 2: (reader) => graphs.push(readMetaGraph(reader.bytes())) });
  return graphs;
}

function readMetaGraph(bytes: Uint8Array): MetaGraph {
  let graph: GraphDef = { nodes: [], functions: new Map() };
  const signatures: Signature[] = [];
  eachField(bytes, {
    2: (reader) => (graph = readGraph(reader.bytes())),
    5: (reader) => signatures.push(readSignature(reader.bytes())),
  });
  return { graph, signatures };
}

export function readGraph(bytes: Uint8Array): GraphDef {
  const nodes: NodeDef[] = [];
  const functions = new Map<string, StoredFunction>();
  eachField(bytes, {
    1: (reader) => nodes.push(readNode(reader.bytes())),
    2: (reader) =>
      eachField(reader.bytes(), {
        1: (inner) => {
          const own = inner.bytes();
          functions.set(functionName(own), storedFunction(own));
        },
      }),
  });
  return { nodes, functions };
}

function readNode(bytes: Uint8Array): NodeDef {
  let [name, op] = ['', ''];
  const inputs: string[] = [];
  eachField(bytes, {
    1: (reader) => (name = reader.text()),
    2: (reader) => (op = reader.text()),
    3: (reader) => inputs.push(reader.text()),
  });
  let attributes: RawAttributes | undefined;
  return { name, op, inputs, attributes: () => (attributes ??= readAttributes(bytes)) };
}

function readAttributes(node: Uint8Array): RawAttributes {
  const attributes = new Map<string, Uint8Array>();
  eachField(node, {
    5: (reader) => {
      const [key, value] = readEntry(reader.bytes());
      attributes.set(key, value);
    },
  });
  return attributes;
}

function storedFunction(bytes: Uint8Array): StoredFunction {
  let definition: FunctionDef | undefined;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    mentions: (text) => buffer.includes(text),
    read: () => (definition ??= readFunction(bytes)),
  };
}

/** Name in the signature, which comes first. */
function functionName(bytes: Uint8Array): string {
  const reader = new WireReader(bytes);
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    let name = '';
    eachField(reader.bytes(), { 1: (inner) => (name = inner.text()) });
    return name;
  }
  return '';
}

function readFunction(bytes: Uint8Array): FunctionDef {
  let name = '';
  const [inputs, outputs]: [string[], string[]] = [[], []];
  const nodes: NodeDef[] = [];
  const returns = new Map<string, string>();
  const argument = (reader: WireReader): string => {
    let found = '';
    eachField(reader.bytes(), { 1: (inner) => (found = inner.text()) });
    return found;
  };
  eachField(bytes, {
    1: (reader) =>
      eachField(reader.bytes(), {
        1: (inner) => (name = inner.text()),
        2: (inner) => inputs.push(argument(inner)),
        3: (inner) => outputs.push(argument(inner)),
      }),
    3: (reader) => nodes.push(readNode(reader.bytes())),
    4: (reader) => {
      const [key, value] = readEntry(reader.bytes());
      returns.set(key, new TextDecoder().decode(value));
    },
  });
  return { name, inputs, outputs, nodes, returns };
}

function readSignature(bytes: Uint8Array): Signature {
  let name = '';
  const [inputs, outputs]: [SignaturePort[], SignaturePort[]] = [[], []];
  const port = (reader: WireReader): SignaturePort => {
    const [key, info] = readEntry(reader.bytes());
    let value = '';
    eachField(info, { 1: (inner) => (value = inner.text()) });
    return { name: key, value };
  };
  eachField(bytes, {
    1: (reader) => (name = reader.text()),
    2: (reader) =>
      eachField(reader.bytes(), {
        1: (inner) => inputs.push(port(inner)),
        2: (inner) => outputs.push(port(inner)),
      }),
  });
  return { name, inputs, outputs };
}

/** An entry of a map: key, then the value's bytes. */
function readEntry(bytes: Uint8Array): [string, Uint8Array] {
  let key = '';
  let value: Uint8Array = new Uint8Array();
  eachField(bytes, { 1: (reader) => (key = reader.text()), 2: (reader) => (value = reader.bytes()) });
  return [key, value];
}
