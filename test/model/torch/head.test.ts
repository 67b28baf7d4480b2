// Classifiers in the forms that people give them, worked out by hand on two features.
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { constantOf } from '../../../src/graph/tensor.ts';
import { inferTypes } from '../../../src/graph/infer.ts';
import { classify, type HeadOptions } from '../../../src/model/torch/head.ts';
import { Network, type Hints } from '../../../src/model/torch/network.ts';
import { Weights } from '../../../src/model/torch/weights.ts';
import { encodeModel } from '../../../src/onnx/encode.ts';

type Arrays = Readonly<Record<string, readonly [shape: readonly number[], values: readonly number[]]>>;

/** Logits for the features [3, 4], and what is said. */
async function logitsOf(
  arrays: Arrays,
  options: HeadOptions = {},
  hints: Hints = {},
): Promise<{ logits: number[]; net: Network }> {
  const shapes = new Map(Object.entries(arrays).map(([name, [shape]]) => [name, shape]));
  const constants = new Map(
    Object.entries(arrays).map(([name, [shape, values]]) => [name, constantOf('float32', shape, values)]),
  );
  const net = new Network(new Weights(shapes, constants), hints);
  const graph = net.finish(classify(net, net.input('features', [1, 2]), 'fc', options));
  const session = await ort.InferenceSession.create(encodeModel(inferTypes(graph)), { logSeverityLevel: 3 });
  try {
    const { logits } = await session.run({ features: new ort.Tensor('float32', Float32Array.of(3, 4), [1, 2]) });
    return { logits: Array.from(logits!.data as Float32Array), net };
  } finally {
    await session.release();
  }
}

const close = (found: readonly number[], wanted: readonly number[]): void => {
  expect(found).toHaveLength(wanted.length);
  for (const [index, value] of wanted.entries()) expect(found[index]).toBeCloseTo(value, 5);
};

test('one linear layer', async () => {
  const { logits, net } = await logitsOf({
    'fc.weight': [
      [3, 2],
      [1, 0, 0, 1, 1, 1],
    ],
    'fc.bias': [[3], [0, 0, 0.5]],
  });
  close(logits, [3, 4, 7.5]);
  expect(net.assumed.size).toBe(0);
});

test('dropout before it: fc.1', async () => {
  const { logits, net } = await logitsOf({
    'fc.1.weight': [
      [1, 2],
      [1, 2],
    ],
    'fc.1.bias': [[1], [1]],
  });
  close(logits, [12]);
  expect(net.assumed.size).toBe(0);
});

test('NormedLinear [features, classes]: cosines with the columns', async () => {
  // Columns (2, 0), (0, 5), (1, 1); features (3, 4) / 5.
  const { logits, net } = await logitsOf({
    'fc.weight': [
      [2, 3],
      [2, 0, 1, 0, 5, 1],
    ],
  });
  close(logits, [0.6, 0.8, 1.4 / Math.SQRT2]);
  expect([...net.assumed].join()).toContain('NormedLinear');
});

test('cosines times a learnt scale', async () => {
  const { logits } = await logitsOf({
    'fc.weight': [
      [3, 2],
      [2, 0, 0, 5, 1, 1],
    ],
    'fc.sigma': [[1], [10]],
  });
  close(logits, [6, 8, 14 / Math.SQRT2]);
});

test('no bias and nothing else: plain, and said', async () => {
  const { logits, net } = await logitsOf({
    'fc.weight': [
      [3, 2],
      [2, 0, 0, 5, 1, 1],
    ],
  });
  close(logits, [6, 20, 7]);
  expect([...net.assumed].join()).toContain('plain linear layer');
});

test('no bias, and cosines by the word of run.json', async () => {
  const arrays: Arrays = {
    'fc.weight': [
      [3, 2],
      [2, 0, 0, 5, 1, 1],
    ],
  };
  const { logits, net } = await logitsOf(arrays, {}, { classifier: 'cosine' });
  close(logits, [0.6, 0.8, 1.4 / Math.SQRT2]);
  expect(net.assumed.size).toBe(0);
});

test('two layers with a gap between: ReLU', async () => {
  const { logits, net } = await logitsOf({
    'fc.0.weight': [
      [2, 2],
      [1, 0, 0, -1],
    ],
    'fc.0.bias': [[2], [0, 0]],
    'fc.2.weight': [
      [1, 2],
      [2, 10],
    ],
    'fc.2.bias': [[1], [1]],
  });
  close(logits, [7]);
  expect([...net.assumed].join()).toContain('ReLU is assumed');
});

test('two layers without a gap: nothing between', async () => {
  const { logits } = await logitsOf({
    'fc.0.weight': [
      [2, 2],
      [1, 0, 0, -1],
    ],
    'fc.0.bias': [[2], [0, 0]],
    'fc.1.weight': [
      [1, 2],
      [2, 10],
    ],
    'fc.1.bias': [[1], [1]],
  });
  close(logits, [-33]);
});

test('linear, normalised over the batch, ReLU, linear', async () => {
  // Second feature: (4 - 10) / sqrt(4 + 1e-5) * 1 + 0 < 0, cut off; first: (3 - 1) / 2 * 3 + 1 = 4.
  const { logits } = await logitsOf({
    'fc.0.weight': [
      [2, 2],
      [1, 0, 0, 1],
    ],
    'fc.0.bias': [[2], [0, 0]],
    'fc.1.weight': [[2], [3, 1]],
    'fc.1.bias': [[2], [1, 0]],
    'fc.1.running_mean': [[2], [1, 10]],
    'fc.1.running_var': [[2], [4, 4]],
    'fc.4.weight': [
      [1, 2],
      [1, 1],
    ],
    'fc.4.bias': [[1], [0]],
  });
  expect(logits[0]).toBeCloseTo(4, 4);
});

test('a classifier of another name, the only one that is left', async () => {
  const { logits, net } = await logitsOf({
    'margin.weight': [
      [1, 2],
      [1, 1],
    ],
    'margin.bias': [[1], [0]],
  });
  close(logits, [7]);
  expect([...net.assumed].join()).toContain('The classifier is "margin"');
});

test('weights for another number of features are noted', async () => {
  const { net } = await logitsOf({
    'fc.1.weight': [
      [1, 2],
      [1, 1],
    ],
    'fc.1.bias': [[1], [0]],
  });
  expect(net.problems).toEqual([]);
  const shapes = new Map<string, readonly number[]>([
    ['fc.weight', [4, 7]],
    ['fc.bias', [4]],
  ]);
  const other = new Network(new Weights(shapes));
  classify(other, other.input('features', [1, 2]), 'fc');
  expect(other.problems[0]).toEqual({ name: 'fc.weight', expected: [null, 2], found: [4, 7] });
});
