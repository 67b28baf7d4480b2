// The place of a maximum without 64-bit integers. ONNX Runtime's WebGPU provider finds it, and leaves the cast of its 64-bit
// result to the CPU: everything then waits in the middle of the graph for a few numbers to go there and back.
import { int, intOf } from '../graph/attributes.ts';
import type { Constant, Graph, Node, TensorType } from '../graph/graph.ts';
import { inferTypes } from '../graph/infer.ts';

/**
 * The graph with every ArgMax that is only asked for as 32-bit integers written as the least of the places that hold the
 * maximum, counted in float32. Others stay.
 */
export function placesOnGpu(graph: Graph): Graph {
  const candidates = graph.nodes.filter((node) => isPlaceOnly(graph, node));
  if (candidates.length === 0) return graph;
  const types = inferTypes(graph).types;
  const constants = new Map(graph.constants);
  const known = new Map(graph.types);
  const rewritten = new Map<Node, readonly Node[]>();
  for (const node of candidates) {
    const x = types.get(node.inputs[0]!) ?? graph.inputs.find(({ name }) => name === node.inputs[0])?.type;
    const nodes = x === undefined ? null : leastPlace(node, x, constants);
    if (nodes === null) continue;
    rewritten.set(node, nodes);
    known.delete(node.outputs[0]!); // it was int64
  }
  const nodes = graph.nodes.flatMap((node) => rewritten.get(node) ?? [node]);
  return { ...graph, nodes, constants, types: known };
}

function isPlaceOnly({ nodes, outputs }: Graph, node: Node): boolean {
  if (node.op !== 'ArgMax' || node.domain !== '' || intOf(node, 'select_last_index', 0) !== 0) return false;
  const [place] = node.outputs;
  const readers = nodes.filter(({ inputs, captures = [] }) => [...inputs, ...captures].includes(place!));
  return (
    !outputs.some(({ name }) => name === place) &&
    readers.length > 0 &&
    readers.every((reader) => reader.op === 'Cast' && intOf(reader, 'to', 0) === INT32)
  );
}

/** ONNX's number of the element type. */
const INT32 = 6;

/** Adds the constants that its nodes need. Null where the axis has no known length. */
function leastPlace(node: Node, { dtype, shape }: TensorType, constants: Map<string, Constant>): Node[] | null {
  if (dtype !== 'float32' || shape === null) return null;
  const axis = (intOf(node, 'axis', 0) + shape.length) % shape.length;
  const length = shape[axis];
  if (length == null) return null;
  const [x, place] = [node.inputs[0]!, node.outputs[0]!];
  const name = (part: string): string => `gradcam/place/${place}/${part}`;
  const along = shape.map((_, at) => (at === axis ? length : 1));
  const counted = Float32Array.from({ length }, (_, index) => index);
  constants.set(name('axes'), { dtype: 'int64', shape: [1], bytes: bytesOf(BigInt64Array.of(BigInt(axis))) });
  constants.set(name('places'), { dtype: 'float32', shape: along, bytes: bytesOf(counted) });
  constants.set(name('none'), { dtype: 'float32', shape: [], bytes: bytesOf(Float32Array.of(length)) });
  const made = (op: string, inputs: string[], output: string, keepdims?: number): Node => ({
    ...{ op, domain: '', name: '', inputs, outputs: [output] },
    attributes: keepdims === undefined ? {} : { keepdims: int(keepdims) },
  });
  return [
    made('ReduceMax', [x, name('axes')], name('top'), 1),
    made('Equal', [x, name('top')], name('is-top')),
    made('Where', [name('is-top'), name('places'), name('none')], name('at')),
    made('ReduceMin', [name('at'), name('axes')], place, intOf(node, 'keepdims', 1)),
  ];
}

const bytesOf = ({ buffer }: Float32Array | BigInt64Array): Uint8Array => new Uint8Array(buffer);
