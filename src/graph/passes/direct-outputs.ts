// Outputs that an Identity node gives their name are made under that name instead: nothing is copied. For graphs whose
// inner names nobody knows; thousands of parameters are outputs of a recorded training step. The order matters, too: ONNX
// Runtime goes back from the nodes that nobody reads, the last one first. With the logits' copy out of the way that is the
// map, and what its gradient needs of a layer is computed while the layer's values are still in the cache.
import type { Graph } from '../graph.ts';

/** The graph without Identity nodes between a node's result and an output. A result that is several outputs is copied for the others. */
export function directOutputs(graph: Graph): Graph {
  const outputs = new Set(graph.outputs.map((port) => port.name));
  const produced = new Set(graph.nodes.flatMap((node) => node.outputs));
  const renamed = new Map<string, string>();
  const kept = graph.nodes.filter((node) => {
    const [source = ''] = node.inputs;
    const [output = ''] = node.outputs;
    const isCopy = node.op === 'Identity' && outputs.has(output) && produced.has(source);
    if (!isCopy || outputs.has(source) || renamed.has(source)) return true;
    renamed.set(source, output);
    return false;
  });
  const now = (name: string): string => renamed.get(name) ?? name;
  const nodes = kept.map((node) => ({ ...node, inputs: node.inputs.map(now), outputs: node.outputs.map(now) }));
  const types = new Map([...graph.types].filter(([name]) => !renamed.has(name)));
  return { ...graph, nodes, types };
}
