// The arrays that a graph's constant nodes hold, as values of a trace. They stay where they were read.
import type { Constant } from '../../graph/graph.ts';
import { floatsOf, numbersOf } from '../../graph/tensor.ts';
import { constant, type Value } from '../../trace/forward.ts';
import { lastAxesFirst } from '../filters.ts';
import { placeOf, type GraphNode } from './node.ts';

const CONVOLUTION = /^(Conv2D|_FusedConv2D)$/;
const DEPTHWISE = /^(DepthwiseConv2d|DepthwiseConv2dNative|FusedDepthwiseConv2dNative)$/;

type FilterKind = 'plain' | 'depthwise';

/** Where the axes of a filter lie once it is in ONNX's order. */
const ORDER: Readonly<Record<FilterKind, readonly number[]>> = { plain: [3, 2, 0, 1], depthwise: [2, 3, 0, 1] };

/**
 * Gives the value of a constant node. Filters of convolutions are brought into ONNX's order in place, whoever else reads
 * them: the trace knows how they lie.
 */
export function heldArrays(
  nodes: readonly GraphNode[],
  arrays: ReadonlyMap<string, Constant>,
): (node: GraphNode) => Value | undefined {
  const kinds = filterKinds(nodes, arrays);
  return ({ name, op }) => {
    const array = op === 'Const' ? arrays.get(name) : undefined;
    return array === undefined ? undefined : valueOf(array, kinds.get(name));
  };
}

/**
 * Which arrays are filters. Nodes of a SavedModel that read one variable share its memory: where they want it in different
 * orders, it stays as it lies.
 */
function filterKinds(
  nodes: readonly GraphNode[],
  arrays: ReadonlyMap<string, Constant>,
): ReadonlyMap<string, FilterKind> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const kinds = new Map<string, FilterKind>();
  for (const { op, inputs } of nodes) {
    const kind = CONVOLUTION.test(op) ? 'plain' : DEPTHWISE.test(op) ? 'depthwise' : null;
    const filter = kind === null ? undefined : heldBehind(inputs[1], byName);
    if (filter !== undefined && arrays.get(filter)?.shape.length === 4) kinds.set(filter, kind!);
  }
  const wanted = new Map<ArrayBufferLike, Map<number, Set<FilterKind | undefined>>>();
  const wantedAt = (name: string): Set<FilterKind | undefined> => {
    const { buffer, byteOffset } = arrays.get(name)!.bytes;
    const places = wanted.get(buffer) ?? new Map<number, Set<FilterKind | undefined>>();
    wanted.set(buffer, places);
    const found = places.get(byteOffset) ?? new Set();
    places.set(byteOffset, found);
    return found;
  };
  for (const name of arrays.keys()) wantedAt(name).add(kinds.get(name));
  return new Map([...kinds].filter(([name]) => wantedAt(name).size === 1));
}

/** The constant node of a value, behind nodes that only pass it on. */
function heldBehind(value: string | undefined, byName: ReadonlyMap<string, GraphNode>): string | undefined {
  let name = value;
  for (let step = 0; step < 8 && name !== undefined; step++) {
    const node = byName.get(placeOf(name).node);
    if (node?.op !== 'Identity') return node?.name;
    name = node.inputs[0];
  }
  return undefined;
}

function valueOf(array: Constant, kind: FilterKind | undefined): Value {
  const { dtype, shape } = array;
  if (dtype === 'int32') return constant(numbersOf(array) as Int32Array, shape, dtype);
  if (dtype === 'bool') return constant(numbersOf(array) as Uint8Array, shape, dtype);
  if (kind === undefined) return constant(floatsOf(array), shape);
  const [height = 0, width = 0, inputs = 0, outputs = 0] = shape;
  const axes = kind === 'plain' ? { rows: inputs, columns: outputs } : { rows: 1, columns: inputs * outputs };
  return constant(lastAxesFirst(array, { taps: height * width, ...axes }), shape, 'float32', ORDER[kind]);
}
