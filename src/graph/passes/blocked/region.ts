// Which values are kept in blocked layout: what convolutions of one filter a channel read and give, and whatever becomes of
// it, or leads to it, place by place. It ends where another operator reads or gives.
import type { GraphView } from './view.ts';

/** Names of the values to keep blocked; empty where nothing gains by it. */
export function blockedRegion(view: GraphView): ReadonlySet<string> {
  const region = new Set<string>();
  const waiting: string[] = [];
  const add = (name: string): void => {
    if (region.has(name) || view.mapShape(name) === null) return;
    region.add(name);
    waiting.push(name);
  };
  for (const node of view.graph.nodes) {
    if (!view.isDepthwise(node) || view.isAffine(node)) continue;
    for (const name of [node.inputs[0]!, node.inputs[1]!]) add(view.unmerged(name) ?? name);
    add(node.outputs[0]!);
  }
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    for (const node of [view.producerOf(name), ...view.readersOf(name)]) {
      const operands = node === undefined ? null : view.placewise(node);
      if (operands === null) continue;
      const [output] = node!.outputs;
      // A reader of the name for a bound or a mask, say, is no neighbour.
      if (output !== name && !operands.includes(name)) continue;
      for (const neighbour of [output!, ...operands]) add(neighbour);
    }
  }
  return region;
}
