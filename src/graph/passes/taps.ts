// Convolutions of a channel with a filter larger than the result: what a step of training learns of a depthwise filter, with a
// group per channel and picture, tens of thousands. GPUs convolve them group by group; a sum per cell of the result they do at once.
import { attributeOf, int, intOf, intsOf } from '../attributes.ts';
import type { Constant, Graph, Node } from '../graph.ts';
import { inferTypes } from '../infer.ts';
import { sizeOf } from '../tensor.ts';

/** The graph with each such convolution, of filters that are not known beforehand, written tap by tap. */
export function byTaps(graph: Graph): Graph {
  const candidates = graph.nodes.filter((node) => isOfChannels(graph, node));
  if (candidates.length === 0) return graph;
  const { types } = inferTypes(graph);
  const constants = new Map(graph.constants);
  const shapeOf = (name: string): readonly number[] | null => {
    const shape = (types.get(name) ?? graph.inputs.find((port) => port.name === name)?.type)?.shape;
    return shape?.every((dim) => dim !== null) ? shape : null;
  };
  const written = new Map(candidates.map((node) => [node, tapByTap(node, shapeOf, constants)]));
  return { ...graph, constants, nodes: graph.nodes.flatMap((node) => written.get(node) ?? [node]) };
}

function isOfChannels({ constants }: Graph, node: Node): boolean {
  const { op, domain, inputs } = node;
  if (op !== 'Conv' || domain !== '' || inputs.length !== 2 || constants.has(inputs[1]!)) return false;
  return intOf(node, 'group', 1) > 1 && (attributeOf(node, 'auto_pad', 'string') ?? 'NOTSET') === 'NOTSET';
}

type Pair = readonly [number, number];

/** y[c, i] = the sum over a of x[c, s i + d a] w[c, a]; null where it is another convolution. Adds the constants that it needs. */
function tapByTap(
  node: Node,
  shapeOf: (name: string) => readonly number[] | null,
  constants: Map<string, Constant>,
): Node[] | null {
  const [x, w] = node.inputs as [string, string];
  const y = node.outputs[0]!;
  const [map, filter, result] = [shapeOf(x), shapeOf(w), shapeOf(y)];
  if (map?.length !== 4 || filter?.length !== 4 || result?.length !== 4) return null;
  const [groups, , ...size] = filter as [number, number, number, number];
  const [rows, columns] = result.slice(2) as [number, number];
  if (intOf(node, 'group', 1) !== groups || map[1] !== groups || sizeOf(size) <= rows * columns) return null;
  const pads = intsOf(node, 'pads') ?? [0, 0, 0, 0];
  const [strides, dilations] = [intsOf(node, 'strides') ?? [1, 1], intsOf(node, 'dilations') ?? [1, 1]] as [Pair, Pair];

  const nodes: Node[] = [];
  const name = (part: string): string => `gradcam/taps/${y}/${part}`;
  const integers = (values: readonly number[]): string => {
    const made = name(values.join(','));
    const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    constants.set(made, { dtype: 'int64', shape: [values.length], bytes });
    return made;
  };
  const emit = (op: string, inputs: readonly string[], output: string, attributes: Node['attributes'] = {}): string => {
    nodes.push({ op, domain: '', name: '', inputs, outputs: [output], attributes });
    return output;
  };
  const [top, left, bottom, right] = pads as [number, number, number, number];
  const around = integers([0, 0, top, left, 0, 0, bottom, right]);
  const padded = pads.some((pad) => pad !== 0) ? emit('Pad', [x, around], name('padded')) : x;
  const weights = emit('Reshape', [w, integers([1, groups, ...size])], name('weights'));
  const sums: string[] = [];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const starts = [row * strides[0], column * strides[1]] as const;
      const ends = starts.map((start, axis) => start + (size[axis]! - 1) * dilations[axis]! + 1);
      const at = `${row}-${column}`;
      const cut = [padded, integers(starts), integers(ends), integers([2, 3]), integers(dilations)];
      const product = emit('Mul', [emit('Slice', cut, name(`${at}/cut`)), weights], name(`${at}/product`));
      sums.push(emit('ReduceSum', [product, integers([2, 3])], name(at), { keepdims: int(1) }));
    }
  const all = emit('Concat', sums, name('all'), { axis: int(2) });
  emit('Reshape', [all, integers(result)], y);
  return nodes;
}
