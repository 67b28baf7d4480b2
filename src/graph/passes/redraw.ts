// A network with some of its weights drawn anew: what maps of a network look like that has learnt nothing there. Adebayo et
// al. 2018, "Sanity Checks for Saliency Maps", arXiv 1810.03292 (cascading randomisation).
import { Random } from '../../lib/random.ts';
import type { Constant, Graph, Node } from '../graph.ts';
import { constantOf, numbersOf, sizeOf } from '../tensor.ts';

/** Operators whose constants are weights. */
const WEIGHTED = new Set([
  'Conv',
  'ConvTranspose',
  'Gemm',
  'MatMul',
  'FusedMatMul',
  'FusedConv',
  'BatchNormalization',
  'LayerNormalization',
  'InstanceNormalization',
  'GroupNormalization',
  'LSTM',
  'GRU',
]);
/** Whose constants are weights (biases, scales, embeddings) from the first weighted operator on; before it they are pixels' means. */
const AFTER = new Set(['Add', 'Mul', 'PRelu']);
const FLOATS = new Set(['float32', 'float64', 'float16', 'bfloat16']);

/** A node and the names of the constants that are its weights. */
export interface WeightedNode {
  readonly node: Node;
  readonly weights: readonly string[];
}

/** Nodes with weights of their own, from the head down. A constant that several nodes read belongs to the first from the head. */
export function weightedNodes(graph: Graph): WeightedNode[] {
  const first = graph.nodes.findIndex(({ op }) => WEIGHTED.has(op));
  const taken = new Set<string>();
  const found: WeightedNode[] = [];
  for (let index = graph.nodes.length - 1; index >= 0; index--) {
    const node = graph.nodes[index]!;
    if (!WEIGHTED.has(node.op) && !(AFTER.has(node.op) && index > first)) continue;
    const weights = node.inputs.filter((name) => isWeight(graph.constants.get(name)) && !taken.has(name));
    for (const name of weights) taken.add(name);
    if (weights.length > 0) found.push({ node, weights: [...new Set(weights)] });
  }
  return found;
}

function isWeight(constant: Constant | undefined): boolean {
  return constant !== undefined && FLOATS.has(constant.dtype) && sizeOf(constant.shape) > 1;
}

/**
 * The graph with these constants drawn anew: matrices and filters from a normal distribution around 0 with their own standard
 * deviation, so that values stay of the size that the network is built for; biases and parameters of normalisations (one
 * dimension) in random order, so that variances stay positive. A constant comes out the same whichever others are named.
 */
export function redraw(graph: Graph, names: readonly string[], seed: number): Graph {
  const constants = new Map(graph.constants);
  for (const name of names) {
    const constant = graph.constants.get(name);
    if (constant !== undefined) constants.set(name, redrawn(constant, Random.of(seed, 'redraw', name)));
  }
  return { ...graph, constants };
}

function redrawn(constant: Constant, random: Random): Constant {
  const { dtype, shape } = constant;
  const values = Array.from(numbersOf(constant));
  if (shape.filter((dim) => dim > 1).length < 2) return constantOf(dtype, shape, random.shuffled(values));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return constantOf(
    dtype,
    shape,
    values.map(() => deviation * random.normal()),
  );
}
