// Operators that compute on integers (QLinearConv and its like, as `QuantFormat.QOperator` and older tools write them) become
// what they stand for: their operands as real numbers, the operator on those, the result as integers again. So there is one
// form of a quantised network, the one with QuantizeLinear and DequantizeLinear, from which ONNX Runtime makes the integer
// kernels again.
import { int, intOf } from '../graph/attributes.ts';
import type { Attribute, Graph, Node } from '../graph/graph.ts';

/** A quantised tensor: places of its values, scale and zero point among the inputs; the axis of scales per channel. */
interface Operand {
  readonly at: readonly [values: number, scale: number, zeroPoint: number];
  readonly axis?: number;
}

interface Meaning {
  readonly op: string;
  readonly operands: readonly Operand[];
  /** Places of the scale and the zero point of the result. */
  readonly result: readonly [scale: number, zeroPoint: number];
  /** Place of an int32 bias, whose scale is the product of those of the two operands. */
  readonly bias?: number;
}

const unary = (op: string): Meaning => ({ op, operands: [{ at: [0, 1, 2] }], result: [3, 4] });
const binary = (op: string): Meaning => ({ op, operands: [{ at: [0, 1, 2] }, { at: [3, 4, 5] }], result: [6, 7] });

/** By operator, those of `com.microsoft` with the domain in front; null for a form that stays as it is. */
const MEANINGS: Readonly<Record<string, (node: Node) => Meaning | null>> = {
  QLinearConv: () => ({
    op: 'Conv',
    operands: [{ at: [0, 1, 2] }, { at: [3, 4, 5], axis: 0 }],
    result: [6, 7],
    bias: 8,
  }),
  QLinearMatMul: () => ({ op: 'MatMul', operands: [{ at: [0, 1, 2] }, { at: [3, 4, 5], axis: -1 }], result: [6, 7] }),
  // Without a scale of the result it is a real number.
  'com.microsoft.QGemm': (node) => ({
    op: 'Gemm',
    operands: [{ at: [0, 1, 2] }, { at: [3, 4, 5], axis: intOf(node, 'transB', 0) === 1 ? 0 : 1 }],
    result: [7, 8],
    bias: 6,
  }),
  'com.microsoft.QLinearAdd': () => binary('Add'),
  'com.microsoft.QLinearMul': () => binary('Mul'),
  'com.microsoft.QLinearSigmoid': () => unary('Sigmoid'),
  'com.microsoft.QLinearLeakyRelu': () => unary('LeakyRelu'),
  'com.microsoft.QLinearSoftmax': (node) => (intOf(node, 'opset', 13) >= 13 ? unary('Softmax') : null),
  'com.microsoft.QLinearAveragePool': (node) => (isChannelsLast(node) ? null : unary('AveragePool')),
  'com.microsoft.QLinearGlobalAveragePool': (node) => (isChannelsLast(node) ? null : unary('GlobalAveragePool')),
  'com.microsoft.QLinearConcat': (node) => ({
    op: 'Concat',
    operands: Array.from({ length: Math.floor((node.inputs.length - 2) / 3) }, (_, index) => ({
      at: [3 * index + 2, 3 * index + 3, 3 * index + 4],
    })),
    result: [0, 1],
  }),
};
/** Attributes that only the integer operator has. */
const OWN = new Set(['channels_last', 'opset']);

const isChannelsLast = (node: Node): boolean => intOf(node, 'channels_last', 0) === 1;

/** The graph with its integer operators as real ones between DequantizeLinear and QuantizeLinear. */
export function withRealOperators(graph: Graph): Graph {
  const reals = new Map<string, string>();
  const nodes = graph.nodes.flatMap((node) => expanded(node, reals) ?? [node]);
  return nodes.length === graph.nodes.length ? graph : { ...graph, nodes };
}

/**
 * The nodes that a node stands for, null for one that stays. `reals` are the values that are real numbers by now, under what
 * they were made of: one value that goes several ways stays one value, at which a map sees all of them.
 */
function expanded(node: Node, reals: Map<string, string>): Node[] | null {
  const key = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
  const meaning = Object.hasOwn(MEANINGS, key) ? MEANINGS[key]!(node) : null;
  const [result] = node.outputs;
  if (meaning === null || result === undefined) return null;
  const input = (place: number): string => node.inputs[place] ?? '';
  if (meaning.operands.some(({ at }) => input(at[0]) === '' || input(at[1]) === '')) return null;
  const made: Node[] = [];
  const add = (op: string, inputs: readonly string[], output: string, attributes: Node['attributes'] = {}): string => {
    const scope = node.scope === undefined ? {} : { scope: node.scope };
    made.push({ op, domain: '', name: output, inputs, outputs: [output], attributes, ...scope });
    return output;
  };
  const real = (inputs: readonly string[], axis: number | undefined): string => {
    const from = JSON.stringify([inputs, axis]);
    const attributes: Node['attributes'] = axis === undefined ? {} : { axis: int(axis) };
    const name = reals.get(from) ?? add('DequantizeLinear', inputs, `${inputs[0]}/real${reals.size}`, attributes);
    reals.set(from, name);
    return name;
  };
  const operands = meaning.operands.map(({ at, axis }) => real(at.map(input), axis));
  const bias = meaning.bias === undefined ? '' : input(meaning.bias);
  if (bias !== '') {
    const scales = meaning.operands.map(({ at }) => input(at[1]));
    operands.push(real([bias, add('Mul', scales, `${result}/bias-scale`)], 0));
  }
  const [scale = '', zeroPoint = ''] = meaning.result.map(input);
  const output = add(meaning.op, operands, scale === '' ? result : `${result}/unrounded`, kept(node.attributes));
  if (scale !== '') add('QuantizeLinear', [output, scale, zeroPoint], result);
  return made;
}

function kept(attributes: Node['attributes']): Record<string, Attribute> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !OWN.has(name)));
}
