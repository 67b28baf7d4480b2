// DenseNet: each layer reads all maps before it in its block. Huang et al. 2016, https://arxiv.org/abs/1608.06993
import type { Family } from '../architecture.ts';
import { classify } from '../head.ts';
import type { Network, Value } from '../network.ts';
import type { Weights } from '../weights.ts';

const EPSILON = 1e-5;

const variant = (depths: string, stem: number, growth: number) => ({
  signature: `${depths}, ${stem} channels growing by ${growth}`,
});

export const densenet: Family = {
  id: 'densenet',
  title: 'DenseNet',
  marks: [
    'features.conv0.weight',
    'features.norm0.running_mean',
    'features.denseblock1.denselayer1.norm1.running_mean',
  ],
  signature(weights) {
    const stem = weights.shapeOf('features.conv0.weight')?.[0];
    const growth = weights.shapeOf('features.denseblock1.denselayer1.conv2.weight')?.[0];
    return `${blocksOf(weights)
      .map((block) => layersOf(weights, block))
      .join('-')}, ${stem} channels growing by ${growth}`;
  },
  variants: {
    densenet121: variant('6-12-24-16', 64, 32),
    densenet161: variant('6-12-36-24', 96, 48),
    densenet169: variant('6-12-32-32', 64, 32),
    densenet201: variant('6-12-48-32', 64, 32),
  },
  isOpen: (weights) => blocksOf(weights).length === 4,
  build(net, image) {
    let x = net.conv(image, 'features.conv0', { stride: 2 });
    x = net.relu(net.batchNorm(x, 'features.norm0', EPSILON), 'features.relu0');
    x = net.maxPool(x, 'features.pool0', { kernel: 3, stride: 2, padding: 1 });
    const blocks = blocksOf(net.weights);
    for (const [index, block] of blocks.entries()) {
      x = denseBlock(net, x, block);
      if (index < blocks.length - 1) x = transition(net, x, `features.transition${index + 1}`);
    }
    x = net.relu(net.batchNorm(x, `features.norm${blocks.length + 1}`, EPSILON), 'relu');
    return classify(net, net.flatten(net.globalAverage(x, 'avgpool'), ''), 'classifier');
  },
};

const blocksOf = (weights: Weights): string[] =>
  Array.from({ length: weights.countOf('features.denseblock', 1) }, (_, index) => `features.denseblock${index + 1}`);

const layersOf = (weights: Weights, block: string): number => weights.countOf(`${block}.denselayer`, 1);

function denseBlock(net: Network, input: Value, path: string): Value {
  const features = [input];
  for (let layer = 1; layer <= layersOf(net.weights, path); layer++) {
    const place = `${path}.denselayer${layer}`;
    let x = layer === 1 ? input : net.concat(features, 1, place);
    for (const step of [1, 2]) {
      x = net.relu(net.batchNorm(x, `${place}.norm${step}`, EPSILON), `${place}.relu${step}`);
      x = net.conv(x, `${place}.conv${step}`);
    }
    features.push(x);
  }
  return net.concat(features, 1, path);
}

function transition(net: Network, input: Value, path: string): Value {
  const x = net.relu(net.batchNorm(input, `${path}.norm`, EPSILON), `${path}.relu`);
  return net.averagePool(net.conv(x, `${path}.conv`), `${path}.pool`, { kernel: 2, stride: 2 });
}
