// Values inside the tail that a method wants to see, with the gradient of the score at each of them: a zero is added to the value,
// and the gradient with respect to that zero is the gradient at the value. One backward pass gives all of them.
import { intOf, floatOf } from '../graph/attributes.ts';
import type { TokenGrid } from '../cam/method.ts';
import type { GraphCut } from '../graph/cut.ts';
import type { Constant, Graph, Node } from '../graph/graph.ts';
import { numbersOf } from '../graph/tensor.ts';
import { GradcamError } from '../lib/errors.ts';

export type TapKind = 'biases' | 'attention';

/** A value to be seen. */
export interface TapPlace {
  /** Name of the value in the graph. */
  readonly value: string;
  readonly shape: readonly number[];
  /** What is added to it there, spread by the rules of broadcasting; null where nothing is. */
  readonly bias: { readonly shape: readonly number[]; readonly values: Float32Array } | null;
}

/** Every constant that the tail adds: biases of convolutions and linear layers, normalisations, sums with a constant. */
export function biasTaps(graph: Graph, cut: GraphCut): TapPlace[] {
  return cut.tail.flatMap((node) => {
    const value = node.outputs[0] ?? '';
    const shape = graph.types.get(value)?.shape as readonly number[] | undefined;
    if (shape === undefined || node.domain !== '') return [];
    const bias = biasOf(graph, node, shape.length);
    return bias === null || bias.values.every((number) => number === 0) ? [] : [{ value, shape, bias }];
  });
}

function biasOf(graph: Graph, node: Node, rank: number): TapPlace['bias'] {
  const constant = (index: number): Constant | undefined => graph.constants.get(node.inputs[index] ?? '');
  const along = (values: Float32Array): TapPlace['bias'] => ({
    shape: [values.length, ...Array.from({ length: rank - 2 }, () => 1)],
    values,
  });
  switch (node.op) {
    case 'Conv':
    case 'ConvTranspose': {
      const bias = constant(2);
      return bias === undefined ? null : along(floats(bias));
    }
    case 'BatchNormalization': {
      const [scale, shift, mean, variance] = [1, 2, 3, 4].map(constant);
      if (!scale || !shift || !mean || !variance) return null;
      const [s, b, m, v] = [scale, shift, mean, variance].map(floats);
      const epsilon = floatOf(node, 'epsilon', 1e-5);
      return along(b!.map((number, k) => number - (m![k]! * s![k]!) / Math.sqrt(v![k]! + epsilon)));
    }
    case 'Gemm': {
      const bias = constant(2);
      const beta = floatOf(node, 'beta', 1);
      return bias === undefined ? null : { shape: bias.shape, values: floats(bias).map((number) => number * beta) };
    }
    case 'Add':
    case 'Sub': {
      const [first, second] = [constant(0), constant(1)];
      const added = second ?? first;
      if (added === undefined || !added.dtype.startsWith('float') || (first !== undefined && second !== undefined))
        return null;
      const sign = node.op === 'Sub' && second !== undefined ? -1 : 1;
      return { shape: added.shape, values: floats(added).map((number) => sign * number) };
    }
    default:
      return null;
  }
}

const floats = (constant: Constant): Float32Array => Float32Array.from(numbersOf(constant), Number);

/**
 * The attention of each block, from the picture on: softmax over [batch, heads, tokens, tokens] (or batch and heads in one axis).
 * Throws GradcamError `no-global-attention` where no block attends over all tokens of `tokens`.
 */
export function attentionTaps(graph: Graph, cut: GraphCut, tokens: TokenGrid | undefined, model: string): TapPlace[] {
  const count = tokens === undefined ? NaN : tokens.grid[0] * tokens.grid[1] + tokens.prefix;
  const found = cut.tail.flatMap((node) => {
    const value = node.outputs[0] ?? '';
    const shape = graph.types.get(value)?.shape as readonly number[] | undefined;
    if (node.op !== 'Softmax' || shape === undefined || shape.length < 3 || shape.length > 4) return [];
    const axis = intOf(node, 'axis', -1);
    const square = shape.at(-1) === count && shape.at(-2) === count && (axis === -1 || axis === shape.length - 1);
    return square ? [{ value, shape, bias: null }] : [];
  });
  if (found.length > 0) return found;
  throw new GradcamError({
    code: 'no-global-attention',
    what: `The model ${model} has no attention over all its tokens.`,
    expected: 'a transformer whose blocks end their attention in a softmax over [tokens, tokens], such as ViT or DeiT',
    found: tokens === undefined ? 'no token maps' : 'attention within windows, or fused into one operator',
    hint: 'Take gradcam at the last token map instead.',
  });
}

const inner = (value: string): string => `${value}/gradcam/untapped`;
/** Name under which the zero that is added to a value is fed. */
export const probe = (value: string): string => `${value}/gradcam/probe`;

/** The nodes with a sum behind each tapped value. */
export function tapped(nodes: readonly Node[], places: readonly TapPlace[]): Node[] {
  const values = new Set(places.map(({ value }) => value));
  return nodes.flatMap((node) => {
    const own = node.outputs.filter((name) => values.has(name));
    if (own.length === 0) return [node];
    const outputs = node.outputs.map((name) => (values.has(name) ? inner(name) : name));
    const sums = own.map((value): Node => ({
      op: 'Add',
      domain: '',
      name: probe(value),
      inputs: [inner(value), probe(value)],
      outputs: [value],
      attributes: {},
    }));
    return [{ ...node, outputs }, ...sums];
  });
}
