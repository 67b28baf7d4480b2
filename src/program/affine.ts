// Whether the tail is an affine map of the feature maps, and whether it pools them first: then some methods have a closed form.
import type { GraphCut } from '../graph/cut.ts';
import { readsOf } from '../graph/cut.ts';
import type { Graph, Node } from '../graph/graph.ts';
import type { Layer } from '../model/model.ts';

/** Linear in their first input, whatever their other inputs are, as long as those are not of the tail. */
const LINEAR_IN_FIRST = new Set([
  'AveragePool',
  'BatchNormalization',
  'Cast',
  'Conv',
  'ConvTranspose',
  'Div',
  'Dropout',
  'Flatten',
  'Gather',
  'GlobalAveragePool',
  'Identity',
  'Neg',
  'Pad',
  'ReduceMean',
  'ReduceSum',
  'Reshape',
  'Slice',
  'Split',
  'Squeeze',
  'Transpose',
  'Unsqueeze',
]);
/** Linear where at most one input is of the tail. */
const PRODUCTS = new Set(['Mul', 'MatMul', 'Gemm']);
/** Linear in all inputs together. */
const SUMS = new Set(['Add', 'Sub', 'Sum', 'Mean', 'Concat']);
/** Act on each cell alike, channel by channel: may stand before the pooling of a class activation map. */
const CELLWISE = new Set([
  'Identity',
  'Dropout',
  'Cast',
  'BatchNormalization',
  'Transpose',
  'Add',
  'Sub',
  'Mul',
  'Div',
]);

export interface TailShape {
  /** Logits are affine in the layer's values. */
  readonly affine: boolean;
  /** Affine, and the first thing done to the cells is their mean (or sum). */
  readonly pooled: boolean;
}

/** Looks at operators only: `false` may mean that they are not known here. */
export function tailShape(graph: Graph, cut: GraphCut, layer: Layer): TailShape {
  const ofTail = new Set([layer.value, ...cut.tail.flatMap((node) => node.outputs)]);
  const affine = cut.tail.every((node) => isAffine(node, ofTail));
  return { affine, pooled: affine && isPooled(graph, cut, layer) };
}

function isAffine(node: Node, ofTail: ReadonlySet<string>): boolean {
  if (node.domain !== '') return false;
  const variable = node.inputs.filter((name) => ofTail.has(name)).length;
  if (SUMS.has(node.op)) return true;
  if (PRODUCTS.has(node.op)) return variable === 1;
  return LINEAR_IN_FIRST.has(node.op) && variable === 1 && ofTail.has(node.inputs[0] ?? '');
}

function isPooled(graph: Graph, cut: GraphCut, layer: Layer): boolean {
  const spread = new Set([layer.value]); // values that still have cells
  const cells = layer.shape[0] * layer.shape[1];
  for (const node of cut.tail) {
    if (!readsOf(node).some((name) => spread.has(name))) continue;
    if (poolsAll(graph, node, cells, layer)) continue;
    if (!CELLWISE.has(node.op)) return false;
    for (const name of node.outputs) spread.add(name);
  }
  return true;
}

/** Whether a node takes the mean or sum over all cells: its output has as many elements as the layer has channels. */
function poolsAll(graph: Graph, node: Node, cells: number, { shape: [, , channels] }: Layer): boolean {
  const output = graph.types.get(node.outputs[0] ?? '')?.shape;
  if (output === null || output === undefined) return false;
  const size = output.slice(1).reduce<number>((product, dim) => product * (dim ?? 1), 1);
  if (size !== channels || cells === 1) return false;
  return ['GlobalAveragePool', 'ReduceMean', 'ReduceSum'].includes(node.op) || node.op === 'AveragePool';
}
