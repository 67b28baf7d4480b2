// Grad-CAM of state dicts against pytorch-grad-cam, at layers named as PyTorch names its modules: the last feature map and ones
// inside. Small networks always; full-size ones, also against their ONNX exports, where GRADCAM_FIXTURES names their folder.
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { largestDifference } from '../../arrays.ts';
import { fixtures, pictures, readJson } from './logits.ts';
import { explainAt, folderFor, largestOf, samplesOf, split, type LayerInfo } from './maps.ts';

interface Info {
  readonly classes: readonly number[];
  readonly channels?: number;
  readonly layers: readonly LayerInfo[];
  readonly onnx?: Readonly<Record<string, string>>;
}

/** Rounding of a float32 forward and backward pass. */
const TOLERANCE = 1e-4;
/** Where PyTorch's own float32 map strays, a few activations lie on the kink of their ReLU: one more may fall to its other side. */
const allowed = ({ float32Noise }: LayerInfo): number => Math.max(TOLERANCE, 12 * float32Noise);

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'gradcam-state-dicts-'));
});
afterAll(() => rm(root, { recursive: true }));

function expectClose(
  found: readonly Float32Array[],
  wanted: readonly Float32Array[],
  tolerance: number,
  what: string,
): void {
  const top = Math.max(...wanted.map(largestOf));
  for (const [index, values] of wanted.entries()) {
    expect(largestDifference(found[index]!, values) / top, `${what} of sample ${index}`).toBeLessThan(tolerance);
  }
}

const small = readdirSync(fixtures).filter(
  (name) => name.startsWith('state-') && existsSync(join(fixtures, name, 'info.json')),
);

test.each(small)('%s', async (network) => {
  const folder = join(fixtures, network);
  const info = await readJson<Info>(join(folder, 'info.json'));
  const own = existsSync(join(folder, 'run.json')) ? await readJson<object>(join(folder, 'run.json')) : {};
  const { shape, data } = await pictures(info.channels ?? 3);
  const path = await folderFor(root, join(folder, 'state.safetensors'), { ...own, input: { size: shape.slice(2) } });
  for (const layer of info.layers) {
    const { logits, maps } = await explainAt({
      path,
      layer: layer.module,
      inputs: split(shape, data),
      classes: info.classes,
    });
    expectClose(logits, await samplesOf(join(folder, 'logits.npy')), TOLERANCE, 'logits');
    expectClose(maps, await samplesOf(join(folder, layer.file)), allowed(layer), layer.module);
  }
});

const large = process.env.GRADCAM_FIXTURES;
/** Weights do not tell that strides were replaced by dilation, nor timm's other ways. */
const foreign = /^timm_(resnet|convnext|tf_)/;
/** torchvision's DenseNet applies its last ReLU in place: what pytorch-grad-cam finds before it has been overwritten. */
const overwritten = (network: string, module: string): boolean =>
  network.startsWith('densenet') && ['features', 'features.norm5'].includes(module);
const networks =
  large === undefined
    ? []
    : readdirSync(large).filter((name) => existsSync(join(large, name, 'state.pth')) && !foreign.test(name));
if (networks.length === 0)
  process.stdout.write('Full-size state dicts are not checked: GRADCAM_FIXTURES names no folder with them.\n');

describe.skipIf(networks.length === 0).each(networks)('%s at full size', (network) => {
  const folder = join(large ?? '', network);

  test('logits and maps', async () => {
    const info = await readJson<Info>(join(folder, 'info.json'));
    const inputs = await samplesOf(join(folder, 'inputs.npy'));
    const side = Math.sqrt(inputs[0]!.length / 3);
    const run = { input: { size: [side, side] } };
    const path = await folderFor(root, join(folder, 'state.pth'), run);
    // The export that keeps batch normalisation: folding it rounds differently, and moves activations across kinks.
    const exported = info.onnx?.dynamo;
    for (const layer of info.layers) {
      const request = { layer: layer.module, inputs, classes: info.classes };
      const ours = await explainAt({ ...request, path });
      expectClose(ours.logits, await samplesOf(join(folder, 'logits.npy')), TOLERANCE, 'logits');
      if (!overwritten(network, layer.module)) {
        expectClose(ours.maps, await samplesOf(join(folder, layer.file)), allowed(layer), layer.module);
      }
      const value = layer.values?.dynamo?.[0];
      if (exported === undefined || value === undefined) continue;
      const theirs = await explainAt({ ...request, path: join(folder, exported), layer: value });
      expectClose(ours.maps, theirs.maps, TOLERANCE, `${layer.module}, ONNX`);
    }
  });
});
