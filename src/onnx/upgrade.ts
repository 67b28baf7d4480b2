// A graph of any operator set in, one of operator set 18 or later out, so that everything after has one form of each
// operator to know. Nodes that did not change keep their bytes; bodies of If, Loop and Scan are upgraded too.
import { changed } from '../graph/changed.ts';
import type { Attribute, Constant, Graph, Node, TensorType } from '../graph/graph.ts';
import { TypeFlow } from '../graph/infer.ts';
import { writeNode, writeTensor } from './encode.ts';
import type { ExternalFiles } from './external.ts';
import { bodiesOf, decodeNode } from './nodes.ts';
import { WireReader, WireWriter } from './protobuf.ts';
import { ATTRIBUTE, GRAPH } from './schema.ts';
import { type UpgradeContext, UPGRADES } from './upgrade-rules.ts';

/** Graphs are at least of this operator set. */
export const OLDEST_OPSET = 18;

/**
 * `opsets`: nodes of another operator set than the graph's, from functions. `files`: for the tensors in bodies.
 * Throws MalformedError on forms that no newer operator has.
 */
export function upgradeGraph(graph: Graph, opsets: ReadonlyMap<Node, number>, files: ExternalFiles): Graph {
  if (graph.opset >= OLDEST_OPSET && opsets.size === 0) return graph;
  const names = new FreshNames(graph);
  const constants = new Map(graph.constants);
  const flow = new TypeFlow(graph, {});
  const typeOf = (name: string): TensorType | undefined => flow.typeOf(name);
  const define = (name: string, constant: Constant): void => {
    constants.set(name, constant);
    flow.define(name, constant);
  };
  const nodes = graph.nodes.flatMap((node) => {
    const made = upgradeNode(node, { opset: opsets.get(node) ?? graph.opset, names, define, typeOf, files });
    for (const each of made) flow.visit(each);
    return made;
  });
  return { ...graph, opset: Math.max(graph.opset, OLDEST_OPSET), constants, nodes };
}

interface Scope {
  readonly opset: number;
  readonly names: FreshNames;
  /** Takes the constants that rules make. */
  readonly define: (name: string, constant: Constant) => void;
  readonly typeOf: (name: string) => TensorType | undefined;
  readonly files: ExternalFiles;
}

/** The node, after others that it now needs; the very same node where nothing changed. */
function upgradeNode(node: Node, scope: Scope): Node[] {
  if (scope.opset >= OLDEST_OPSET) return [node];
  const earlier: Node[] = [];
  const context: UpgradeContext = {
    typeOf: scope.typeOf,
    constant: (constant) => {
      const name = scope.names.next();
      scope.define(name, constant);
      return name;
    },
    before: (op, inputs, attributes = {}) => {
      const output = scope.names.next();
      const origin = node.scope === undefined ? {} : { scope: node.scope };
      earlier.push({ op, domain: '', name: '', inputs, outputs: [output], attributes, ...origin });
      return output;
    },
  };
  let current = withUpgradedBodies(node, scope);
  for (const { since, ops, apply } of UPGRADES) {
    const concerns = current.domain === '' && (ops === 'all' || ops.includes(current.op));
    if (concerns && scope.opset < since) current = apply(current, context);
  }
  return [...earlier, current];
}

function withUpgradedBodies(node: Node, scope: Scope): Node {
  const attributes = Object.entries(node.attributes).map(([name, attribute]): [string, Attribute] => {
    const hasBodies = attribute.kind === 'opaque' && bodiesOf(attribute.value).length > 0;
    return [name, hasBodies ? { kind: 'opaque', value: upgradeAttribute(attribute.value, scope) } : attribute];
  });
  if (attributes.every(([name, attribute]) => node.attributes[name] === attribute)) return node;
  return changed(node, { attributes: Object.fromEntries(attributes) });
}

function upgradeAttribute(bytes: Uint8Array, scope: Scope): Uint8Array {
  const writer = new WireWriter();
  const reader = new WireReader(bytes);
  while (reader.next()) {
    if (reader.field === ATTRIBUTE.graph || reader.field === ATTRIBUTE.graphs) {
      const field = reader.field;
      writer.message(field, upgradeBody(reader.bytes(), scope));
    } else writer.append(reader.whole());
  }
  return writer.finish();
}

/** A GraphProto with its nodes upgraded, everything else as it is. Types of inner values are not looked at. */
function upgradeBody(body: Uint8Array, outer: Scope): WireWriter {
  const constants = new Map<string, Constant>();
  const scope: Scope = { ...outer, define: (name, constant) => constants.set(name, constant) };
  const writer = new WireWriter();
  const reader = new WireReader(body);
  while (reader.next()) {
    if (reader.field !== GRAPH.node) {
      writer.append(reader.whole());
      continue;
    }
    for (const node of upgradeNode(decodeNode(reader.bytes(), scope.files), scope)) {
      if (node.verbatim) writer.bytes(GRAPH.node, node.verbatim);
      else writer.nested(GRAPH.node, () => writeNode(writer, node));
    }
  }
  for (const [name, constant] of constants) writer.nested(GRAPH.initializer, () => writeTensor(writer, constant, name));
  return writer;
}

/** Names that no value of the graph has; bodies share the counter, since they see the graph's values. */
class FreshNames {
  private readonly prefix: string;
  private count = 0;

  constructor(graph: Graph) {
    const names = [...graph.constants.keys(), ...graph.inputs.map((port) => port.name)];
    for (const node of graph.nodes) names.push(...node.outputs);
    let prefix = 'upgraded/';
    while (names.some((name) => name.startsWith(prefix))) prefix = `_${prefix}`;
    this.prefix = prefix;
  }

  next(): string {
    return `${this.prefix}${this.count++}`;
  }
}
