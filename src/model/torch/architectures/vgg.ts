// VGG 11-19, with and without batch normalisation (Simonyan and Zisserman 2014, https://arxiv.org/abs/1409.1556): where its
// numbered modules leave one out, pooling stands there.
import type { Family } from '../architecture.ts';
import { classify } from '../head.ts';
import type { Network, Value } from '../network.ts';
import type { Weights } from '../weights.ts';
import { adaptiveAverage } from './adaptive-pooling.ts';

const EPSILON = 1e-5;

const variant = (depths: string, isNormalised: boolean) => ({
  signature: `${depths}${isNormalised ? ', normalised' : ''}`,
});

export const vgg: Family = {
  id: 'vgg',
  title: 'VGG',
  marks: ['features.0.weight', 'classifier.0.weight'],
  fits: (weights) => weights.shapeOf('features.0.weight')?.[2] === 3,
  signature: (weights) =>
    `${groupsOf(weights)
      .map((group) => group.length)
      .join('-')}${isNormalised(weights) ? ', normalised' : ''}`,
  variants: {
    vgg11: variant('1-1-2-2-2', false),
    vgg11_bn: variant('1-1-2-2-2', true),
    vgg13: variant('2-2-2-2-2', false),
    vgg13_bn: variant('2-2-2-2-2', true),
    vgg16: variant('2-2-3-3-3', false),
    vgg16_bn: variant('2-2-3-3-3', true),
    vgg19: variant('2-2-4-4-4', false),
    vgg19_bn: variant('2-2-4-4-4', true),
  },
  isOpen: () => false,
  build(net, image) {
    const normalised = isNormalised(net.weights);
    let x = image;
    for (const group of groupsOf(net.weights)) {
      for (const index of group) {
        x = net.conv(x, `features.${index}`);
        if (normalised) x = net.batchNorm(x, `features.${index + 1}`, EPSILON);
        x = net.relu(x, `features.${index + (normalised ? 2 : 1)}`);
      }
      x = net.maxPool(x, `features.${group.at(-1)! + (normalised ? 3 : 2)}`, { kernel: 2, stride: 2 });
    }
    return classify(net, pooledFeatures(net, x), 'classifier', { layered: true });
  },
};

const isNormalised = (weights: Weights): boolean => weights.has('features.1.running_mean');

/** Numbers of the convolutions between poolings. */
function groupsOf(weights: Weights): number[][] {
  const step = isNormalised(weights) ? 3 : 2;
  const groups: number[][] = [];
  for (const index of weights.indicesOf('features')) {
    if (weights.shapeOf(`features.${index}.weight`)?.length !== 4) continue;
    const last = groups.at(-1);
    if (last !== undefined && index - last.at(-1)! === step) last.push(index);
    else groups.push([index]);
  }
  return groups;
}

/** Averaged onto the grid that the first linear layer was made for, 7 x 7 in VGG and 6 x 6 in AlexNet, and flattened. */
export function pooledFeatures(net: Network, x: Value): Value {
  const channels = x.shape[1]!;
  const first = net.weights.indicesOf('classifier').find((index) => net.weights.has(`classifier.${index}.weight`)) ?? 0;
  const inputs = net.weights.shapeOf(`classifier.${first}.weight`)?.[1] ?? channels;
  const side = Math.sqrt(inputs / channels);
  return net.flatten(adaptiveAverage(net, x, 'avgpool', Number.isInteger(side) ? side : 1), '');
}
