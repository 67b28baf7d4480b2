// AlexNet in the form with one column. Krizhevsky 2014, https://arxiv.org/abs/1404.5997
import type { Family } from '../architecture.ts';
import { classify } from '../head.ts';
import { pooledFeatures } from './vgg.ts';

const POOL = { kernel: 3, stride: 2 };

export const alexnet: Family = {
  id: 'alexnet',
  title: 'AlexNet',
  marks: ['features.0.weight', 'features.3.weight', 'features.10.weight'],
  fits: (weights) => weights.shapeOf('features.0.weight')?.[2] === 11,
  signature: (weights) => `convolutions ${weights.indicesOf('features').join(', ')}`,
  variants: { alexnet: { signature: 'convolutions 0, 3, 6, 8, 10' } },
  isOpen: () => false,
  build(net, image) {
    let x = net.relu(net.conv(image, 'features.0', { stride: 4, padding: [2, 2] }), 'features.1');
    x = net.maxPool(x, 'features.2', POOL);
    x = net.maxPool(net.relu(net.conv(x, 'features.3'), 'features.4'), 'features.5', POOL);
    for (const index of [6, 8, 10]) x = net.relu(net.conv(x, `features.${index}`), `features.${index + 1}`);
    x = net.maxPool(x, 'features.12', POOL);
    return classify(net, pooledFeatures(net, x), 'classifier', { layered: true });
  },
};
