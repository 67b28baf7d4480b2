// Products of matrices: MatMul, Gemm, Einsum. Batch axes are broadcast before tf.matMul, whose gradient does not sum
// over them.
import { floatOf, intOf, stringOf } from '../../graph/attributes.ts';
import { sizeOf } from '../../graph/tensor.ts';
import { tf } from '../../tf/tfjs.ts';
import { broadcastShape, expand, indices } from '../arrays.ts';
import { unsupported, type Call, type ReplayOp } from '../call.ts';

/** NumPy's matmul: vectors are rows on the left and columns on the right, leading axes broadcast. */
export function matMul(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const left = a.rank === 1 ? tf.reshape(a, [1, -1]) : a;
  const right = b.rank === 1 ? tf.reshape(b, [-1, 1]) : b;
  const product = right.rank === 2 ? matMulRows(left, right) : matMulBatches(left, right);
  if (a.rank > 1 && b.rank > 1) return product;
  const shape = product.shape.slice(0, -2);
  if (a.rank > 1) shape.push(product.shape.at(-2) ?? 1);
  if (b.rank > 1) shape.push(product.shape.at(-1) ?? 1);
  return tf.reshape(product, shape);
}

/** One matrix on the right: every leading axis of the left is rows. */
function matMulRows(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  if (a.rank === 2) return tf.matMul(a, b);
  const [inner = 1, outer = 1] = b.shape;
  return tf.reshape(tf.matMul(tf.reshape(a, [-1, inner]), b), [...a.shape.slice(0, -1), outer]);
}

function matMulBatches(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return tf.matMul(expand(a, [...batch, ...a.shape.slice(-2)]), expand(b, [...batch, ...b.shape.slice(-2)]));
}

/** alpha * A' * B' + beta * C, where A' and B' may be transposed. */
export function gemm(call: Call): tf.Tensor {
  const { node } = call;
  const transposed = (name: string): boolean => intOf(node, name, 0) === 1;
  const product = tf.matMul(call.input(0), call.input(1), transposed('transA'), transposed('transB'));
  const scaled = times(product, floatOf(node, 'alpha', 1));
  const c = call.optional(2);
  return c === undefined ? scaled : tf.add(scaled, times(c, floatOf(node, 'beta', 1)));
}

export const times = (x: tf.Tensor, factor: number): tf.Tensor => (factor === 1 ? x : tf.mul(x, factor));

/** An operand of an einsum with one label per axis. */
interface Labelled {
  readonly x: tf.Tensor;
  readonly labels: readonly string[];
}

/** Two operands at a time: labels that nothing later needs are summed over in the product. */
function einsum(call: Call): tf.Tensor {
  const operands = call.inputs();
  const { inputs, output } = parseEquation(call, operands);
  const labelled = operands.map((x, index): Labelled => ({ x, labels: inputs[index] ?? [] }));
  if (labelled.some(({ labels }) => new Set(labels).size < labels.length)) {
    throw unsupported(call, 'an operand has the same label twice');
  }
  const result = labelled.reduce((product, operand, index) => {
    const later = new Set([...output, ...labelled.slice(index + 1).flatMap((other) => other.labels)]);
    return contract(product, operand, later);
  });
  return arranged(summedOut(result, new Set(output)), output);
}

/** Labels per operand and of the result; an ellipsis becomes labels of its own, aligned at the last axis. */
function parseEquation(call: Call, operands: readonly tf.Tensor[]): { inputs: string[][]; output: string[] } {
  const equation = stringOf(call.node, 'equation', '').replaceAll(/\s/g, '');
  const [left = '', right] = equation.split('->');
  const terms = left.split(',');
  if (terms.length !== operands.length) throw unsupported(call, `its equation '${equation}' does not fit its inputs`);
  const spans = terms.map((term, index) => (operands[index]?.rank ?? 0) - term.replace('...', '').length);
  const widest = Math.max(0, ...terms.map((term, index) => (term.includes('...') ? (spans[index] ?? 0) : 0)));
  const wild = indices(widest).map((axis) => `.${axis}`);
  const labelsOf = (term: string, span: number): string[] => {
    const [before = '', after] = term.split('...');
    return after === undefined ? [...before] : [...before, ...wild.slice(widest - span), ...after];
  };
  const inputs = terms.map((term, index) => labelsOf(term, spans[index] ?? 0));
  const named = inputs.flat().filter((label) => !wild.includes(label));
  const once = [...new Set(named)].filter((label) => named.indexOf(label) === named.lastIndexOf(label));
  return { inputs, output: right === undefined ? [...wild, ...once.sort()] : labelsOf(right, widest) };
}

/** The product of two operands, summed over the labels that are not in `kept`. */
function contract(first: Labelled, second: Labelled, kept: ReadonlySet<string>): Labelled {
  const a = summedOut(first, new Set([...kept, ...second.labels]));
  const b = summedOut(second, new Set([...kept, ...first.labels]));
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const inner = shared.filter((label) => !kept.has(label));
  const batch = shared.filter((label) => kept.has(label));
  const rows = a.labels.filter((label) => !shared.includes(label));
  const columns = b.labels.filter((label) => !shared.includes(label));
  const size = sizesOf(a, b);
  const count = (labels: readonly string[]): number => sizeOf(labels.map(size));
  const left = tf.reshape(filled(a, [...batch, ...rows, ...inner], size), [count(batch), count(rows), count(inner)]);
  const right = tf.reshape(filled(b, [...batch, ...inner, ...columns], size), [
    count(batch),
    count(inner),
    count(columns),
  ]);
  const labels = [...batch, ...rows, ...columns];
  return { x: tf.reshape(tf.matMul(left, right), labels.map(size)), labels };
}

/** Size of each label over both operands: axes of size 1 under an ellipsis broadcast. */
function sizesOf(...operands: Labelled[]): (label: string) => number {
  const sizes = new Map<string, number>();
  for (const { x, labels } of operands) {
    labels.forEach((label, axis) => sizes.set(label, Math.max(sizes.get(label) ?? 1, x.shape[axis] ?? 1)));
  }
  return (label) => sizes.get(label) ?? 1;
}

/** The operand with its axes in the order of `labels`, broadcast to their sizes. */
function filled(operand: Labelled, labels: readonly string[], size: (label: string) => number): tf.Tensor {
  return expand(arranged(operand, labels), labels.map(size));
}

function arranged({ x, labels }: Labelled, order: readonly string[]): tf.Tensor {
  const perm = order.map((label) => labels.indexOf(label));
  return perm.every((axis, index) => axis === index) ? x : tf.transpose(x, perm);
}

function summedOut({ x, labels }: Labelled, kept: ReadonlySet<string>): Labelled {
  const axes = indices(labels.length).filter((axis) => !kept.has(labels[axis] ?? ''));
  if (axes.length === 0) return { x, labels };
  return { x: tf.sum(x, axes), labels: labels.filter((label) => kept.has(label)) };
}

export const matrices: Record<string, ReplayOp> = {
  MatMul: (call) => matMul(call.input(0), call.input(1)),
  Gemm: gemm,
  Einsum: einsum,
};
