// Recorded graphs run by ONNX Runtime, for comparison with the eager backend.
import * as ort from 'onnxruntime-node';
import type { Graph, TensorType } from '../../src/graph/graph.ts';
import { encodeModel } from '../../src/onnx/encode.ts';
import { tf } from '../../src/tf/tfjs.ts';

/** Runs the graph on tensors and returns its outputs as tensors. */
export async function runNative(
  graph: Graph,
  feeds: Readonly<Record<string, tf.Tensor>>,
): Promise<Record<string, tf.Tensor>> {
  const session = await ort.InferenceSession.create(encodeModel(graph), { logSeverityLevel: 3 });
  try {
    const inputs = graph.inputs.map(({ name, type }) => [name, nativeTensor(feeds[name]!, type)] as const);
    const results = await session.run(Object.fromEntries(inputs));
    return Object.fromEntries(Object.entries(results).map(([name, result]) => [name, tensorFrom(result)]));
  } finally {
    await session.release();
  }
}

function nativeTensor(tensor: tf.Tensor, { dtype }: TensorType): ort.Tensor {
  const data = tensor.dataSync();
  if (dtype === 'bool') return new ort.Tensor('bool', Uint8Array.from(data), tensor.shape);
  return dtype === 'int32'
    ? new ort.Tensor('int32', Int32Array.from(data), tensor.shape)
    : new ort.Tensor('float32', Float32Array.from(data), tensor.shape);
}

function tensorFrom({ data, dims, type }: ort.Tensor): tf.Tensor {
  const dtype = type === 'int32' ? 'int32' : type === 'bool' ? 'bool' : 'float32';
  return tf.tensor(Array.from(data as Float32Array, Number), [...dims], dtype);
}
