// Methods that a network does not allow, beside methods that it does: global max pooling has no second derivative here.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { methods } from '../src/cam/methods.ts';
import type { MapMethod } from '../src/cam/method.ts';
import { chooseEngine } from '../src/engine/engines.ts';
import type { Constant, Graph, Node } from '../src/graph/graph.ts';
import { Random } from '../src/lib/random.ts';
import { saveModel } from '../src/onnx/save.ts';
import { openRun, type OpenRun } from '../src/runs.ts';

const random = Random.of(0, 'left out');
const weights = (...shape: number[]): Constant => {
  const count = shape.reduce((product, side) => product * side, 1);
  const values = Float32Array.from({ length: count }, () => random.normal());
  return { dtype: 'float32', shape, bytes: new Uint8Array(values.buffer) };
};
const node = (op: string, inputs: string[], output: string, attributes: Node['attributes'] = {}): Node => ({
  ...{ op, domain: '', name: output, inputs, outputs: [output], attributes },
});

/** Convolution, ReLU, the maximum over the picture, one linear layer. */
const network: Graph = {
  opset: 18,
  domains: {},
  inputs: [{ name: 'x', type: { dtype: 'float32', shape: [1, 3, 16, 16] } }],
  outputs: [{ name: 'logits', type: { dtype: 'float32', shape: [1, 5] } }],
  nodes: [
    node('Conv', ['x', 'filters'], 'convolved', { strides: { kind: 'ints', value: [2, 2] } }),
    node('Relu', ['convolved'], 'features'),
    node('GlobalMaxPool', ['features'], 'pooled'),
    node('Flatten', ['pooled'], 'flat'),
    node('Gemm', ['flat', 'weights'], 'logits'),
  ],
  constants: new Map([
    ['filters', weights(8, 3, 3, 3)],
    ['weights', weights(8, 5)],
  ]),
  types: new Map(),
};

const folder = await mkdtemp(join(tmpdir(), 'gradcam-left-out-'));
const model = join(folder, 'model.onnx');
beforeAll(() => saveModel(network, model));
afterAll(() => rm(folder, { recursive: true }));

async function open(asked: readonly MapMethod[], told: string[] = []): Promise<OpenRun> {
  const engine = await chooseEngine('cpu');
  return openRun(model, 'max', { batch: 1, methods: asked, engine, voting: false, onLeftOut: (why) => told.push(why) });
}

const input = Float32Array.from({ length: 3 * 16 * 16 }, () => random.normal());

test('the others are done as without it, and its maps say why there are none', async () => {
  const told: string[] = [];
  const run = await open([methods.gradcam, methods.shapleycam, methods.cam, methods.hirescam], told);
  const maps = await (await run.infer([input], [2])).explained([2]);
  await run.close();
  expect(told).toEqual([expect.stringMatching(/^ShapleyCAM is left out/), expect.stringMatching(/^CAM is left out/)]);
  expect(maps.map(([one]) => one!.note ?? null)).toEqual([null, told[0], told[1], null]);
  expect(maps.map(([one]) => one!.map.every(Number.isFinite))).toEqual([true, false, false, true]);

  const alone = await open([methods.gradcam, methods.hirescam]);
  const kept = await (await alone.infer([input], [2])).maps([2]);
  await alone.close();
  expect([maps[0]![0]!.map, maps[3]![0]!.map]).toEqual([kept[0]![0], kept[1]![0]]);
  expect(alone.grids).toEqual([run.grids[0], run.grids[3]]);
});

test('where no method is left, its own error is thrown', async () => {
  await expect(open([methods.shapleycam])).rejects.toMatchObject({ code: 'no-second-derivative' });
  await expect(open([methods.cam, methods.shapleycam])).rejects.toMatchObject({ code: 'head-not-pooled' });
});
