// The same weights through every format that a framework writes give the same logits and the same map, to rounding.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { largestDifference, npy } from '../../arrays.ts';
import { fixtures } from '../torch/logits.ts';
import { explainAt, largestOf, split, type Explained } from '../torch/maps.ts';
import { toNchw } from './traced.ts';

interface Case {
  readonly fixture: string;
  readonly files: readonly string[];
  /** The last feature map, and one inside. */
  readonly layers: readonly string[];
}

const KERAS = [
  'keras3.keras',
  'keras3.h5',
  'keras2.keras',
  'keras2.h5',
  'layers',
  'layers-keras3',
  'graph',
  'saved-model',
  'saved-model-keras3',
  'frozen',
];
const ONNX = [
  'torchscript.onnx',
  'dynamo.onnx',
  'unfolded.onnx',
  'dynamo-external.onnx',
  'opset11.onnx',
  'opset13.onnx',
];
const TORCH = [
  'plain.pth',
  'legacy.pth',
  'strided.pth',
  'checkpoint.pth.tar',
  'lightning.ckpt',
  'whole.pt',
  'double.safetensors',
];
const CASES: readonly Case[] = [
  { fixture: 'keras-residual', files: KERAS, layers: ['conv3_block2_out', 'conv2_block1_out'] },
  { fixture: 'keras-nested', files: KERAS, layers: ['backbone', 'backbone/dw'] },
  { fixture: 'tiny-resnet', files: ONNX, layers: ['layer3', 'layer2'] },
  { fixture: 'state-forms', files: TORCH, layers: ['layer4', 'layer2'] },
];

/** Samples channels first: every loader here makes of its file a graph that takes them so. */
async function samplesOf(folder: string): Promise<{ samples: Float32Array[]; size: [number, number] }> {
  const own = join(folder, 'inputs.npy');
  const { shape, data } = await npy(existsSync(own) ? own : join(fixtures, 'state-pictures', 'inputs.npy'));
  const [batch = 1, a = 1, b = 1, c = 1] = shape;
  if (c !== 3) return { samples: split(shape, data), size: [b, c] };
  return { samples: split([batch, c, a, b], toNchw(data, [batch, a, b, c])), size: [a, b] };
}

describe.each(CASES)('$fixture', ({ fixture, files, layers }) => {
  const folder = join(fixtures, fixture);
  const { classes } = JSON.parse(readFileSync(join(folder, 'info.json'), 'utf8')) as { classes: number[] };
  const there = files.filter((file) => existsSync(join(folder, file)));

  test.each(layers)('at %s', async (layer) => {
    const { samples, size } = await samplesOf(folder);
    const explained: Explained[] = [];
    for (const file of there)
      explained.push(await explainAt({ path: join(folder, file), layer, inputs: samples, classes, input: { size } }));
    const [first, ...others] = explained;
    expect(others.length).toBeGreaterThan(4);
    for (const [index, other] of others.entries()) {
      for (const part of ['logits', 'maps'] as const) {
        const top = Math.max(...first![part].map(largestOf));
        for (const [sample, values] of first![part].entries())
          expect(largestDifference(other[part][sample]!, values) / top, `${there[index + 1]!}, ${part}`).toBeLessThan(
            1e-4,
          );
      }
    }
  });
});
