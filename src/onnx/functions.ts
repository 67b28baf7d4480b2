// Functions that a model defines for itself, as PyTorch's first dynamo exporters write modules: calls are replaced by the
// nodes of the body, so that layers and operators are in sight. A function with bodies of its own (If, Loop) stays a call.
import type { Attribute, Node } from '../graph/graph.ts';
import type { ExternalFiles } from './external.ts';
import { bodiesOf, decodeAttribute, decodeNode, firstString } from './nodes.ts';
import { MalformedError, WireReader } from './protobuf.ts';
import { ATTRIBUTE, FUNCTION, NODE, OPERATOR_SET } from './schema.ts';

/** Calls in calls can make exponentially many nodes; real networks stay far below. */
const MOST_NODES = 500_000;
const DEEPEST = 64;

interface FunctionBody {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly defaults: ReadonlyMap<string, Attribute>;
  readonly nodes: readonly Inner[];
  /** Version of the default operator set that the body is written in, or null where it names none. */
  readonly opset: number | null;
  readonly inlineable: boolean;
}

interface Inner {
  readonly node: Node;
  /** Key of the function it calls, if it calls one. */
  readonly key: string;
  /** Attribute -> attribute of the call whose value it takes. */
  readonly references: ReadonlyMap<string, string>;
}

export interface Inlined {
  readonly nodes: readonly Node[];
  /** Nodes that came out of a function written in another version of the default operator set. */
  readonly opsets: ReadonlyMap<Node, number>;
  /** Functions that are still called, in the file's encoding. */
  readonly functions: readonly Uint8Array[];
}

/**
 * Replaces calls by the nodes of the functions, down to `newest`, the operator set of the graph. Throws MalformedError on
 * functions that call themselves or blow up.
 */
export function inlineFunctions(
  nodes: readonly Node[],
  functions: readonly Uint8Array[],
  newest: number,
  files: ExternalFiles,
): Inlined {
  if (functions.length === 0) return { nodes, opsets: new Map(), functions };
  const bodies = new Map(functions.map((bytes) => decodeFunction(bytes, newest, files)));
  const flat: Node[] = [];
  const opsets = new Map<Node, number>();
  let expanded = 0;
  let kept = false;

  const expand = ({ node, key }: Pick<Inner, 'node' | 'key'>, opset: number | null, depth: number): void => {
    if (depth > DEEPEST)
      throw new MalformedError(`function '${node.op}' calls itself, or calls nest more than ${DEEPEST} deep`);
    if (++expanded > MOST_NODES) throw new MalformedError(`functions make more than ${MOST_NODES} nodes`);
    const body = bodies.get(key);
    if (body === undefined || !body.inlineable) {
      kept ||= body !== undefined || hasBodies(node);
      flat.push(node);
      if (opset !== null) opsets.set(node, opset);
      return;
    }
    const call = expanded;
    for (const inner of body.nodes) {
      expand({ node: instantiate(inner, body, node, call), key: inner.key }, body.opset, depth + 1);
    }
  };
  for (const node of nodes) expand({ node, key: keyOf(node) }, null, 0);
  return { nodes: flat, opsets, functions: kept ? functions : [] };
}

/** A body's node as one call makes it: names made unique, references to the call's attributes filled in. */
function instantiate({ node, references }: Inner, body: FunctionBody, call: Node, number: number): Node {
  const prefix = `${call.name === '' ? call.op : call.name}#${number}/`;
  const rename = (name: string): string => {
    if (name === '') return '';
    const input = body.inputs.indexOf(name);
    if (input >= 0) return call.inputs[input] ?? '';
    const output = body.outputs.indexOf(name);
    const outer = output < 0 ? undefined : call.outputs[output];
    return outer === undefined || outer === '' ? prefix + name : outer;
  };
  const attributes = Object.entries(node.attributes).flatMap(([name, attribute]): [string, Attribute][] => {
    const reference = references.get(name);
    if (reference === undefined) return [[name, attribute]];
    const given = Object.hasOwn(call.attributes, reference) ? call.attributes[reference] : undefined;
    const value = given ?? body.defaults.get(reference);
    return value === undefined ? [] : [[name, value]];
  });
  const scope = node.scope ?? call.scope;
  return {
    op: node.op,
    domain: node.domain,
    name: node.name === '' ? '' : prefix + node.name,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes: Object.fromEntries(attributes),
    ...(scope === undefined ? {} : { scope }),
  };
}

function decodeFunction(bytes: Uint8Array, newest: number, files: ExternalFiles): [string, FunctionBody] {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const defaults = new Map<string, Attribute>();
  const nodes: Inner[] = [];
  let [name, domain, overload] = ['', '', ''];
  let opset: number | null = null;
  const reader = new WireReader(bytes);
  while (reader.next()) {
    if (reader.field === FUNCTION.name) name = reader.string();
    else if (reader.field === FUNCTION.domain) domain = reader.string();
    else if (reader.field === FUNCTION.overload) overload = reader.string();
    else if (reader.field === FUNCTION.input) inputs.push(reader.string());
    else if (reader.field === FUNCTION.output) outputs.push(reader.string());
    else if (reader.field === FUNCTION.opsetImport) {
      const set = decodeOperatorSet(reader.bytes());
      if (set.domain === '') opset = set.version;
    } else if (reader.field === FUNCTION.attributeDefault) {
      const decoded = decodeAttribute(reader.bytes(), files);
      defaults.set(decoded.name, decoded.attribute);
    } else if (reader.field === FUNCTION.node) {
      const message = reader.bytes();
      const node = decodeNode(message, files);
      nodes.push({ node, key: keyOf(node), references: referencesOf(message) });
    } else reader.skip();
  }
  const passesThrough = outputs.some((output) => inputs.includes(output));
  const nested = nodes.some(({ node }) => hasBodies(node));
  const inlineable = !passesThrough && !nested && (opset === null || opset <= newest);
  return [`${domain}:${name}:${overload}`, { inputs, outputs, defaults, nodes, opset, inlineable }];
}

function hasBodies(node: Node): boolean {
  return Object.values(node.attributes).some((value) => value.kind === 'opaque' && bodiesOf(value.value).length > 0);
}

function keyOf(node: Node): string {
  const overload = node.verbatim === undefined ? '' : firstString(node.verbatim, NODE.overload);
  return `${node.domain}:${node.op}:${overload}`;
}

function referencesOf(node: Uint8Array): Map<string, string> {
  const references = new Map<string, string>();
  const reader = new WireReader(node);
  while (reader.next()) {
    if (reader.field !== NODE.attribute) {
      reader.skip();
      continue;
    }
    const attribute = reader.bytes();
    const reference = firstString(attribute, ATTRIBUTE.reference);
    if (reference !== '') references.set(firstString(attribute, ATTRIBUTE.name), reference);
  }
  return references;
}

/** Domain and version of an OperatorSetIdProto; ONNX's own domain has two spellings. */
export function decodeOperatorSet(bytes: Uint8Array): { domain: string; version: number } {
  const reader = new WireReader(bytes);
  let domain = '';
  let version = 0;
  while (reader.next()) {
    if (reader.field === OPERATOR_SET.domain) domain = reader.string();
    else if (reader.field === OPERATOR_SET.version) version = reader.integer();
    else reader.skip();
  }
  return { domain: domain === 'ai.onnx' ? '' : domain, version };
}
