// TensorFlow's operators that reduce, and those that sum products.
import * as ops from '../../../trace/forward.ts';
import { flagOf, numberOf, textOf, wholeOf, type GraphNode } from '../node.ts';
import { inputAt, numberAt, numbersAt, unary, type Operator } from '../operator.ts';
import { fusedOf } from './fused.ts';

type Value = ops.Value;

const reduction = (reduce: (x: Value, axes: number[], keepDims: boolean) => Value): Operator => {
  return (inputs, node) => reduce(inputAt(inputs, 0), numbersAt(inputs, 1), flagOf(node, 'keep_dims'));
};
const extreme = (find: (x: Value, axis: number) => Value): Operator => {
  return (inputs) => find(inputAt(inputs, 0), inputs.length > 1 ? numberAt(inputs, 1) : 0);
};
const product = (transposeA: string, transposeB: string): Operator => {
  return (inputs, node) =>
    ops.matMul(inputAt(inputs, 0), inputAt(inputs, 1), flagOf(node, transposeA), flagOf(node, transposeB));
};

function fusedMatMul(inputs: readonly Value[], node: GraphNode): Value {
  const { bias, activation } = fusedOf(inputs, node);
  const y = product('transpose_a', 'transpose_b')(inputs, node) as Value;
  return activation(bias === null ? y : ops.add(y, bias));
}

function cumsum(inputs: readonly Value[], node: GraphNode): Value {
  const x = inputAt(inputs, 0);
  const axis = ops.axisOf(numberAt(inputs, 1), x.shape.length);
  return ops.kernel('Cumsum', { x }, { axis, exclusive: flagOf(node, 'exclusive'), reverse: flagOf(node, 'reverse') });
}

function topK(inputs: readonly Value[], node: GraphNode): readonly Value[] {
  const [x, k] = [inputAt(inputs, 0), numberAt(inputs, 1)];
  if (!(k >= 0 && k <= (x.shape.at(-1) ?? 0))) throw ops.misfit('the largest numbers', `as many as there are`, `${k}`);
  return ops.kernels('TopK', { x }, { k, sorted: node.attribute('sorted')?.b ?? true });
}

function lrn(inputs: readonly Value[], node: GraphNode): Value {
  const x = inputAt(inputs, 0);
  if (x.shape.length !== 4) throw ops.misfit('a normalisation', 'an image batch', `[${x.shape.join(', ')}]`);
  const attributes = {
    depthRadius: wholeOf(node, 'depth_radius', 5),
    bias: numberOf(node, 'bias', 1),
    alpha: numberOf(node, 'alpha', 1),
    beta: numberOf(node, 'beta', 0.5),
  };
  return ops.kernel('LRN', { x }, attributes);
}

const batched = product('adj_x', 'adj_y');

export const sumOperators: Readonly<Record<string, Operator>> = {
  All: reduction(ops.all),
  Any: reduction(ops.any),
  ArgMax: extreme(ops.argMax),
  ArgMin: extreme(ops.argMin),
  BatchMatMul: batched,
  BatchMatMulV2: batched,
  Cumsum: cumsum,
  Einsum: (inputs, node) => ops.einsum(textOf(node, 'equation'), inputs),
  EuclideanNorm: reduction((x, axes, keepDims) => ops.sqrt(ops.sum(ops.square(x), axes, keepDims))),
  LRN: lrn,
  LogSoftmax: unary(ops.logSoftmax),
  MatMul: product('transpose_a', 'transpose_b'),
  Max: reduction(ops.max),
  Mean: reduction(ops.mean),
  Min: reduction(ops.min),
  Prod: reduction(ops.prod),
  Softmax: unary(ops.softmax),
  Sum: reduction(ops.sum),
  TopKV2: topK,
  _FusedMatMul: fusedMatMul,
};
