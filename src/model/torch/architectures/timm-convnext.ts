// timm's ConvNeXt: the network of convnext.ts under timm's names. Liu et al. 2022, https://arxiv.org/abs/2201.03545
import type { Family } from '../architecture.ts';
import { classify } from '../head.ts';
import type { Network, Value } from '../network.ts';
import type { Weights } from '../weights.ts';

const EPSILON = 1e-6;
const [TO_NHWC, TO_NCHW] = [
  [0, 2, 3, 1],
  [0, 3, 1, 2],
];

const variant = (depths: string, width: number) => ({ signature: `${depths}, ${width} channels` });

export const timmConvnext: Family = {
  // Another epsilon, or GELU by its tanh form.
  lookalikes: /test_convnext|convnext_xxlarge/i,
  id: 'timm_convnext',
  title: "timm's ConvNeXt",
  library: 'timm',
  marks: [
    'stem.0.weight',
    'stem.1.weight',
    'stages.0.blocks.0.conv_dw.weight',
    'stages.0.blocks.0.gamma',
    'head.norm.weight',
  ],
  signature: (weights) =>
    `${stagesOf(weights)
      .map((stage) => weights.countOf(`${stage}.blocks.`))
      .join('-')}, ${weights.shapeOf('stem.0.weight')?.[0]} channels`,
  variants: {
    convnext_atto: variant('2-2-6-2', 40),
    convnext_femto: variant('2-2-6-2', 48),
    convnext_pico: variant('2-2-6-2', 64),
    convnext_nano: variant('2-2-8-2', 80),
    convnext_tiny: variant('3-3-9-3', 96),
    convnext_small: variant('3-3-27-3', 96),
    convnext_base: variant('3-3-27-3', 128),
    convnext_large: variant('3-3-27-3', 192),
  },
  isOpen: (weights) => stagesOf(weights).length === 4,
  build(net, image) {
    const side = net.weights.shapeOf('stem.0.weight')?.[2] ?? 4;
    let x = channelNorm(net, net.conv(image, 'stem.0', { stride: side, padding: [0, 0] }), 'stem.1');
    for (const stage of stagesOf(net.weights)) {
      const before = `${stage}.downsample`;
      if (net.weights.hasModule(before))
        x = net.conv(channelNorm(net, x, `${before}.0`), `${before}.1`, { stride: 2, padding: [0, 0] });
      const blocks = net.weights.countOf(`${stage}.blocks.`);
      for (let block = 0; block < blocks; block++) x = perceptronBlock(net, x, `${stage}.blocks.${block}`);
    }
    const features = net.flatten(net.globalAverage(x, 'head.global_pool'), '');
    return classify(net, net.layerNorm(features, 'head.norm', EPSILON), 'head.fc');
  },
};

const stagesOf = (weights: Weights): string[] =>
  Array.from({ length: weights.countOf('stages.') }, (_, index) => `stages.${index}`);

/** Layer normalisation over the channels of every pixel. */
function channelNorm(net: Network, x: Value, path: string): Value {
  return net.transpose(net.layerNorm(net.transpose(x, path, TO_NHWC), path, EPSILON), path, TO_NCHW);
}

/** Small networks have 1 x 1 convolutions where large ones have linear layers over the channels. */
function perceptronBlock(net: Network, input: Value, path: string): Value {
  const isConvolved = net.weights.shapeOf(`${path}.mlp.fc1.weight`)?.length === 4;
  const wide = net.conv(input, `${path}.conv_dw`);
  let x: Value;
  if (isConvolved) {
    x = net.gelu(net.conv(channelNorm(net, wide, `${path}.norm`), `${path}.mlp.fc1`), `${path}.mlp.act`);
    x = net.transpose(net.conv(x, `${path}.mlp.fc2`), path, TO_NHWC);
  } else {
    x = net.layerNorm(net.transpose(wide, path, TO_NHWC), `${path}.norm`, EPSILON);
    x = net.linear(net.gelu(net.linear(x, `${path}.mlp.fc1`), `${path}.mlp.act`), `${path}.mlp.fc2`);
  }
  const scaled = net.multiply(x, net.weight(`${path}.gamma`, [input.shape[1]!]), path);
  return net.add(net.transpose(scaled, path, TO_NCHW), input, path);
}
