// Traced formats end to end: a model file of a fixture, loaded by its format, its forward graph run by ONNX Runtime.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import type { Graph } from '../../../src/graph/graph.ts';
import type { ModelFormat, ModelSource } from '../../../src/model/format.ts';
import type { Model } from '../../../src/model/model.ts';
import { findOutput } from '../../../src/model/output.ts';
import { encodeModel } from '../../../src/onnx/encode.ts';
import { fixtures } from '../keras/fixtures.ts';

export async function sourceOf(file: string): Promise<ModelSource> {
  const handle = await open(file);
  const head = new Uint8Array(512);
  const { bytesRead } = await handle.read(head, 0, 512, 0);
  await handle.close();
  return { path: file, file, head: head.subarray(0, bytesRead), run: { raw: {} } };
}

export async function loadFixture(format: ModelFormat, ...names: string[]): Promise<Model> {
  return format.load(await sourceOf(join(fixtures, ...names)));
}

/** Logits and other values of the graph for pictures [batch, height, width, channels], by ONNX Runtime. */
export async function runForward(
  model: Model,
  pictures: { shape: number[]; data: Float32Array },
  values: readonly string[] = [],
): Promise<{ logits: Float32Array; values: Record<string, ort.Tensor> }> {
  const [batch = 1, height = 1, width = 1, channels = 1] = pictures.shape;
  const graph = model.forward({ batch, size: [height, width] });
  const { logits } = findOutput(graph, model.path, undefined).output;
  const wanted = [...new Set([logits, ...values])];
  const session = await ort.InferenceSession.create(encodeModel(withOutputs(graph, wanted)), { logSeverityLevel: 3 });
  try {
    const nchw = toNchw(pictures.data, [batch, height, width, channels]);
    const results = await session.run({
      [model.input.name]: new ort.Tensor('float32', nchw, [batch, channels, height, width]),
    });
    return {
      logits: results[logits]!.data as Float32Array,
      values: Object.fromEntries(values.map((name) => [name, results[name]!])),
    };
  } finally {
    await session.release();
  }
}

function withOutputs(graph: Graph, names: readonly string[]): Graph {
  const outputs = names.map(
    (name) => ({ name, type: graph.types.get(name) ?? { dtype: 'float32', shape: null } }) as const,
  );
  return { ...graph, outputs };
}

export function toNchw(
  data: Float32Array,
  [batch, height, width, channels]: readonly [number, number, number, number],
): Float32Array {
  const result = new Float32Array(data.length);
  let from = 0;
  for (let n = 0; n < batch; n++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < channels; c++) result[((n * channels + c) * height + y) * width + x] = data[from++]!;
  return result;
}
