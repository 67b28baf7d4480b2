// Every method on three tiny networks against pytorch-grad-cam, Captum and PyTorch by hand (test/fixtures/make/cam_methods.py).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { MapMethod } from '../../src/cam/method.ts';
import { methods, type MethodId } from '../../src/cam/methods.ts';
import { chooseEngine } from '../../src/engine/engines.ts';
import { openRun } from '../../src/runs.ts';
import { largestDifference, npy } from '../arrays.ts';

type Maps = Readonly<Record<string, readonly (readonly (readonly number[])[])[]>>;
interface Recorded {
  readonly classes: readonly number[];
  readonly layers: Readonly<Record<string, Maps>>;
  readonly input: Maps;
}
interface Info {
  readonly onnx: Readonly<Record<string, string>>;
  readonly layers: readonly { readonly module: string; readonly values: Readonly<Record<string, readonly string[]>> }[];
}

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));
const json = (file: string): unknown => JSON.parse(readFileSync(join(fixtures, file), 'utf8'));
const TOLERANCE = 1e-3;
/**
 * Before a layer normalisation, which does not see the length of a token, gradient and token are at right angles: HiResCAM is
 * zero there, and both sides show their rounding. Below this share of the terms that cancel, a map counts as zero.
 */
const CANCELLED = 1e-3;
const sizeOf = ({ 'gradcam-elementwise': terms }: Maps, sample: number): number =>
  Math.max(0, ...(terms?.[sample]?.flat() ?? []));
/** Settings with which the other side was run. */
const settings = {
  'integrated-gradients': { steps: '64' },
  occlusion: { window: '0.25', stride: '0.5' },
};
/** Signs of principal components are free: theirs are turned to ours. */
const isTurned = (id: string, map: readonly number[]): boolean =>
  /eigen|kpca/.test(id) && -Math.min(...map) > Math.max(...map);

async function inputsOf(network: string): Promise<Float32Array[]> {
  const { shape, data } = await npy(join(fixtures, network, 'inputs.npy'));
  const size = data.length / shape[0]!;
  return Array.from({ length: shape[0]! }, (_, index) => data.slice(index * size, (index + 1) * size));
}

async function check(
  network: string,
  layer: string,
  recorded: Maps,
  inputs: readonly Float32Array[],
  classes: readonly number[],
): Promise<void> {
  const ids = Object.keys(recorded).filter((id): id is MethodId => id in methods);
  const { onnx } = json(`${network}/info.json`) as Info;
  const run = await openRun(join(fixtures, network, onnx['torchscript']!), network, {
    batch: inputs.length,
    layer,
    methods: ids.map((id): MapMethod => methods[id]),
    engine: await chooseEngine('cpu'),
    voting: false,
    signed: true,
    settings,
  });
  const maps = await (await run.infer(inputs, classes)).maps(classes);
  await run.close();
  for (const [m, id] of ids.entries())
    for (const [sample] of inputs.entries()) {
      const flat = recorded[id]![sample]!.flat();
      const reference = isTurned(id, flat) ? flat.map((value) => -value) : flat;
      const top = Math.max(...reference.map(Math.abs), CANCELLED * sizeOf(recorded, sample));
      expect
        .soft(largestDifference(maps[m]![sample]!, reference) / top, `${network} ${layer} ${id}`)
        .toBeLessThan(TOLERANCE);
    }
}

describe.each(['tiny-resnet', 'tiny-efficientnetv2', 'tiny-vit'])('%s', (network) => {
  const { layers, input, classes } = json(`cam-methods/${network}.json`) as Recorded;
  const { layers: values } = json(`${network}/info.json`) as Info;

  test.each(Object.keys(layers))('at %s', async (module) => {
    const layer = values.find((one) => one.module === module)!.values['torchscript']![0]!;
    await check(network, layer, layers[module]!, await inputsOf(network), classes);
  });

  test('at the input', async () => {
    const [first] = await inputsOf(network);
    await check(network, 'auto', input, [first!], classes.slice(0, 1));
  });
});
