// Token maps become grids without being asked for, whatever stands before the grid and whatever its form: timm's DeiT with a
// distillation token and its Swin, on pictures that are not square, against pytorch-grad-cam (test/fixtures/make/tokens.py).
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { methods } from '../../src/cam/methods.ts';
import { chooseEngine } from '../../src/engine/engines.ts';
import { chooseLayer, openRun, prepareModel } from '../../src/runs.ts';
import { largestDifference } from '../arrays.ts';

interface Expected {
  readonly module: string;
  readonly class: number;
  readonly input: readonly number[];
  readonly logits: readonly number[];
  readonly shape: readonly number[];
  readonly gradcam: readonly number[];
}
const file = (network: string, name: string): string =>
  fileURLToPath(new URL(`../fixtures/tokens-${network}/${name}`, import.meta.url));

describe.each([
  ['deit', 'blocks.1.norm1', 2],
  ['swin', 'norm', 0],
])('%s', (network, auto, prefix) => {
  const path = file(network, 'model.onnx');
  const expected = JSON.parse(readFileSync(file(network, 'expected.json'), 'utf8')) as Expected;

  test('the layer of auto, its grid and the tokens before it', async () => {
    const { layer } = chooseLayer(await prepareModel(path, { batch: 1 }), 'auto');
    expect(layer).toMatchObject({ name: auto, prefix });
    expect(layer.shape.slice(0, 2)).toEqual(expected.shape);
  });

  test('Grad-CAM at a module', async () => {
    const run = await openRun(path, network, {
      ...{ batch: 1, layer: expected.module, methods: [methods.gradcam], signed: true, voting: false },
      engine: await chooseEngine('cpu'),
    });
    const inferred = await run.infer([Float32Array.from(expected.input)], [expected.class]);
    const [[map]] = (await inferred.maps([expected.class])) as [[Float32Array]];
    await run.close();
    expect(run.grids).toEqual([expected.shape]);
    expect(largestDifference(inferred.logits[0]!, expected.logits)).toBeLessThan(1e-4);
    const top = Math.max(...expected.gradcam.map(Math.abs));
    expect(largestDifference(map, expected.gradcam) / top).toBeLessThan(1e-3);
  });
});
