// A tiny network with every ingredient of the backbones, its weights drawn by a seed, and a loss for it.
import type { Constant } from '../../src/graph/graph.ts';
import { inferTypes } from '../../src/graph/infer.ts';
import { constantOf } from '../../src/graph/tensor.ts';
import { Random } from '../../src/lib/random.ts';
import { Network } from '../../src/model/torch/network.ts';
import { Weights } from '../../src/model/torch/weights.ts';
import { squeezeExcitation } from '../../src/model/torch/architectures/convolution-unit.ts';
import { classify } from '../../src/model/torch/head.ts';
import type { HeadKind } from '../../src/losses/loss.ts';
import type { TrainableSpec } from '../../src/train/network.ts';
import { tf } from '../../src/tf/tfjs.ts';

export const BATCH = 4;
export const CLASSES = 3;
export const SIDE = 12;

const CONVOLUTIONS: Readonly<Record<string, readonly [number, number, number, number]>> = {
  stem: [8, 3, 3, 3],
  'a.grouped': [8, 4, 3, 3],
  'a.point': [8, 8, 1, 1],
  'b.depthwise': [8, 1, 3, 3],
  'b.se.fc1': [2, 8, 1, 1],
  'b.se.fc2': [8, 2, 1, 1],
  'b.project': [12, 8, 1, 1],
  'b.skip': [12, 8, 1, 1],
};

function weightsOf(head: HeadKind): Map<string, Constant> {
  const random = Random.of(7, 'tiny');
  const draw = (shape: readonly number[], low: number, high: number): Constant =>
    constantOf(
      'float32',
      shape,
      Float32Array.from({ length: shape.reduce((size, dim) => size * dim, 1) }, () => random.between(low, high)),
    );
  const constants = new Map<string, Constant>();
  for (const [path, shape] of Object.entries(CONVOLUTIONS)) {
    const bound = 1.7 / Math.sqrt(shape[1] * shape[2] * shape[3]);
    constants.set(`${path}.weight`, draw(shape, -bound, bound));
    if (path.includes('.fc')) constants.set(`${path}.bias`, draw([shape[0]], -0.1, 0.1));
    constants.set(`${path}.bn.weight`, draw([shape[0]], 0.5, 1.5));
    constants.set(`${path}.bn.bias`, draw([shape[0]], -0.2, 0.2));
    constants.set(`${path}.bn.running_mean`, draw([shape[0]], -0.2, 0.2));
    constants.set(`${path}.bn.running_var`, draw([shape[0]], 0.5, 1.5));
  }
  constants.set('head.weight', draw([CLASSES, 12], -0.5, 0.5));
  if (head === 'linear') constants.set('head.bias', draw([CLASSES], -0.1, 0.1));
  return constants;
}

/** Strided, grouped, depthwise, squeeze and excitation, residual sums with stochastic depth, max-pooling, dropout. */
export function tinyNetwork(head: HeadKind = 'linear'): TrainableSpec & { readonly name: string } {
  const constants = weightsOf(head);
  const shapes = new Map([...constants].map(([name, { shape }]) => [name, shape]));
  const net = new Network(new Weights(shapes, constants), {
    classifier: head === 'normed' ? 'cosine' : 'linear',
  });
  const unit = (x: Parameters<Network['conv']>[0], path: string, stride = 1) =>
    net.batchNorm(net.conv(x, path, { stride }), `${path}.bn`, 1e-5);
  const image = net.input('input', [BATCH, 3, SIDE, SIDE]);
  let x = net.relu(unit(image, 'stem', 1), 'stem.relu');
  x = net.maxPool(x, 'pool', { kernel: 3, stride: 2, padding: 1 });
  const grouped = net.relu(unit(x, 'a.grouped'), 'a.relu');
  x = net.add(unit(grouped, 'a.point'), x, 'a');
  const deep = net.silu(unit(x, 'b.depthwise', 2), 'b.act');
  const excited = squeezeExcitation(net, deep, 'b.se', { activation: 'silu', gate: 'sigmoid' });
  x = net.relu(net.add(unit(excited, 'b.project'), unit(x, 'b.skip', 2), 'b'), 'b.relu');
  const features = net.flatten(net.globalAverage(x, 'avgpool'), '');
  const logits = classify(net, features, 'head');
  return {
    name: 'tiny',
    graph: inferTypes(net.finish(logits)),
    input: 'input',
    logits: logits.name,
    drops: [
      { value: 'a.point.bn', kind: 'samples', rate: 0.3 },
      { value: features.name, kind: 'elements', rate: 0.2 },
    ],
  };
}

/** Mean cross-entropy of int32 labels. */
export function crossEntropy(labels: tf.Tensor, logits: tf.Tensor2D): tf.Scalar {
  const oneHot = tf.oneHot(labels, logits.shape[1]);
  return tf.mean<tf.Scalar>(tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), oneHot), 1)));
}

export function batchOf(step: number): { inputs: Float32Array; labels: Int32Array } {
  const random = Random.of(11, 'batch', step);
  return {
    inputs: Float32Array.from({ length: BATCH * 3 * SIDE * SIDE }, () => random.normal()),
    labels: Int32Array.from({ length: BATCH }, () => random.below(CLASSES)),
  };
}
