// Logits of a model file by ONNX Runtime, beside those that PyTorch recorded on the same pictures.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { loadModel } from '../../../src/model/load.ts';
import { encodeModel } from '../../../src/onnx/encode.ts';
import { npy } from '../../arrays.ts';

export const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));

export interface Pictures {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The pictures of the small state dicts, cut to the channels that a network takes. */
export async function pictures(channels: number): Promise<Pictures> {
  const { shape, data } = await npy(`${fixtures}state-pictures/inputs.npy`);
  const [batch = 1, all = 3, height = 1, width = 1] = shape;
  const plane = height * width;
  const kept = new Float32Array(batch * channels * plane);
  for (let sample = 0; sample < batch; sample++) {
    const from = sample * all * plane;
    kept.set(data.subarray(from, from + channels * plane), sample * channels * plane);
  }
  return { shape: [batch, channels, height, width], data: kept };
}

export interface Computed {
  readonly logits: Float32Array;
  readonly classes: readonly string[] | undefined;
  readonly assumed: readonly string[];
}

export async function computeLogits(path: string, inputs: (channels: number) => Promise<Pictures>): Promise<Computed> {
  const { model, assumed } = await loadModel(path);
  const { shape, data } = await inputs(model.input.channels);
  const [batch = 1, , height = 1, width = 1] = shape;
  const bytes = encodeModel(model.forward({ batch, size: [height, width] }));
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  try {
    const outputs = await session.run({ [model.input.name]: new ort.Tensor('float32', data, shape) });
    return { logits: outputs.logits!.data as Float32Array, classes: model.classes, assumed };
  } finally {
    await session.release();
  }
}

export async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T;
}
