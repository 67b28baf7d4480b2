// What a constant is to the node that reads it: a weight that is learnt, a running statistic, or neither.
import { readsOf } from '../graph/cut.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { sizeOf } from '../graph/tensor.ts';

export type Role = 'parameter' | 'state';

/** Inputs that are weights wherever they are constants, by operator. */
const WEIGHTS: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [0, 1, 2],
  MatMul: [0, 1],
  BatchNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
  GroupNormalization: [1, 2],
  RMSNormalization: [1],
  PRelu: [1],
};
const STATE: Readonly<Record<string, readonly number[]>> = { BatchNormalization: [3, 4] };
/** Operators that rearrange or rescale a weight before it is used. */
const PASSING = new Set([
  'Transpose',
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Identity',
  'Cast',
  'Div',
  'ReduceL2',
]);
/** Operators by which a network adds to its maps or scales them: biases, layer scales, position embeddings. */
const LEARNT = new Set(['Add', 'Sub', 'Mul']);
/** Operators that put learnt tokens into a sequence. */
const JOINED = new Set(['Concat', 'Expand']);
/** Names that exporters and our tracer make up for numbers that belong to no module. */
const MADE_UP = /^(v\d+|\d+|onnx::.*|val_\d+|.*\/Constant(_\d+)?_output_\d+|grad\/.*|model\/.*)$/;

/**
 * Roles of the constants that `nodes` read, floats only. `inputs` are the values that the nodes are fed. What stands before
 * the first weight (a mean taken off the picture) is no weight.
 */
export function rolesOf(graph: Graph, nodes: readonly Node[], inputs: ReadonlySet<string>): Map<string, Role> {
  const roles = new Map<string, Role>();
  const sources = sourcesOf(graph, nodes);
  /** Values computed from the inputs with at least one weight on the way. */
  const weighed = new Set<string>();
  const computed = new Set(inputs);
  const learn = (name: string, role: Role): void => {
    for (const source of sources.get(name) ?? []) roles.set(source, role);
  };
  for (const node of nodes) {
    const fixed = STATE[node.op] ?? [];
    for (const index of WEIGHTS[node.op] ?? []) learn(node.inputs[index] ?? '', 'parameter');
    for (const index of fixed) learn(node.inputs[index] ?? '', 'state');
    const depends = readsOf(node).some((name) => computed.has(name));
    const isWeighed = readsOf(node).some((name) => weighed.has(name)) || (depends && node.op in WEIGHTS);
    if (depends) for (const name of node.outputs) computed.add(name);
    if (isWeighed) for (const name of node.outputs) weighed.add(name);
    const named = (name: string): boolean => !MADE_UP.test(name);
    if (LEARNT.has(node.op) && isWeighed)
      for (const name of node.inputs)
        if (isLearntOperand(graph, name) && (named(name) || isBias(graph, nodes, node, name))) learn(name, 'parameter');
    if (JOINED.has(node.op)) for (const name of node.inputs) if (named(name)) learn(name, 'parameter');
  }
  return roles;
}

/** Constants behind every value that is nothing but rearranged constants; constants themselves included. */
function sourcesOf(graph: Graph, nodes: readonly Node[]): Map<string, readonly string[]> {
  const sources = new Map<string, readonly string[]>();
  for (const [name, { dtype }] of graph.constants) sources.set(name, dtype.includes('float') ? [name] : []);
  for (const node of nodes) {
    if (!PASSING.has(node.op)) continue;
    const [first = ''] = node.inputs;
    const known = sources.get(first);
    if (known !== undefined) for (const name of node.outputs) sources.set(name, known);
  }
  return sources;
}

const isLearntOperand = (graph: Graph, name: string): boolean => {
  const constant = graph.constants.get(name);
  return constant !== undefined && constant.dtype.includes('float') && sizeOf(constant.shape) > 1;
};

/** A vector added to a product. */
function isBias(graph: Graph, nodes: readonly Node[], node: Node, name: string): boolean {
  if (node.op !== 'Add' || graph.constants.get(name)?.shape.length !== 1) return false;
  const producer = nodes.find(({ outputs }) => outputs.some((output) => node.inputs.includes(output)));
  return producer?.op === 'MatMul' || producer?.op === 'Conv';
}
