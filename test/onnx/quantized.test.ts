// Quantised networks in every form that onnxruntime.quantization writes: what it computes, and maps by gradients that pass
// through the rounding. No other tool takes such maps: those of the network before it was quantised are beside them.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { MapMethod } from '../../src/cam/method.ts';
import { gradcam } from '../../src/cam/methods/gradcam.ts';
import { chooseEngine } from '../../src/engine/engines.ts';
import { constantOf } from '../../src/graph/tensor.ts';
import { listModelLayers } from '../../src/layers.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { replay } from '../../src/replay/replay.ts';
import { openRun } from '../../src/runs.ts';
import { tf } from '../../src/tf/tfjs.ts';
import { correlation, largestDifference, npy } from '../arrays.ts';
import { float32, node, port, graphOf, floats } from './models.ts';

const fixture = (path: string): string => new URL(`../fixtures/${path}`, import.meta.url).pathname;
const FORMS = ['qdq', 'qdq-per-channel', 'qdq-16-bit', 'qoperator', 'dynamic', 'dynamic-per-channel'];
const { classes } = JSON.parse(readFileSync(fixture('tiny-resnet/info.json'), 'utf8')) as { classes: number[] };
/** Grad-CAM before its ReLU, as the fixtures record it. */
const signed: MapMethod = {
  ...gradcam,
  id: 'signed',
  map: (cam) => tf.sum(tf.mul(tf.mean(cam.gradients(), [1, 2], true), cam.activations), 3),
};

async function samples(file: string): Promise<Float32Array[]> {
  const { shape, data } = await npy(fixture(file));
  const size = data.length / shape[0]!;
  return Array.from({ length: shape[0]! }, (_, index) => data.slice(index * size, (index + 1) * size));
}

describe.each(FORMS)('%s', (form) => {
  const path = fixture(`quantized-resnet/${form}.onnx`);

  test.each(['cpu', 'eager'])('on %s: ONNX Runtime’s logits, maps near those before', async (engine) => {
    const [inputs, logits] = await Promise.all([
      samples('tiny-resnet/inputs.npy'),
      samples(`quantized-resnet/logits-${form}.npy`),
    ]);
    for (const layer of ['layer3', 'layer2']) {
      const maps = await samples(`tiny-resnet/maps/${layer}.npy`);
      const run = await openRun(path, form, {
        batch: 2,
        layer,
        methods: [signed],
        engine: await chooseEngine(engine),
        voting: false,
      });
      const inferred = await run.infer(inputs, classes);
      const [ours] = await inferred.maps(classes);
      await run.close();
      for (const [index, wanted] of logits.entries()) {
        // Sums in another order may round to the next step, of which 16 bits have fine ones.
        const steps = engine === 'eager' ? 1e-3 : 1e-5;
        expect(largestDifference(inferred.logits[index]!, wanted)).toBeLessThan(steps);
        // Channels that saturate on a picture have no gradient, unlike before.
        expect(correlation(ours![index]!, maps[index]!)).toBeGreaterThan(0.9);
      }
    }
  });

  test('layers are real numbers, under the names of the network before', async () => {
    const { layers } = await listModelLayers(path);
    const names = layers.flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(names).toEqual(expect.arrayContaining(['layer3', 'layer2', 'layer1']));
    expect(layers.map(({ op }) => op)).not.toContain('QuantizeLinear');
  });
});

describe('gradients through rounding', () => {
  beforeAll(() => tf.setBackend('cpu'));

  test('pass where values are kept and stop where they saturate', () => {
    const graph = graphOf({
      inputs: [port('x', float32(5))],
      outputs: [port('y', float32(5))],
      nodes: [
        node('QuantizeLinear', ['x', 'scale', 'zero'], ['q']),
        node('DequantizeLinear', ['q', 'scale', 'zero'], ['y']),
      ],
      constants: new Map([
        ['scale', floats([], [0.5])],
        ['zero', constantOf('int8', [], [-128])],
      ]),
    });
    const through = (x: tf.Tensor): tf.Tensor => replay(graph, graph.nodes, new Map([['x', x]]), ['y']).get('y')!;
    const x = tf.tensor1d([-1, 0.2, 0.3, 100.1, 200]);
    expect([...through(x).dataSync()]).toEqual([0, 0, 0.5, 100, 127.5]);
    expect([
      ...tf
        .grad((value) => tf.sum(through(value)))(x)
        .dataSync(),
    ]).toEqual([0, 1, 1, 1, 0]);
  });

  test('an integer value that goes two ways is one real value', () => {
    const { graph } = decodeModel(readFileSync(fixture('quantized-resnet/qoperator.onnx')), {
      folder: null,
      source: 'qoperator.onnx',
    });
    const made = graph.nodes.filter(({ op }) => op === 'DequantizeLinear').map(({ inputs }) => inputs[0]);
    expect(new Set(made).size).toBe(made.length);
    expect(graph.nodes.filter(({ op }) => /^QLinear|^QGemm/.test(op))).toEqual([]);
  });
});
