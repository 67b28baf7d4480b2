// A network as a run that other commands take as it is: model.onnx, and run.json beside it.
import { join } from 'node:path';
import { infer } from '../graph/infer.ts';
import type { Graph, Node, Port } from '../graph/graph.ts';
import { writeFileAtomic } from '../lib/files.ts';
import { saveModel } from '../onnx/save.ts';

export const MODEL_FILE = 'model.onnx';
export const RUN_FILE = 'run.json';

/** Writes the network, then what is said about it. */
export async function publish(folder: string, graph: Graph, run: Readonly<Record<string, unknown>>): Promise<void> {
  await saveModel(graph, join(folder, MODEL_FILE));
  await describeRun(folder, run);
}

async function describeRun(folder: string, run: Readonly<Record<string, unknown>>): Promise<void> {
  await writeFileAtomic(join(folder, RUN_FILE), `${JSON.stringify(run, null, 1)}\n`);
}

/**
 * The inference graph for any number of pictures at a time. Where something in it depends on the batch that it was made for,
 * it stays as it is.
 */
export function forAnyBatch(graph: Graph): Graph {
  const open = (port: Port): Port => {
    const { dtype, shape } = port.type;
    return { ...port, type: { dtype, shape: shape === null ? null : [null, ...shape.slice(1)] } };
  };
  const { graph: opened, problems } = infer({
    ...graph,
    types: new Map(),
    inputs: graph.inputs.map(open),
    outputs: graph.outputs.map(open),
  });
  const isOpen = problems.length === 0 && opened.outputs.every(({ type }) => type.shape?.[0] === null);
  return isOpen ? opened : graph;
}

/** Probabilities of several classes a picture as the output: that the logits go through sigmoids is then read off the file. */
export function withSigmoid(graph: Graph): Graph {
  const nodes: Node[] = graph.outputs.map(({ name }) => ({
    op: 'Sigmoid',
    domain: '',
    name: `${name}/sigmoid`,
    inputs: [name],
    outputs: [`${name}/sigmoid`],
    attributes: {},
  }));
  const types = new Map(graph.types);
  for (const { name, type } of graph.outputs) types.set(name, type);
  const outputs = graph.outputs.map(({ name, type }) => ({ name: `${name}/sigmoid`, type }));
  return { ...graph, nodes: [...graph.nodes, ...nodes], outputs, types };
}
