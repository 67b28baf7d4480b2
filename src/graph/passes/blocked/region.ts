// Which values are kept in blocked layout: what the convolutions or products that ONNX Runtime is slow at read and give, and
// whatever becomes of it, or leads to it, place by place. It ends where another operator reads or gives.
import type { Node } from '../../graph.ts';
import type { GraphView } from './view.ts';

/** Names of the values to keep blocked, around convolutions of one filter a channel whose filters are learnt. */
export function aroundLearntFilters(view: GraphView): ReadonlySet<string> {
  const seeds = view.graph.nodes
    .filter((node) => view.isDepthwise(node) && !view.isAffine(node))
    .flatMap((node) => [...node.inputs.slice(0, 2).map((name) => view.unmerged(name) ?? name), node.outputs[0]!]);
  return grown(view, seeds, (node) => view.placewise(node));
}

/** Names of the values to keep blocked, around some nodes; convolutions with known filters are part of the region. */
export function around(view: GraphView, nodes: readonly Node[]): ReadonlySet<string> {
  const seeds = nodes.flatMap(({ op, inputs, outputs }) => [
    ...(op === 'Conv' ? inputs.slice(0, 1) : inputs),
    ...outputs,
  ]);
  return grown(view, seeds, (node) => {
    if (view.isFirst(node)) return [];
    return view.isKnownConvolution(node) || view.isMaxPool(node) ? [node.inputs[0]!] : view.placewise(node);
  });
}

/** `operandsOf` tells which of what a node reads lies as its result does; null where a region ends at the node. */
function grown(
  view: GraphView,
  seeds: readonly string[],
  operandsOf: (node: Node) => readonly string[] | null,
): ReadonlySet<string> {
  const region = new Set<string>();
  const waiting: string[] = [];
  const add = (name: string): void => {
    if (region.has(name) || view.mapShape(name) === null) return;
    region.add(name);
    waiting.push(name);
  };
  seeds.forEach(add);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    for (const node of [view.producerOf(name), ...view.readersOf(name)]) {
      const operands = node === undefined ? null : operandsOf(node);
      if (operands === null) continue;
      const [output] = node!.outputs;
      // A reader of the name for a bound or a mask, say, is no neighbour.
      if (output !== name && !operands.includes(name)) continue;
      for (const neighbour of [output!, ...operands]) add(neighbour);
    }
  }
  return region;
}
