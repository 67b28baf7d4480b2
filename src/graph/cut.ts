// Parts of a graph: what follows the target layer (tail), what it needs from before (head), what any output needs (prune).
import { GradcamError } from '../lib/errors.ts';
import type { Graph, Node, Port } from './graph.ts';

export interface GraphCut {
  /** Nodes that the frontier, and outputs the tail does not reach, need; in the graph's order. */
  readonly head: readonly Node[];
  /** Nodes that depend on a tapped value and that an output needs; in the graph's order. */
  readonly tail: readonly Node[];
  /**
   * What passes from head to tail: the tapped values, then everything else that the tail reads and does not produce, in the
   * order it is first read. Graph inputs are among them, constants are not.
   */
  readonly frontier: readonly string[];
}

/** Values that a node reads, those inside its bodies included, absent optional ones excluded. */
export function readsOf(node: Node): readonly string[] {
  const names = node.captures === undefined ? node.inputs : [...node.inputs, ...node.captures];
  return names.includes('') ? names.filter((name) => name !== '') : names;
}

/**
 * Splits the graph at the values `at`. The node that produces a tapped value is in the head, unless it depends on another
 * tapped value and an output needs it. Linear in the size of the graph.
 * Throws a GradcamError when a name is no value of the graph.
 */
export function cutGraph(graph: Graph, at: readonly string[], outputs: readonly string[]): GraphCut {
  requireValues(graph, [...at, ...outputs]);
  const dependent = new Set(at);
  const downstream = graph.nodes.filter((node) => {
    const depends = readsOf(node).some((name) => dependent.has(name));
    if (depends) for (const name of node.outputs) dependent.add(name);
    return depends;
  });
  const tail = neededNodes(downstream, outputs);

  const produced = new Set(tail.flatMap((node) => node.outputs));
  const read = [...at, ...tail.flatMap(readsOf)];
  const frontier = [...new Set(read)].filter((name) => !produced.has(name) && !graph.constants.has(name));
  const inTail = new Set(tail);
  const head = neededNodes(
    graph.nodes.filter((node) => !inTail.has(node)),
    [...frontier, ...outputs],
  );
  return { head, tail, frontier };
}

/**
 * The graph reduced to what `outputs` need: nodes, constants, inner types. Inputs all stay, so that callers feed it as
 * before. Ports of the outputs take their types from the graph.
 * Throws a GradcamError when an output is no value of the graph, or one whose type is not known (see inferTypes).
 */
export function prune(graph: Graph, outputs: readonly string[]): Graph {
  requireValues(graph, outputs);
  const nodes = neededNodes(graph.nodes, outputs);
  const used = new Set([...outputs, ...nodes.flatMap(readsOf), ...nodes.flatMap((node) => node.outputs)]);
  return {
    ...graph,
    outputs: portsOf(graph, outputs),
    nodes,
    constants: new Map([...graph.constants].filter(([name]) => used.has(name))),
    types: new Map([...graph.types].filter(([name]) => used.has(name))),
  };
}

/** Those of `nodes` that `values` need, in order. What no node here produces is taken as given. */
function neededNodes(nodes: readonly Node[], values: readonly string[]): Node[] {
  const needed = new Set(values);
  const kept: Node[] = [];
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index];
    if (node === undefined || !node.outputs.some((name) => name !== '' && needed.has(name))) continue;
    for (const name of readsOf(node)) needed.add(name);
    kept.push(node);
  }
  return kept.reverse();
}

function portsOf(graph: Graph, names: readonly string[]): Port[] {
  const ports = new Map([...graph.inputs, ...graph.outputs].map((port) => [port.name, port.type]));
  return names.map((name) => {
    const type = ports.get(name) ?? graph.types.get(name) ?? graph.constants.get(name);
    if (type !== undefined) return { name, type: { dtype: type.dtype, shape: type.shape } };
    throw new GradcamError({
      code: 'unknown-type',
      what: `Value '${name}' cannot be an output of the graph: its element type is not known.`,
      exitCode: 2,
    });
  });
}

function requireValues(graph: Graph, names: readonly string[]): void {
  const known = new Set([
    ...graph.inputs.map((port) => port.name),
    ...graph.constants.keys(),
    ...graph.nodes.flatMap((node) => node.outputs),
  ]);
  for (const name of names) {
    if (name !== '' && known.has(name)) continue;
    throw new GradcamError({
      code: 'unknown-value',
      what: `The graph has no value '${name}'.`,
      found: `${graph.nodes.length} nodes, none of which produces it`,
    });
  }
}
