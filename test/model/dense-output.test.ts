// Outputs that are no class scores: class maps and arrays.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { methods } from '../../src/cam/methods.ts';
import { chooseEngine } from '../../src/engine/engines.ts';
import { ints } from '../../src/graph/attributes.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { constantOf } from '../../src/graph/tensor.ts';
import { encodeModel } from '../../src/onnx/encode.ts';
import { openRun } from '../../src/runs.ts';

/**
 * image [batch, 3, 4, 4] -> features = ReLU(image) -> classes: a convolution of 1 x 1 with weights w [2, 3] and biases b.
 *   w = (1 0 0; 0 1 0), b = (0.5, 0): class 0 is red + 0.5, class 1 is green.
 */
function segmentation(): Uint8Array {
  const builder = new GraphBuilder();
  const image = builder.input('image', { dtype: 'float32', shape: [null, 3, 4, 4] });
  const weights = builder.constant(constantOf('float32', [2, 3, 1, 1], [1, 0, 0, 0, 1, 0]));
  const bias = builder.constant(constantOf('float32', [2], [0.5, 0]));
  const same = builder.constant(constantOf('float32', [3, 3, 1, 1], [1, 0, 0, 0, 1, 0, 0, 0, 1]));
  const [copied] = builder.node('Conv', [image, same], { kernel_shape: ints([1, 1]) });
  const [features] = builder.node('Relu', [copied!], {}, ['features']);
  builder.node('Conv', [features!, weights, bias], { kernel_shape: ints([1, 1]) }, ['classes']);
  return encodeModel(builder.finish([{ name: 'classes', type: { dtype: 'float32', shape: [null, 2, 4, 4] } }]));
}

/** Green is 2 in the first two cells, red is 1 everywhere: class 1 is greatest in two cells, class 0 in the other fourteen. */
const picture = new Float32Array(48);
picture.fill(1, 0, 16);
picture.set([2, 2], 16);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gradcam-test-'));
  await writeFile(join(folder, 'segmentation.onnx'), segmentation());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function explained(
  engine: string,
  output?: string,
): Promise<{ logits: number[]; maps: number[][]; assumed: readonly string[] }> {
  const run = await openRun(join(folder, 'segmentation.onnx'), 'segmentation', {
    batch: 1,
    layer: 'features',
    methods: [methods.hirescam],
    engine: await chooseEngine(engine),
    voting: false,
    output,
  });
  const inferred = await run.infer([picture], [1]);
  const maps = await inferred.maps([1]);
  await run.close();
  return { logits: [...inferred.logits[0]!], maps: maps.map(([first]) => [...first!]), assumed: run.assumed };
}

test.each(['cpu', 'eager'])('%s: a class scores its mean over the cells where it is the greatest', async (engine) => {
  const { logits, maps, assumed } = await explained(engine);
  expect(logits[0]).toBeCloseTo(1.5, 6); // red + 0.5 in fourteen cells
  expect(logits[1]).toBeCloseTo(2, 6); // green in two
  // d score / d green = 1 / 2 in the two cells, times green = 2.
  expect(maps[0]).toEqual([1, 1, ...Array.from({ length: 14 }, () => 0)]);
  expect(assumed.join()).toContain('is a map of classes');
});

test('a class map may be named', async () => {
  expect((await explained('cpu', 'classes')).logits[1]).toBeCloseTo(2, 6);
});
