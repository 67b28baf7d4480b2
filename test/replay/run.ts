// Graphs run for comparison: by ONNX Runtime, and replayed on the `cpu` backend, with gradients by both ways.
import * as ort from 'onnxruntime-node';
import type { Constant, DType, Graph } from '../../src/graph/graph.ts';
import { numbersOf, sizeOf } from '../../src/graph/tensor.ts';
import { encodeModel } from '../../src/onnx/encode.ts';
import { tensorOf } from '../../src/replay/call.ts';
import { replay } from '../../src/replay/replay.ts';
import { tf } from '../../src/tf/tfjs.ts';
import { random } from './case.ts';

export interface Result {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}
export type Feeds = ReadonlyMap<string, Constant>;

/** All outputs of the graph by name, computed by ONNX Runtime. */
export async function runOrt(graph: Graph, feeds: Feeds): Promise<Map<string, Result>> {
  const session = await ort.InferenceSession.create(encodeModel(graph), {
    graphOptimizationLevel: 'disabled',
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  try {
    const tensors = [...feeds].map(([name, constant]) => [name, ortTensorOf(constant)] as const);
    const results = await session.run(Object.fromEntries(tensors));
    return new Map(
      Object.entries(results).map(([name, { dims, data }]) => [
        name,
        { shape: dims, values: Array.from(data as ArrayLike<number | bigint>, Number) },
      ]),
    );
  } finally {
    await session.release();
  }
}

const arrays = { float32: Float32Array, int64: BigInt64Array, int32: Int32Array, bool: Uint8Array, uint8: Uint8Array };

function ortTensorOf({ dtype, shape, bytes }: Constant): ort.Tensor {
  if (!(dtype in arrays)) throw new TypeError(`no case feeds ${dtype}`);
  const type = dtype as keyof typeof arrays;
  return new ort.Tensor(type, new arrays[type](bytes.slice().buffer), shape);
}

/** The same outputs by replaying every node on the current backend. */
export function runReplay(graph: Graph, feeds: Feeds): Map<string, Result> {
  const results = new Map<string, Result>();
  tf.tidy(() => {
    const tensors = new Map([...feeds].map(([name, constant]) => [name, tensorOf(constant)] as const));
    const wanted = graph.outputs.map((port) => port.name);
    for (const [name, tensor] of replay(graph, graph.nodes, tensors, wanted)) results.set(name, resultOf(tensor));
  });
  return results;
}

export const resultOf = (tensor: tf.Tensor): Result => ({ shape: tensor.shape, values: Array.from(tensor.dataSync()) });

const isFloat = (dtype: DType): boolean => dtype === 'float32';

/** Random weights, one per element of an output: their product with it is the scalar whose gradient is tested. */
export function weightsFor(shape: readonly number[]): Float32Array {
  const next = random(77);
  return Float32Array.from({ length: sizeOf(shape) }, () => 2 * next() - 1);
}

/** The gradient of sum(weights * first output) with respect to each fed float, by tf.grads on the current backend. */
export function gradients(graph: Graph, feeds: Feeds): Map<string, Result> {
  const names = [...feeds].filter(([, constant]) => isFloat(constant.dtype)).map(([name]) => name);
  const output = graph.outputs[0]!.name;
  const results = new Map<string, Result>();
  tf.tidy(() => {
    const fixed = new Map([...feeds].map(([name, constant]) => [name, tensorOf(constant)] as const));
    const score = (...xs: tf.Tensor[]): tf.Tensor => {
      const tensors = new Map([...fixed, ...names.map((name, index) => [name, xs[index]!] as const)]);
      const y = replay(graph, graph.nodes, tensors, [output]).get(output)!;
      return tf.sum(tf.mul(y, tf.tensor(weightsFor(y.shape), y.shape)));
    };
    const found = tf.grads(score)(names.map((name) => fixed.get(name)!));
    names.forEach((name, index) => results.set(name, resultOf(found[index]!)));
  });
  return results;
}

export interface Derivative {
  readonly byGradient: number;
  readonly byDifference: number;
}

/** The derivative of sum(weights * first output) along one random direction of all fed floats, both ways. */
export function derivative(graph: Graph, feeds: Feeds, step: number): Derivative {
  const next = random(5);
  const found = gradients(graph, feeds);
  const directions = new Map([...found].map(([name, { values }]) => [name, values.map(() => 2 * next() - 1)]));
  const output = graph.outputs[0]!.name;
  const scoreAt = (sign: number): number => {
    const moved = new Map(
      [...feeds].map(([name, constant]) => {
        const direction = directions.get(name);
        if (direction === undefined) return [name, constant] as const;
        const values = Float32Array.from(
          numbersOf(constant),
          (value, index) => value + sign * step * direction[index]!,
        );
        return [name, { ...constant, bytes: new Uint8Array(values.buffer) }] as const;
      }),
    );
    const { shape, values } = runReplay(graph, moved).get(output)!;
    const weights = weightsFor(shape);
    return values.reduce((sum, value, index) => sum + value * weights[index]!, 0);
  };
  const byGradient = [...found].reduce(
    (sum, [name, { values }]) =>
      values.reduce((total, value, index) => total + value * directions.get(name)![index]!, sum),
    0,
  );
  return { byGradient, byDifference: (scoreAt(1) - scoreAt(-1)) / (2 * step) };
}
