// ONNX Runtime, loaded when it is first needed, and arrays on their way in and out of it.
import { createRequire } from 'node:module';
import type * as OnnxRuntime from 'onnxruntime-node';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { ApartModel } from '../onnx/encode.ts';
import type { Feeds, Tensor } from '../program/feeds.ts';

export type Ort = Omit<typeof OnnxRuntime, 'default'>;

const require = createRequire(import.meta.url);

/**
 * ONNX Runtime, with what it writes to stderr by itself switched off: what concerns a user comes as an error. By `require`: an
 * `import` first scans the library for the names it exports, which takes as long again, in every thread. Rejects where it does
 * not load.
 */
export async function loadOnnxRuntime(): Promise<Ort> {
  const ort = await Promise.resolve(require('onnxruntime-node') as Ort);
  ort.env.logLevel = 'fatal';
  return ort;
}

/** Opens a session. It keeps nothing of the model's memory. */
export function createSession(
  ort: Ort,
  { model, files }: ApartModel,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  return ort.InferenceSession.create(model, files.length === 0 ? options : { ...options, externalData: files });
}

export function toOrt(ort: Ort, { dtype, data, shape }: Feeds[string]): OrtTensor {
  return new ort.Tensor(dtype, data, [...shape]);
}

export function fromOrt(tensor: OrtTensor): Tensor {
  if (tensor.type === 'int32') return { dtype: 'int32', shape: tensor.dims, data: tensor.data as Int32Array };
  const data = tensor.type === 'float32' ? (tensor.data as Float32Array) : Float32Array.from(tensor.data as Uint8Array);
  return { dtype: 'float32', shape: tensor.dims, data };
}
