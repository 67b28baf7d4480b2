// Outputs that are no class scores by themselves: class maps of segmentation models, and arrays of any shape. A few nodes behind
// them make scores [batch, n] of them, so that everything else sees a classifier.
import { int } from '../graph/attributes.ts';
import type { Attribute, Graph, Node, TensorType } from '../graph/graph.ts';
import { constantOf } from '../graph/tensor.ts';
import type { ModelInput } from './model.ts';

export interface DenseOutput {
  /** Name of the output that scores are made of. */
  readonly output: string;
  /** `map`: [batch, classes, height, width], or channels last as the model's input; `array`: anything else. */
  readonly kind: 'map' | 'array';
}

/** Name of the scores that are made. */
export const MADE_SCORES = 'gradcam/scores';

/**
 * The output to make scores of: the one that is named, where it is a float array of more axes than class scores have, or else
 * the only class map of a model without class scores. null: there is none.
 */
export function denseOutput(graph: Graph, wanted: string | undefined, hasScores: boolean): DenseOutput | null {
  const typeOf = (name: string): TensorType | undefined =>
    graph.outputs.find((port) => port.name === name)?.type ?? graph.types.get(name);
  if (wanted !== undefined) {
    const shape = typeOf(wanted)?.shape;
    if (shape === undefined || shape === null || !isDense(shape)) return null;
    return { output: wanted, kind: shape.length === 4 ? 'map' : 'array' };
  }
  if (hasScores) return null;
  const maps = graph.outputs.filter(({ type }) => type.shape?.length === 4 && isDense(type.shape));
  return maps.length === 1 ? { output: maps[0]!.name, kind: 'map' } : null;
}

const isDense = (shape: readonly (number | null)[]): boolean => shape.slice(1).filter((dim) => dim !== 1).length > 1;

/**
 * The graph with scores of the dense output. An array is laid out flat, in C order. Of a class map, the score of a class is the
 * mean of its values over the cells where it is the greatest of all classes, 0 where it is nowhere: sum(m x) / max(sum(m), 1) with
 * m = 1 + sign(x - max over classes), through which no gradient flows.
 */
export function withScores(graph: Graph, { output, kind }: DenseOutput, layout: ModelInput['layout']): Graph {
  const made = kind === 'array' ? flat(output) : meanOfRegion(output, layout);
  return {
    ...graph,
    nodes: [...graph.nodes, ...made.nodes],
    constants: new Map([...graph.constants, ...made.constants]),
    outputs: [{ name: MADE_SCORES, type: { dtype: 'float32', shape: null } }, ...graph.outputs],
  };
}

type Made = Pick<Graph, 'nodes' | 'constants'>;

function flat(output: string): Made {
  return { nodes: [node('Flatten', [output], MADE_SCORES, { axis: int(1) })], constants: new Map() };
}

function meanOfRegion(x: string, layout: ModelInput['layout']): Made {
  const name = (part: string): string => `gradcam/region/${part}`;
  const [channel, cells] = layout === 'nchw' ? [1, [2, 3]] : [3, [1, 2]];
  const constants = new Map([
    [name('classes'), constantOf('int64', [1], [channel])],
    [name('cells'), constantOf('int64', [2], cells)],
    [name('one'), constantOf('float32', [], [1])],
  ]);
  const keep = { keepdims: int(1) };
  const drop = { keepdims: int(0) };
  const nodes = [
    node('ReduceMax', [x, name('classes')], name('greatest'), keep),
    node('Sub', [x, name('greatest')], name('behind')),
    node('Sign', [name('behind')], name('sign')),
    node('Add', [name('sign'), name('one')], name('mask')),
    node('Mul', [x, name('mask')], name('masked')),
    node('ReduceSum', [name('masked'), name('cells')], name('sum'), drop),
    node('ReduceSum', [name('mask'), name('cells')], name('count'), drop),
    node('Max', [name('count'), name('one')], name('divisor')),
    node('Div', [name('sum'), name('divisor')], MADE_SCORES),
  ];
  return { nodes, constants };
}

function node(
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, Attribute>> = {},
): Node {
  return { op, domain: '', name: output, inputs, outputs: [output], attributes };
}
