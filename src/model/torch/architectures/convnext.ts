// ConvNeXt: depthwise 7x7, then a perceptron over the channels. Liu et al. 2022, https://arxiv.org/abs/2201.03545
import { depthsOf, type Family } from '../architecture.ts';
import { classify } from '../head.ts';
import type { Network, Value } from '../network.ts';
import type { Weights } from '../weights.ts';

const EPSILON = 1e-6;
const [TO_NHWC, TO_NCHW] = [
  [0, 2, 3, 1],
  [0, 3, 1, 2],
];

const variant = (depths: string, width: number) => ({ signature: `${depths}, ${width} channels` });

export const convnext: Family = {
  id: 'convnext',
  title: 'ConvNeXt',
  marks: ['features.0.0.weight', 'features.0.1.weight', 'features.1.0.layer_scale'],
  signature: (weights) =>
    `${depthsOf(weights, stagesOf(weights)).join('-')}, ${weights.shapeOf('features.0.0.weight')?.[0]} channels`,
  variants: {
    convnext_tiny: variant('3-3-9-3', 96),
    convnext_small: variant('3-3-27-3', 96),
    convnext_base: variant('3-3-27-3', 128),
    convnext_large: variant('3-3-27-3', 192),
  },
  isOpen: (weights) => stagesOf(weights).length === 4,
  build(net, image) {
    const side = net.weights.shapeOf('features.0.0.weight')?.[2] ?? 4;
    let x = channelNorm(net, net.conv(image, 'features.0.0', { stride: side, padding: [0, 0] }), 'features.0.1');
    for (const [index, stage] of stagesOf(net.weights).entries()) {
      if (index > 0) x = downsampled(net, x, `features.${2 * index}`);
      const blocks = net.weights.countOf(`${stage}.`);
      for (let block = 0; block < blocks; block++) x = perceptronBlock(net, x, `${stage}.${block}`);
    }
    const features = net.flatten(net.globalAverage(x, 'avgpool'), '');
    return classify(net, features, 'classifier', { epsilon: EPSILON });
  },
};

/** Stages have odd numbers, what halves the map between them even ones. */
const stagesOf = (weights: Weights): string[] =>
  weights
    .indicesOf('features')
    .filter((index) => index % 2 === 1)
    .map((index) => `features.${index}`);

function downsampled(net: Network, x: Value, path: string): Value {
  return net.conv(channelNorm(net, x, `${path}.0`), `${path}.1`, { stride: 2, padding: [0, 0] });
}

/** Layer normalisation over the channels of every pixel. */
function channelNorm(net: Network, x: Value, path: string): Value {
  const y = net.layerNorm(net.transpose(x, path, TO_NHWC), path, EPSILON);
  return net.transpose(y, path, TO_NCHW);
}

function perceptronBlock(net: Network, input: Value, path: string): Value {
  const place = (step: number): string => `${path}.block.${step}`;
  let x = net.transpose(net.conv(input, place(0)), place(1), TO_NHWC, place(1));
  x = net.linear(net.layerNorm(x, place(2), EPSILON), place(3));
  x = net.linear(net.gelu(x, place(4)), place(5));
  x = net.transpose(x, place(6), TO_NCHW, place(6));
  const scale = net.weight(`${path}.layer_scale`, [x.shape[1]!, 1, 1]);
  return net.add(net.multiply(x, scale, path), input, path);
}
