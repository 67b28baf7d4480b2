// SqueezeNet 1.0 and 1.1: 1x1 and 3x3 convolutions side by side after a narrow one. Iandola et al. 2016,
// https://arxiv.org/abs/1602.07360. Where its numbered modules leave one out, pooling stands there.
import type { Family } from '../architecture.ts';
import type { Network, Value } from '../network.ts';

const POOL = { kernel: 3, stride: 2, ceil: true };

export const squeezenet: Family = {
  id: 'squeezenet',
  title: 'SqueezeNet',
  marks: ['features.0.weight', 'features.3.squeeze.weight', 'features.3.expand1x1.weight'],
  signature: (weights) => `fire modules ${weights.indicesOf('features').slice(1).join(', ')}`,
  variants: {
    squeezenet1_0: { signature: 'fire modules 3, 4, 5, 7, 8, 9, 10, 12' },
    squeezenet1_1: { signature: 'fire modules 3, 4, 6, 7, 9, 10, 11, 12' },
  },
  isOpen: () => false,
  build(net, image) {
    let x = net.relu(net.conv(image, 'features.0', { stride: 2, padding: [0, 0] }), 'features.1');
    x = net.maxPool(x, 'features.2', POOL);
    let next = 3;
    for (const index of net.weights.indicesOf('features').slice(1)) {
      if (index > next) x = net.maxPool(x, `features.${next}`, POOL);
      x = fire(net, x, `features.${index}`);
      next = index + 1;
    }
    x = net.relu(net.conv(x, 'classifier.1'), 'classifier.2');
    return net.flatten(net.globalAverage(x, 'classifier.3'), '');
  },
};

function fire(net: Network, input: Value, path: string): Value {
  const unit = (x: Value, name: string): Value =>
    net.relu(net.conv(x, `${path}.${name}`), `${path}.${name}_activation`);
  const x = net.relu(net.conv(input, `${path}.squeeze`), `${path}.squeeze_activation`);
  return net.concat([unit(x, 'expand1x1'), unit(x, 'expand3x3')], 1, path);
}
