// What follows a convolution channel by channel and is known beforehand, a bias, a factor, a normalisation in inference, goes
// into its filter and bias. ONNX Runtime does the same, but not to convolutions that are written in its blocked layout.
import { floatOf } from '../attributes.ts';
import { prune } from '../cut.ts';
import type { Constant, Graph, Node, TensorType } from '../graph.ts';
import { constantOf, floatsOf, sizeOf } from '../tensor.ts';

/** A convolution and what follows it: factor * convolution + offset, by channel; `last` is the node that gives it. */
interface Folded {
  readonly convolution: Node;
  readonly last: Node;
  readonly factor: Float32Array | null;
  readonly offset: Float32Array | null;
}

/** The graph with such nodes folded into the convolutions whose only readers they are. Values change by rounding only. */
export function foldAffine(graph: Graph): Graph {
  const uses = new Map<string, number>();
  for (const name of [
    ...graph.nodes.flatMap(({ inputs, captures = [] }) => [...inputs, ...captures]),
    ...graph.outputs.map((port) => port.name),
  ])
    uses.set(name, (uses.get(name) ?? 0) + 1);
  const folded = new Map<string, Folded>();
  for (const node of graph.nodes) {
    const [output = ''] = node.outputs;
    const source = node.inputs.find((name) => folded.has(name) && uses.get(name) === 1);
    const next = source === undefined ? null : followed(folded.get(source)!, node, source, graph.constants);
    if (next !== null) {
      folded.delete(source!);
      folded.set(output, next);
    } else if (isConvolution(node, graph.constants)) {
      folded.set(output, { convolution: node, last: node, factor: null, offset: null });
    }
  }
  const changed = [...folded.values()].filter(({ convolution, last }) => convolution !== last);
  if (changed.length === 0) return graph;
  const constants = new Map(graph.constants);
  const types = new Map(graph.types);
  const ends = new Map(changed.map((fold) => [fold.last, fold] as const));
  const nodes = graph.nodes.flatMap((node) => {
    const fold = ends.get(node);
    return fold === undefined ? [node] : written(fold, constants, types);
  });
  return prune(
    { ...graph, nodes, constants, types },
    graph.outputs.map((port) => port.name),
  );
}

/** A convolution with a known filter, and a known bias if it has one. */
function isConvolution({ op, domain, inputs }: Node, constants: Graph['constants']): boolean {
  const [, filter = '', bias = ''] = inputs;
  const taps = constants.get(filter);
  if (op !== 'Conv' || domain !== '' || taps?.dtype !== 'float32' || taps.shape.length !== 4) return false;
  return bias === '' || constants.get(bias)?.dtype === 'float32';
}

/** The fold with one more node; null where the node is no factor or offset by channel that is known beforehand. */
function followed(fold: Folded, node: Node, source: string, constants: Graph['constants']): Folded | null {
  const [channels = 0] = constants.get(fold.convolution.inputs[1]!)!.shape;
  const affine = affineOf(node, source, channels, constants);
  if (affine === null) return null;
  const { factor, offset } = affine;
  const scaled = (numbers: Float32Array | null): Float32Array | null =>
    numbers === null || factor === null ? numbers : numbers.map((number, channel) => number * factor[channel]!);
  const before = scaled(fold.offset);
  return {
    convolution: fold.convolution,
    last: node,
    factor: scaled(fold.factor) ?? factor,
    offset: before !== null && offset !== null ? before.map((number, c) => number + offset[c]!) : (before ?? offset),
  };
}

function affineOf(
  node: Node,
  source: string,
  channels: number,
  constants: Graph['constants'],
): Pick<Folded, 'factor' | 'offset'> | null {
  if (node.domain !== '' || node.outputs.length !== 1) return null;
  if (node.op === 'BatchNormalization' && node.inputs[0] === source) {
    const vectors = node.inputs.slice(1).map((name) => byChannel(constants.get(name), [channels], channels));
    const [scale, bias, mean, variance] = vectors;
    if (!scale || !bias || !mean || !variance) return null;
    const epsilon = floatOf(node, 'epsilon', 1e-5);
    const factor = scale.map((number, c) => number / Math.sqrt(variance[c]! + epsilon));
    return { factor, offset: bias.map((number, c) => number - mean[c]! * factor[c]!) };
  }
  if (node.op !== 'Add' && node.op !== 'Mul') return null;
  const operand = constants.get(node.inputs.find((name) => name !== source) ?? '');
  const numbers =
    byChannel(operand, [channels, 1, 1], channels) ??
    byChannel(operand, [1, channels, 1, 1], channels) ??
    (operand === undefined ? null : everywhere(operand, channels));
  if (numbers === null) return null;
  return node.op === 'Add' ? { factor: null, offset: numbers } : { factor: numbers, offset: null };
}

/** The numbers of a constant of that shape, null for any other. */
function byChannel(constant: Constant | undefined, shape: readonly number[], channels: number): Float32Array | null {
  if (constant?.dtype !== 'float32' || constant.shape.join() !== shape.join()) return null;
  return floatsOf(constant).slice(0, channels);
}

/** The one number of a constant, for every channel; null where it has more. */
function everywhere(constant: Constant, channels: number): Float32Array | null {
  if (constant.dtype !== 'float32' || constant.shape.length > 4 || sizeOf(constant.shape) !== 1) return null;
  return new Float32Array(channels).fill(floatsOf(constant)[0]!);
}

/** The convolution under the last node's name. Its filter is scaled by a node, which the runtime does once. */
function written(
  { convolution, last, factor, offset }: Folded,
  constants: Map<string, Constant>,
  types: Map<string, TensorType>,
): Node[] {
  const [x = '', filter = '', bias = ''] = convolution.inputs;
  const [output = ''] = last.outputs;
  const taps = constants.get(filter)!;
  const channels = taps.shape[0]!;
  const vector = (part: string, shape: readonly number[], numbers: Float32Array): string => {
    const name = `${output}/${part}`;
    constants.set(name, constantOf('float32', shape, numbers));
    return name;
  };
  const own = bias === '' ? null : floatsOf(constants.get(bias)!);
  const moved = Float32Array.from({ length: channels }, (_, channel) => {
    return (own?.[channel] ?? 0) * (factor?.[channel] ?? 1) + (offset?.[channel] ?? 0);
  });
  const inputs = [x, factor === null ? filter : `${output}/filter`, vector('bias', [channels], moved)];
  const { op, domain, name, attributes } = convolution;
  const folded: Node = { op, domain, name, inputs, outputs: [output], attributes };
  if (factor === null) return [folded];
  types.set(inputs[1]!, { dtype: 'float32', shape: taps.shape });
  const scales = vector('factor', [channels, 1, 1, 1], factor);
  return [
    {
      op: 'Mul',
      domain: '',
      name: `${output}/filter`,
      inputs: [filter, scales],
      outputs: [inputs[1]!],
      attributes: {},
    },
    folded,
  ];
}
