// What programs are put together from: values in types that pass between programs, nodes around a model's own graph.
import type { Constant, Graph, Node, Port, TensorType } from '../graph/graph.ts';
import { constantOf } from '../graph/tensor.ts';
import { GradcamError } from '../lib/errors.ts';
import type { ModelOutput } from '../model/model.ts';
import { tf } from '../tf/tfjs.ts';
import type { Feeds, Tensor } from './feeds.ts';

/** The output with the logits, float32 `[batch, classes]`. The prefix keeps clear of names in the model's file. */
export const LOGITS = 'gradcam/logits';

/** Runs eager tensors to arrays and frees them. */
export async function computed(build: () => Record<string, tf.Tensor>): Promise<Record<string, Tensor>> {
  const tensors = tf.tidy(build);
  const entries = await Promise.all(
    Object.entries(tensors).map(async ([name, tensor]) => {
      const data = await tensor.data();
      const dtype = tensor.dtype === 'int32' ? 'int32' : 'float32';
      return [
        name,
        { dtype, shape: tensor.shape, data: dtype === 'int32' ? Int32Array.from(data) : Float32Array.from(data) },
      ] as const;
    }),
  );
  tf.dispose(tensors);
  return Object.fromEntries(entries);
}

export function tensorOf(feeds: Feeds, name: string): tf.Tensor {
  const { data, shape, dtype } = feeds[name]!;
  return tf.tensor(data, [...shape], dtype);
}

/** A value of the head in a type that passes between programs: halves and doubles as float32, integers and truths as int32. */
export interface Narrowed {
  readonly port: Port;
  readonly nodes: readonly Node[];
  /** Whether the tail reads truth values. */
  readonly truth: boolean;
}

/** The value as the tail reads it. */
export const widened = (tensor: tf.Tensor, { truth }: Narrowed): tf.Tensor =>
  truth ? tf.cast(tensor, 'bool') : tensor;

/** What carries a value of `graph` out of a program, or into one. Throws GradcamError `unknown-type`. */
export function narrow(graph: Graph, model: string, value: string): Narrowed {
  const { dtype, shape } = typeOf(graph, model, value);
  if (dtype === 'float32' || dtype === 'int32')
    return { port: { name: value, type: { dtype, shape } }, nodes: [], truth: false };
  const to = /float/.test(dtype) ? 'float32' : 'int32';
  const name = `gradcam/${to}/${value}`;
  return { port: { name, type: { dtype: to, shape } }, nodes: [cast(value, name, to)], truth: dtype === 'bool' };
}

/** Nodes from the model's logits to `[batch, classes]` in float32. */
export function scoresOf(
  output: ModelOutput,
  batch: number,
): { nodes: readonly Node[]; constants: ReadonlyMap<string, Constant> } {
  const [wide, shape] = ['gradcam/float32/logits', 'gradcam/logits/shape'];
  const nodes = [cast(output.logits, wide, 'float32'), node('Reshape', [wide, shape], [LOGITS])];
  return { nodes, constants: new Map([[shape, constantOf('int64', [2], [batch, output.classes])]]) };
}

const ONNX_TYPE = { float32: 1, uint8: 2, int32: 6, bool: 9, float16: 10, float64: 11 } as const;

export function cast(from: string, to: string, dtype: keyof typeof ONNX_TYPE): Node {
  return { ...node('Cast', [from], [to]), attributes: { to: { kind: 'int', value: ONNX_TYPE[dtype] } } };
}

function node(op: string, inputs: readonly string[], outputs: readonly string[]): Node {
  return { op, domain: '', name: `gradcam/${op}/${outputs[0]!}`, inputs, outputs, attributes: {} };
}

/** The model's graph with other ports and nodes; constants from the parts that the nodes come from. */
export function join(
  model: Graph,
  inputs: readonly Port[],
  outputs: readonly Port[],
  nodes: readonly Node[],
  parts: readonly { constants: ReadonlyMap<string, Constant> }[],
): Graph {
  const constants = new Map(parts.flatMap((part) => [...part.constants]));
  return { ...model, inputs, outputs, nodes, constants, types: new Map() };
}

/** Static type of a value. Throws GradcamError `unknown-type`. */
export function typeOf(graph: Graph, model: string, value: string): TensorType {
  const type = graph.types.get(value) ?? graph.inputs.find((port) => port.name === value)?.type;
  if (type?.shape?.every((dim) => dim !== null)) return type;
  throw new GradcamError({
    code: 'unknown-type',
    exitCode: 2,
    what: `The shape of "${value}" in ${model} is not known.`,
    expected: 'a static shape for everything that the layers after the target layer read',
    found: type === undefined ? 'no type' : `${type.dtype}[${type.shape?.map((dim) => dim ?? '?').join(', ') ?? '?'}]`,
    hint: 'Take a layer closer to the head, and report this model.',
  });
}

export const known = ({ dtype, shape }: TensorType): { dtype: 'float32' | 'int32' | 'bool'; shape: number[] } => ({
  dtype: dtype as 'float32' | 'int32' | 'bool',
  shape: [...(shape as readonly number[])],
});
