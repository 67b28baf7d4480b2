// Signed Grad-CAM of a model file at one layer, beside the maps that pytorch-grad-cam recorded.
import { mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CamMethod } from '../../../src/cam/method.ts';
import { gradcam } from '../../../src/cam/methods/gradcam.ts';
import { chooseEngine } from '../../../src/engine/engines.ts';
import type { InputSpec } from '../../../src/image/picture.ts';
import { openRun } from '../../../src/runs.ts';
import { tf } from '../../../src/tf/tfjs.ts';
import { npy } from '../../arrays.ts';

export interface LayerInfo {
  readonly module: string;
  readonly file: string;
  /** How far PyTorch's own float32 map strays from float64, as a share of its largest absolute value. */
  readonly float32Noise: number;
  readonly values?: Readonly<Record<string, readonly string[]>>;
}

/** Grad-CAM before its ReLU, as the fixtures record it. */
const signed: CamMethod = {
  ...gradcam,
  id: 'signed',
  map: (cam) => tf.sum(tf.mul(tf.mean(cam.gradients(), [1, 2], true), cam.activations), 3),
};

export interface MapRequest {
  readonly path: string;
  readonly layer: string;
  readonly inputs: readonly Float32Array[];
  readonly classes: readonly number[];
  readonly input?: Partial<InputSpec>;
}

export interface Explained {
  readonly logits: readonly Float32Array[];
  readonly maps: readonly Float32Array[];
}

export async function explainAt({ path, layer, inputs, classes, input }: MapRequest): Promise<Explained> {
  const run = await openRun(path, 'run', {
    batch: inputs.length,
    layer,
    input,
    methods: [signed],
    engine: await chooseEngine('cpu'),
    voting: false,
  });
  try {
    const inferred = await run.infer(inputs, classes);
    return { logits: inferred.logits, maps: (await inferred.maps(classes))[0]! };
  } finally {
    await run.close();
  }
}

/** An array split along its first axis. */
export async function samplesOf(file: string): Promise<Float32Array[]> {
  const { shape, data } = await npy(file);
  return split(shape, data);
}

export function split(shape: readonly number[], data: Float32Array): Float32Array[] {
  const size = data.length / shape[0]!;
  return Array.from({ length: shape[0]! }, (_, index) => data.slice(index * size, (index + 1) * size));
}

export const largestOf = (values: Float32Array): number =>
  values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);

/** A new folder with the weights, and a run.json that says the size of the pictures: most networks take any. */
export async function folderFor(
  root: string,
  weights: string,
  run: Readonly<Record<string, unknown>>,
): Promise<string> {
  const folder = await mkdtemp(join(root, 'run-'));
  await symlink(weights, join(folder, basename(weights)));
  await writeFile(join(folder, 'run.json'), JSON.stringify(run));
  return folder;
}
