// TensorFlow's protobuf, as far as a network at inference needs it: graphs, functions, signatures and constants. Files hold far
// more than that, for training and saving: what is in a node or a function is read when it is asked for.
// Messages: https://github.com/tensorflow/tensorflow/tree/master/tensorflow/core/framework, protobuf/meta_graph.proto
import { MalformedError, WireReader } from '../../onnx/protobuf.ts';
import { readAttribute } from './attributes.ts';
import type { SignaturePort } from './graph-model.ts';
import type { Attribute, GraphNode } from './node.ts';

/** A node as a file has it; inputs within functions are also `node:output:0`. */
export interface NodeDef extends GraphNode {
  /** The message of an attribute: attributes.ts reads the tensor in it. */
  stored(name: string): WireReader | undefined;
}

export interface FunctionDef {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: ReadonlyMap<string, NodeDef>;
  /** Output -> the value within that it is. */
  readonly returns: ReadonlyMap<string, string>;
}

export interface GraphDef {
  readonly nodes: ReadonlyMap<string, NodeDef>;
  /** Functions as they stand, by name: `readFunction` reads one. */
  readonly functions: ReadonlyMap<string, WireReader>;
}

export interface Signature {
  readonly name: string;
  readonly inputs: readonly SignaturePort[];
  readonly outputs: readonly SignaturePort[];
}

export interface MetaGraph {
  readonly graph: GraphDef;
  /** The node that restores the variables; '' where the file names none. */
  readonly restore: string;
  readonly signatures: readonly Signature[];
}

type Handlers = Readonly<Record<number, (reader: WireReader) => void>>;

/** Walks the fields of a message; those without a handler are passed. */
export function eachField(message: WireReader, handlers: Handlers): void {
  const reader = message.again();
  while (reader.next()) {
    const handle = handlers[reader.field];
    if (handle === undefined) reader.skip();
    else handle(reader);
  }
}

/** SavedModel: the graphs in it; there is one per set of tags, usually one. */
export function readSavedModel(bytes: Uint8Array): MetaGraph[] {
  const graphs: MetaGraph[] = [];
  eachField(new WireReader(bytes), { 2: (reader) => graphs.push(readMetaGraph(reader.message())) });
  return graphs;
}

function readMetaGraph(message: WireReader): MetaGraph {
  let graph: GraphDef = { nodes: new Map(), functions: new Map() };
  const signatures: Signature[] = [];
  let restore = '';
  eachField(message, {
    2: (reader) => (graph = readGraph(reader.message())),
    3: (reader) => eachField(reader.message(), { 3: (inner) => (restore = inner.text()) }),
    5: (reader) => signatures.push(readSignature(reader.message())),
  });
  return { graph, restore, signatures };
}

export function readGraph(message: WireReader): GraphDef {
  const nodes = new Map<string, NodeDef>();
  const functions = new Map<string, WireReader>();
  eachField(message, {
    1: (reader) => addNode(nodes, reader),
    2: (reader) =>
      eachField(reader.message(), {
        1: (inner) => {
          const own = inner.message();
          functions.set(nameOf(own), own);
        },
      }),
  });
  return { nodes, functions };
}

function addNode(nodes: Map<string, NodeDef>, reader: WireReader): void {
  const node = new StoredNode(reader.message());
  nodes.set(node.name, node);
}

/** Of a NodeDef. */
const NODE = { name: 1, op: 2, input: 3, attribute: 5 } as const;

/**
 * A node that knows its name; the rest is read when it is asked for. Its fields come in the order of their numbers, as all that
 * writes protobuf writes them: what is read once is not walked over again.
 */
class StoredNode implements NodeDef {
  readonly name: string;
  /** Behind the name, the operator, the inputs: as far as the node has been read. */
  private rest: WireReader;
  private knownOp: string | undefined;
  private knownInputs: readonly string[] | undefined;

  constructor(message: WireReader) {
    this.rest = message;
    if (!message.next() || message.field !== NODE.name)
      throw new MalformedError('a node that does not begin with its name');
    this.name = message.text();
  }

  get op(): string {
    return (this.knownOp ??= this.readOp());
  }

  get inputs(): readonly string[] {
    return (this.knownInputs ??= this.readInputs());
  }

  attribute(name: string): Attribute | undefined {
    const message = this.stored(name);
    return message === undefined ? undefined : readAttribute(message);
  }

  stored(name: string): WireReader | undefined {
    this.knownInputs ??= this.readInputs();
    const reader = this.rest.again();
    while (reader.next()) {
      if (reader.field !== NODE.attribute) {
        reader.skip();
        continue;
      }
      const value = valueUnder(name, reader.message());
      if (value !== undefined) return value;
    }
    return undefined;
  }

  private readOp(): string {
    const reader = this.rest;
    if (reader.next() && reader.field === NODE.op) return sameText(reader.text());
    this.rest = reader.fromField();
    return '';
  }

  private readInputs(): readonly string[] {
    this.knownOp ??= this.readOp();
    const inputs: string[] = [];
    const reader = this.rest;
    while (reader.next() && reader.field < NODE.attribute) {
      if (reader.field === NODE.input) inputs.push(reader.text());
      else reader.skip();
    }
    this.rest = reader.fromField();
    // A list that was pushed to has room for many more.
    return inputs.slice();
  }
}

const texts = new Map<string, string>();

/** One string for all that are equal: the names of a few operators are those of thousands of nodes. */
function sameText(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  if (texts.size < MAX_TEXTS) texts.set(text, text);
  return text;
}

const MAX_TEXTS = 1000;

/** The value's message of an entry of a map, where it is the one under this key. */
function valueUnder(key: string, entry: WireReader): WireReader | undefined {
  if (!entry.next() || entry.field !== 1 || !entry.isText(key)) return undefined;
  return entry.next() ? entry.message() : undefined;
}

/** The text of field 1, '' where there is none, of a message that nobody else reads. */
function firstText(reader: WireReader): string {
  while (reader.next()) {
    if (reader.field === 1) return reader.text();
    reader.skip();
  }
  return '';
}

/** Name in the signature of a function. */
function nameOf(message: WireReader): string {
  const reader = message.again();
  while (reader.next()) {
    if (reader.field === 1) return firstText(reader.message());
    reader.skip();
  }
  return '';
}

export function readFunction(message: WireReader): FunctionDef {
  let name = '';
  const [inputs, outputs]: [string[], string[]] = [[], []];
  const nodes = new Map<string, NodeDef>();
  const returns = new Map<string, string>();
  eachField(message, {
    1: (reader) =>
      eachField(reader.message(), {
        1: (inner) => (name = inner.text()),
        2: (inner) => inputs.push(firstText(inner.message())),
        3: (inner) => outputs.push(firstText(inner.message())),
      }),
    3: (reader) => addNode(nodes, reader),
    4: (reader) => {
      let [key, value] = ['', ''];
      eachField(reader.message(), { 1: (inner) => (key = inner.text()), 2: (inner) => (value = inner.text()) });
      returns.set(key, value);
    },
  });
  return { name, inputs, outputs, nodes, returns };
}

function readSignature(message: WireReader): Signature {
  let name = '';
  const [inputs, outputs]: [SignaturePort[], SignaturePort[]] = [[], []];
  const port = (reader: WireReader): SignaturePort => {
    const [key, info] = readEntry(reader.message());
    return { name: key, value: firstText(info) };
  };
  eachField(message, {
    1: (reader) => (name = reader.text()),
    2: (reader) =>
      eachField(reader.message(), {
        1: (inner) => inputs.push(port(inner)),
        2: (inner) => outputs.push(port(inner)),
      }),
  });
  return { name, inputs, outputs };
}

/** An entry of a map: key, then the value's message. */
function readEntry(message: WireReader): [string, WireReader] {
  let key = '';
  let value = NOTHING;
  const reader = message.again();
  while (reader.next()) {
    if (reader.field === 1) key = reader.text();
    else if (reader.field === 2) value = reader.message();
    else reader.skip();
  }
  return [key, value];
}

const NOTHING = new WireReader(new Uint8Array());
