// The gradient of one class's logit enters the network as a one-hot row times the weights of the last layer. That is a row
// of the weights: to take it costs nothing, where the product reads every weight.
import { floatOf, int, intOf, ints } from '../attributes.ts';
import { prune } from '../cut.ts';
import type { Constant, Graph, Node } from '../graph.ts';
import { numbersOf } from '../tensor.ts';

/** The graph with products of one-hot rows [batch, classes] and known weights as rows, or columns, taken out of the weights. */
export function oneHotRows(graph: Graph): Graph {
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  let changed = false;
  const nodes = graph.nodes.flatMap((node) => {
    const rows = rowsOf(node, producers, graph.constants);
    changed ||= rows !== null;
    return rows ?? [node];
  });
  if (!changed) return graph;
  return prune(
    { ...graph, nodes },
    graph.outputs.map((port) => port.name),
  );
}

function rowsOf(node: Node, producers: ReadonlyMap<string, Node>, constants: Graph['constants']): Node[] | null {
  const [left = '', weights = '', bias = ''] = node.inputs;
  const isPlain = node.op === 'MatMul' || (node.op === 'Gemm' && bias === '' && intOf(node, 'transA', 0) === 0 && floatOf(node, 'alpha', 1) === 1); // prettier-ignore
  const shape = constants.get(weights)?.shape;
  if (node.domain !== '' || !isPlain || shape?.length !== 2) return null;
  const turned = node.op === 'Gemm' && intOf(node, 'transB', 0) === 1;
  const index = indexOf(left, turned ? shape[1]! : shape[0]!, producers, constants);
  if (index === null) return null;
  const [output = ''] = node.outputs;
  const gather = (name: string): Node => made('Gather', [weights, index], name, { axis: int(turned ? 1 : 0) });
  if (!turned) return [gather(output)];
  return [gather(`${output}/columns`), made('Transpose', [`${output}/columns`], output, { perm: ints([1, 0]) })];
}

/** The indices [batch] that a value is one-hot of, as the tracer writes it: equal to the numbers from 0 on, as numbers. */
function indexOf(
  value: string,
  classes: number,
  producers: ReadonlyMap<string, Node>,
  constants: Graph['constants'],
): string | null {
  let node = producers.get(value);
  while (node?.op === 'Cast') node = producers.get(node.inputs[0]!);
  if (node?.op !== 'Equal') return null;
  const [column = '', range = ''] = node.inputs;
  const reshape = producers.get(column);
  const isColumn = reshape?.op === 'Reshape' && constants.get(reshape.inputs[1]!)?.shape.join() === '2';
  return isColumn && countsUp(constants.get(range), classes) ? reshape.inputs[0]! : null;
}

function countsUp(constant: Constant | undefined, count: number): boolean {
  if (constant?.shape.length !== 1 || constant.shape[0] !== count) return false;
  return Array.from(numbersOf(constant), Number).every((number, index) => number === index);
}

const made = (op: string, inputs: readonly string[], output: string, attributes: Node['attributes']): Node => ({
  op,
  domain: '',
  name: output,
  inputs,
  outputs: [output],
  attributes,
});
