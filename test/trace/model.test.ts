// Whole small networks: recorded gradients against the eager `cpu` backend, and what their graphs look like.
import { expect, test } from 'vitest';
import { checkGraph } from '../../src/graph/check.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { conv2d, type ConvOptions } from '../../src/tf/conv.ts';
import { maxPool2d } from '../../src/tf/pool.ts';
import { tf } from '../../src/tf/tfjs.ts';
import { trace } from '../../src/trace/tracer.ts';
import { difference, seeded, seeded4d } from '../tf/tensors.ts';
import { runNative } from './native.ts';

const CLASSES = 5;
const plain: ConvOptions = { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 1 };
const ops = (graph: Graph): string[] => graph.nodes.map((node) => node.op);
const count = (graph: Graph, op: string): number => ops(graph).filter((found) => found === op).length;

/** Weights by number, so that both runs have the same. */
function weights(): (shape: readonly number[], spread?: number) => tf.Tensor {
  let index = 0;
  return (shape, spread = 0.4) => tf.mul(seeded(shape, 100 + index++), spread);
}

function batchNorm(x: tf.Tensor4D, next: ReturnType<typeof weights>): tf.Tensor4D {
  const vector = (offset: number): tf.Tensor1D => tf.add(next([x.shape[1]]), offset);
  const nhwc = tf.transpose<tf.Tensor4D>(x, [0, 2, 3, 1]);
  return tf.transpose(tf.batchNorm(nhwc, vector(0), vector(1), vector(0), vector(1), 1e-3), [0, 3, 1, 2]);
}

/** [batch, 8, 12, 12] NCHW -> logits: strided, grouped, depthwise and dilated convolutions, skips, pools, squeeze and excite. */
function network(x: tf.Tensor4D): tf.Tensor2D {
  const next = weights();
  const convolve = (
    input: tf.Tensor4D,
    out: number,
    kernel: number,
    options: Partial<ConvOptions> = {},
  ): tf.Tensor4D => {
    const settings = { ...plain, ...options };
    const pads = kernel === 1 ? ([0, 0, 0, 0] as const) : settings.pads;
    return conv2d(input, next([out, input.shape[1] / settings.groups, kernel, kernel]) as tf.Tensor4D, {
      ...settings,
      pads,
    });
  };
  let y = tf.relu(batchNorm(convolve(x, 16, 3, { groups: 4 }), next));
  const skip = batchNorm(convolve(y, 24, 1, { strides: [2, 2] }), next);
  y = tf.relu(batchNorm(convolve(y, 24, 3, { strides: [2, 2], groups: 2 }), next));
  y = batchNorm(convolve(y, 24, 3, { dilations: [2, 2], pads: [2, 2, 2, 2] }), next);
  y = tf.relu(tf.add<tf.Tensor4D>(y, skip));
  y = convolve(y, 24, 3, { groups: 24 });
  y = tf.mul(y, tf.sigmoid(y));
  const squeezed = tf.mul<tf.Tensor4D>(tf.mean(y, [2, 3], true), 3);
  y = tf.mul(y, tf.sigmoid(convolve(squeezed, 24, 1)));
  y = maxPool2d(y, { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], dilations: [1, 1], ceilMode: false });
  const pooled = tf.mean(y, [2, 3]);
  return tf.add(tf.matMul(pooled, next([CLASSES, 24]), false, true), next([CLASSES]));
}

/** 1 where the class is `classIndex`, or the model's own top one where that is -1; no gradient flows through the choice. */
function chosen(logits: tf.Tensor2D, classIndex: tf.Tensor1D): tf.Tensor2D {
  return tf.customGrad((z) => {
    const scores = z as tf.Tensor2D;
    const own = tf.where(tf.less(classIndex, 0), tf.argMax(scores, 1), classIndex);
    return { value: tf.cast(tf.oneHot(own, CLASSES), 'float32'), gradFunc: () => tf.zeros(logits.shape) };
  })(logits) as tf.Tensor2D;
}

function gradcam(x: tf.Tensor4D, classIndex: tf.Tensor1D): Record<string, tf.Tensor> {
  const score = (a: tf.Tensor): tf.Tensor => {
    const logits = network(a as tf.Tensor4D);
    return tf.sum(tf.mul(logits, chosen(logits, classIndex)));
  };
  const gradients = tf.grad(score)(x);
  const channelWeights = tf.mean(gradients, [2, 3], true);
  return { gradients, map: tf.relu(tf.sum(tf.mul(channelWeights, x), 1)), logits: network(x) };
}

test('Grad-CAM of a residual network equals the eager backend, classes given and chosen', async () => {
  const x = seeded4d([3, 8, 12, 12], 1);
  const classIndex = tf.tensor1d([2, -1, 0], 'int32');
  const graph = trace((tracer) => {
    const traced = tracer.input('x', { dtype: 'float32', shape: x.shape }) as tf.Tensor4D;
    return gradcam(traced, tracer.input('class', { dtype: 'int32', shape: [3] }) as tf.Tensor1D);
  });
  checkGraph(graph);
  expect(count(graph, 'Transpose')).toBe(0);
  const expected = gradcam(x, classIndex);
  const found = await runNative(graph, { x, class: classIndex });
  for (const [name, tensor] of Object.entries(expected)) {
    const scale = tf.max(tf.abs(tensor)).arraySync() as number;
    expect(difference(found[name]!, tensor) / scale, name).toBeLessThan(2e-5);
  }
});

const image = { dtype: 'float32', shape: [1, 4, 8, 8] } as const;

test('convolution, normalisation, rectifier and pool: no node more than the network has, nor in its gradient', () => {
  const forward = (x: tf.Tensor): tf.Tensor => {
    const next = weights();
    const nhwc = tf.transpose(x as tf.Tensor4D, [0, 2, 3, 1]);
    const y = tf.conv2d(nhwc, next([3, 3, 4, 6]) as tf.Tensor4D, 1, 'same');
    const z = tf.relu(batchNorm(tf.transpose(y, [0, 3, 1, 2]), next));
    return tf.transpose(tf.avgPool(tf.transpose(z, [0, 2, 3, 1]), 2, 2, 'valid'), [0, 3, 1, 2]);
  };
  const graph = trace((tracer) => ({ y: forward(tracer.input('x', image)) }));
  expect(ops(graph)).toEqual(['Conv', 'BatchNormalization', 'Relu', 'AveragePool', 'Identity']);
  const gradient = trace((tracer) => {
    const dy = tracer.input('dy', { dtype: 'float32', shape: [1, 6, 4, 4] });
    return { dx: tf.grad((x: tf.Tensor) => tf.sum(tf.mul(forward(x), dy)))(tracer.input('x', image)) };
  });
  // Backwards: the pool's share, repeated; the rectifier's mask; the convolution, which holds the normalisation's scale.
  expect(ops(gradient)).toEqual([
    ...['Conv', 'BatchNormalization', 'Relu'],
    ...['Mul', 'Reshape', 'Expand', 'Reshape', 'HardSigmoid', 'Mul', 'Conv', 'Identity'],
  ]);
});

test('a gradient that every place shares is not spread out before it must be', () => {
  const graph = trace((tracer) => {
    const x = tracer.input('x', image);
    const gradients = tf.grad((a: tf.Tensor) => tf.sum(tf.square(tf.mean(a, [2, 3]))))(x);
    return { weights: tf.mean(gradients, [2, 3]) };
  });
  expect(ops(graph)).not.toContain('Expand');
  expect(count(graph, 'ReduceMean')).toBe(1);
});

test('attention: tokens of an image that lies channels first, softmax, its gradient', async () => {
  const attend = (x: tf.Tensor): tf.Tensor => {
    const next = weights();
    const [batch, channels, height, width] = x.shape as [number, number, number, number];
    const tokens = tf.transpose(tf.reshape(x, [batch, channels, height * width]), [0, 2, 1]);
    const project = (): tf.Tensor => {
      const flat = tf.reshape(tokens, [batch * height * width, channels]);
      const projected = tf.matMul(flat, next([channels, channels]), false, true);
      return tf.transpose(tf.reshape(projected, [batch, height * width, 2, channels / 2]), [0, 2, 1, 3]);
    };
    const [query, key, value] = [project(), project(), project()];
    const scores = tf.softmax(tf.mul(tf.matMul(query, key, false, true), (channels / 2) ** -0.5));
    return tf.mean(tf.matMul(scores, value), [2]);
  };
  const gradient = (x: tf.Tensor): tf.Tensor => tf.grad((a: tf.Tensor) => tf.sum(tf.square(attend(a))))(x);
  const x = seeded([2, 4, 3, 3], 1);
  const graph = trace((tracer) => {
    const traced = tracer.input('x', { dtype: 'float32', shape: x.shape });
    return { y: attend(traced), dx: gradient(traced) };
  });
  checkGraph(graph);
  const { y, dx } = await runNative(graph, { x });
  expect(difference(y!, attend(x))).toBeLessThan(1e-5);
  expect(difference(dx!, gradient(x))).toBeLessThan(1e-5);
});

test('a training step: batch statistics, loss, gradients of all parameters, updates', async () => {
  const names = ['filter', 'gain', 'offset', 'weights'] as const;
  const shapes = [[3, 3, 2, 4], [4], [4], [4, CLASSES]] as const;
  const loss = (x: tf.Tensor, labels: tf.Tensor, [filter, gain, offset, dense]: tf.Tensor[]): tf.Scalar => {
    const y = tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, 'same');
    const { mean, variance } = tf.moments(y, [0, 1, 2]);
    const normal = tf.batchNorm(
      y,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      offset as tf.Tensor1D,
      gain as tf.Tensor1D,
    );
    const logits = tf.matMul(tf.mean(tf.elu(normal), [1, 2]), dense!);
    const target = tf.cast(tf.oneHot(labels, CLASSES), 'float32');
    return tf.neg(tf.mean<tf.Scalar>(tf.sum(tf.mul(target, tf.logSoftmax(logits)), 1)));
  };
  const step = (x: tf.Tensor, labels: tf.Tensor, parameters: tf.Tensor[]): Record<string, tf.Tensor> => {
    const { value, grads } = tf.valueAndGrads((...current: tf.Tensor[]) => loss(x, labels, current))(parameters);
    const updated = parameters.map((parameter, index) => tf.sub(parameter, tf.mul(grads[index]!, 0.1)));
    return { loss: value, ...Object.fromEntries(updated.map((tensor, index) => [`next ${names[index]!}`, tensor])) };
  };
  const x = seeded([3, 7, 8, 2], 1);
  const labels = tf.tensor1d([4, 0, 2], 'int32');
  const parameters = shapes.map((shape, index) => seeded(shape, 10 + index));
  const graph = trace((tracer) => {
    const input = (name: string, tensor: tf.Tensor): tf.Tensor =>
      tracer.input(name, { dtype: tensor.dtype as 'float32' | 'int32', shape: tensor.shape });
    return step(input('x', x), input('labels', labels), parameters.map((tensor, index) => input(names[index]!, tensor))); // prettier-ignore
  });
  checkGraph(graph);
  const feeds = Object.fromEntries(parameters.map((tensor, index) => [names[index]!, tensor]));
  const found = await runNative(graph, { x, labels, ...feeds });
  for (const [name, tensor] of Object.entries(step(x, labels, parameters))) {
    expect(difference(found[name]!, tensor), name).toBeLessThan(1e-5);
  }
});
