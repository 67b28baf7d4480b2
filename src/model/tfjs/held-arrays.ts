// The arrays that a graph's constant nodes hold, as tensors of a trace. They stay where they were read: TensorFlow.js would
// copy every one of them, and the tracer those that ONNX wants in another order once more.
import type { Constant } from '../../graph/graph.ts';
import { floatsOf, numbersOf } from '../../graph/tensor.ts';
import type { tf } from '../../tf/tfjs.ts';
import type { Tracer } from '../../trace/tracer.ts';
import { lastAxesFirst } from '../filters.ts';
import type { GraphNode } from './graph-model.ts';

const CONVOLUTION = /^(Conv2D|_?FusedConv2D)$/;
const DEPTHWISE = /^(DepthwiseConv2dNative|_?FusedDepthwiseConv2dNative)$/;

/** Makes the tensors of all arrays, by the names of their nodes, on the backend that traces. */
export type HeldArrays = (tracer: Tracer) => Record<string, tf.Tensor>;

/** Filters of convolutions are brought into ONNX's order in place, whoever else reads them: the tracer knows how they lie. */
export function heldArrays(nodes: readonly GraphNode[], arrays: ReadonlyMap<string, Constant>): HeldArrays {
  const filters = new Map<string, 'plain' | 'depthwise'>();
  for (const { op, input } of nodes) {
    const kind = CONVOLUTION.test(op) ? 'plain' : DEPTHWISE.test(op) ? 'depthwise' : null;
    if (kind !== null && input[1] !== undefined) filters.set(input[1], kind);
  }
  const held = nodes.flatMap(({ name, op }): Held[] => {
    const constant = op === 'Const' ? arrays.get(name) : undefined;
    return constant === undefined ? [] : [{ name, constant, filter: filters.get(name) ?? null }];
  });
  const settled = withoutDisputes(held);
  return (tracer) => Object.fromEntries(settled.map((array) => [array.name, tensorOf(array, tracer)]));
}

/** Nodes of a SavedModel that read one variable share its memory: where they want it in different orders, it stays as it lies. */
function withoutDisputes(held: readonly Held[]): Held[] {
  const kinds = new Map<ArrayBufferLike, Map<number, Set<Held['filter']>>>();
  const kindsOf = ({ buffer, byteOffset }: Uint8Array): Set<Held['filter']> => {
    const places = kinds.get(buffer) ?? new Map<number, Set<Held['filter']>>();
    const found = places.get(byteOffset) ?? new Set();
    kinds.set(buffer, places.set(byteOffset, found));
    return found;
  };
  for (const { constant, filter } of held) kindsOf(constant.bytes).add(filter);
  return held.map((array) => (kindsOf(array.constant.bytes).size > 1 ? { ...array, filter: null } : array));
}

interface Held {
  readonly name: string;
  readonly constant: Constant;
  readonly filter: 'plain' | 'depthwise' | null;
}

function tensorOf({ constant, filter }: Held, tracer: Tracer): tf.Tensor {
  const { dtype, shape } = constant;
  if (dtype === 'int32') return tracer.constant(numbersOf(constant) as Int32Array, shape, dtype);
  if (dtype === 'bool') return tracer.constant(numbersOf(constant) as Uint8Array, shape, dtype);
  const [height, width, inputs, outputs] = shape;
  if (filter === null || shape.length !== 4) return tracer.constant(floatsOf(constant), shape, 'float32');
  const taps = height! * width!;
  if (filter === 'plain') {
    const elements = lastAxesFirst(constant, { taps, rows: inputs!, columns: outputs! });
    return tracer.constant(elements, shape, 'float32', [3, 2, 0, 1]);
  }
  const elements = lastAxesFirst(constant, { taps, rows: 1, columns: inputs! * outputs! });
  return tracer.constant(elements, shape, 'float32', [2, 3, 0, 1]);
}
