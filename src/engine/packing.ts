// Whether ONNX Runtime's cpu should bring the weights of products into blocks when it opens a session. That is a second copy
// of them all, and for few pictures, or for the last layers of a network alone, it takes longer than it will save: a tenth of
// the time that MobileNetV2 takes to open, three quarters of VGG16's (bench/README.md).
import { intOf } from '../graph/attributes.ts';
import type { Graph, Node, TensorType } from '../graph/graph.ts';
import { inferTypes } from '../graph/infer.ts';
import { isKnown, sizeOf } from '../graph/tensor.ts';

/** Up to so many pictures nothing is worth packing. */
const FEW_PICTURES = 16;
/** From so many on the few microseconds add up that a run takes longer where weights are not packed. */
const MANY_PICTURES = 2000;
/** Between the two, weights are packed that so many rows are multiplied with at each run. */
const MANY_ROWS = 16;
/** Weights of products that are packed as fast as it is found out whether they should be. */
const FEW_BYTES = 2 ** 22;
const PRODUCTS: ReadonlySet<string> = new Set(['MatMul', 'Gemm']);
/** Others whose weights the cpu packs. */
const PACKED =
  /^(ConvTranspose|LSTM|GRU|RNN|(Q|MultiHead)?Attention|Fused\w+|MatMul\w+|ConvInteger|QGemm|QLinear\w+|Dynamic\w+)$/;

/** `pictures`: how many are to come; undefined: many. */
export function gainsByPacking(graph: Graph, pictures = Infinity): boolean {
  const products = graph.nodes.filter(({ op }) => PRODUCTS.has(op));
  const weights = products.reduce(
    (sum, { inputs }) => sum + (graph.constants.get(inputs[1] ?? '')?.bytes.length ?? 0),
    0,
  );
  if (weights < FEW_BYTES || pictures > MANY_PICTURES || graph.nodes.some(({ op }) => PACKED.test(op))) return true;
  if (pictures <= FEW_PICTURES) return false;
  const isTyped = products.every(({ inputs }) => typeOf(graph, inputs[0]) !== undefined);
  const typed = isTyped ? graph : inferTypes(graph);
  return products.some((product) => rowsOf(product, typeOf(typed, product.inputs[0])) > MANY_ROWS);
}

function typeOf({ types, inputs }: Graph, name = ''): TensorType | undefined {
  return types.get(name) ?? inputs.find((port) => port.name === name)?.type;
}

/** Rows of a product's first factor, of this type: all that lies before its last axis; Infinity where it is not known. */
function rowsOf(node: Node, type: TensorType | undefined): number {
  const shape = type?.shape ?? null;
  if (shape === null || !isKnown(shape)) return Infinity;
  const isTurned = node.op === 'Gemm' && intOf(node, 'transA', 0) !== 0;
  return sizeOf(isTurned ? shape.slice(1) : shape.slice(0, -1));
}
