// Whole networks against what PyTorch and pytorch-grad-cam recorded on the same tensors: every tiny fixture by every exporter,
// compiled and eager, at the last layer and in the middle.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { CamMethod } from '../src/cam/method.ts';
import { gradcam } from '../src/cam/methods/gradcam.ts';
import { chooseEngine } from '../src/engine/engines.ts';
import { openRun } from '../src/runs.ts';
import { tf } from '../src/tf/tfjs.ts';
import { largestDifference, npy } from './arrays.ts';

/** Grad-CAM before its ReLU, as the fixtures record it. */
const signed: CamMethod = {
  ...gradcam,
  id: 'signed',
  map: (cam) => tf.sum(tf.mul(tf.mean(cam.gradients(), [1, 2], true), cam.activations), 3),
};

interface Info {
  readonly classes: readonly number[];
  readonly inputType: string;
  readonly onnx: Readonly<Record<string, string>>;
  readonly logitsOutput: string;
  readonly outputs: readonly string[];
  readonly layers: readonly {
    readonly module: string;
    readonly file: string;
    /** How far PyTorch's own float32 map strays from float64, as a share of its largest absolute value. */
    readonly float32Noise: number;
    readonly values: Readonly<Record<string, readonly string[]>>;
  }[];
}

const fixtures = fileURLToPath(new URL('fixtures/', import.meta.url));
const networks = readdirSync(fixtures).filter(
  (name) => name.startsWith('tiny-') && existsSync(join(fixtures, name, 'info.json')),
);
/** Rounding of a forward and backward pass, by the element type that the network computes in. */
const TOLERANCE: Readonly<Record<string, number>> = { float32: 1e-4, float16: 1e-2 };

async function samples(file: string): Promise<Float32Array[]> {
  const { shape, data } = await npy(file);
  const size = data.length / shape[0]!;
  return Array.from({ length: shape[0]! }, (_, index) => data.slice(index * size, (index + 1) * size));
}

describe.each(networks)('%s', (network) => {
  const folder = join(fixtures, network);
  const info = JSON.parse(readFileSync(join(folder, 'info.json'), 'utf8')) as Info;
  // `any-size` leaves height and width open: its size would be the default one, not that of the recorded inputs.
  const cases = Object.entries(info.onnx)
    .filter(([variant]) => variant !== 'any-size')
    .flatMap(([variant, file]) =>
      info.layers
        .filter((layer) => layer.values[variant]?.[0] !== undefined)
        .map((layer) => ({ variant, file, layer, value: layer.values[variant]![0]! })),
    );

  const tolerance = TOLERANCE[info.inputType]!;

  test.each(cases)('$variant at $layer.module', async ({ file, layer, value }) => {
    const inputs = await samples(join(folder, 'inputs.npy'));
    const logits = await samples(join(folder, 'logits.npy'));
    // One logit explains class 1 of two; the fixtures count outputs.
    const classes = logits[0]!.length === 1 ? info.classes.map(() => 1) : info.classes;
    const maps = await samples(join(folder, layer.file));
    for (const [engine, voting] of [
      ['cpu', false],
      ['cpu', true],
      ['eager', false],
    ] as const) {
      const run = await openRun(join(folder, file), network, {
        batch: 2,
        layer: value,
        methods: [signed],
        engine: await chooseEngine(engine),
        voting,
      });
      const inferred = await run.infer(inputs, voting ? null : classes);
      const [ours] = await inferred.maps(classes);
      await run.close();
      for (const [index, reference] of maps.entries()) {
        expect(largestDifference(inferred.logits[index]!, logits[index]!), `${engine} logits`).toBeLessThan(
          tolerance * Math.max(1, ...logits[index]!.map(Math.abs)),
        );
        const top = Math.max(...reference.map(Math.abs));
        expect(largestDifference(ours![index]!, reference) / top, `${engine} map`).toBeLessThan(
          Math.max(tolerance, 4 * layer.float32Noise),
        );
      }
    }
  });
});
