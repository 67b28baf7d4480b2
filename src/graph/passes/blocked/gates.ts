// The gradient of a gate y = h * s, s = sigmoid(z), by its z: (sum over places of d * h) * (s * (1 - s)), with d the gradient of
// y. It is (sum over places of d * y) * (1 - s): one product less a gate, and y is there.
import { changed } from '../../changed.ts';
import { prune } from '../../cut.ts';
import type { Graph, Node } from '../../graph.ts';
import { GraphView } from './view.ts';

/** The graph with the gradients of its gates written so. Its types must be known. */
export function gateGradients(graph: Graph, block: number): Graph {
  const view = new GraphView(graph, block);
  const places = new Map(graph.nodes.map((node, place) => [node, place] as const));
  const replaced = new Map<Node, Node>();
  for (const node of graph.nodes) {
    const found = node.op === 'Mul' ? gradientOf(view, node) : null;
    if (found === null || places.get(found.gated)! > places.get(found.product)!) continue;
    const { sum, product, gradient, rest, gated } = found;
    replaced.set(product, changed(product, { inputs: [gradient, gated.outputs[0]!] }));
    replaced.set(node, changed(node, { inputs: [sum, rest] }));
  }
  if (replaced.size === 0) return graph;
  const nodes = graph.nodes.map((node) => replaced.get(node) ?? node);
  return prune(
    { ...graph, nodes },
    graph.outputs.map((port) => port.name),
  );
}

interface Gradient {
  /** The sum over places, and the product that it sums up. */
  readonly sum: string;
  readonly product: Node;
  /** d, and 1 - s. */
  readonly gradient: string;
  readonly rest: string;
  /** The node that gives y. */
  readonly gated: Node;
}

function gradientOf(view: GraphView, node: Node): Gradient | null {
  for (const [sum, slope] of [node.inputs, [...node.inputs].reverse()] as [string, string][]) {
    const [s, rest] = view.sigmoidSlope(slope) ?? [];
    const product = view.producerOf(view.producerOf(sum)?.inputs[0] ?? '');
    if (s === undefined || rest === undefined || product === undefined) continue;
    if (view.onlyReaderOf(sum) !== node || !view.isFactorOfSum(product)) continue;
    const isByPlane = view.reducedOver(view.producerOf(sum)!) === 'places' && view.hasShape(sum, view.shapeOf(s) ?? []);
    if (!isByPlane) continue;
    for (const [gradient, map] of [product.inputs, [...product.inputs].reverse()] as [string, string][]) {
      const gated = view.readersOf(map).find((reader) => view.isGate(reader) && view.planeOperand(reader) === s);
      if (gated !== undefined) return { sum, product, gradient, rest, gated };
    }
  }
  return null;
}
