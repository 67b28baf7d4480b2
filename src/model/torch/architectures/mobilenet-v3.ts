// MobileNetV3, large and small: inverted bottlenecks found by search. Howard et al. 2019, https://arxiv.org/abs/1905.02244
import type { Family } from '../architecture.ts';
import { classify } from '../head.ts';
import type { Network, Value } from '../network.ts';
import { convolutionUnit, squeezeExcitation, type Activation } from './convolution-unit.ts';

const EPSILON = 1e-3;

interface Kind {
  /** Numbers of the blocks that halve the map. */
  readonly strided: readonly number[];
  /** Blocks up to this one have ReLU, later ones hard swish. */
  readonly relu: number;
}
/** By the number of blocks. */
const KINDS: Readonly<Record<number, Kind>> = {
  15: { strided: [2, 4, 7, 13], relu: 6 },
  11: { strided: [1, 2, 4, 9], relu: 3 },
};

export const mobilenetV3: Family = {
  id: 'mobilenet_v3',
  title: 'MobileNetV3',
  marks: ['features.0.0.weight', 'features.1.block.0.0.weight'],
  fits: (weights) => weights.indicesOf('features').length - 2 in KINDS,
  signature: (weights) => `${weights.indicesOf('features').length - 2} blocks`,
  variants: { mobilenet_v3_large: { signature: '15 blocks' }, mobilenet_v3_small: { signature: '11 blocks' } },
  isOpen: () => false,
  build(net, image) {
    const blocks = Math.max(0, net.weights.indicesOf('features').length - 2);
    const { strided, relu } = KINDS[blocks] ?? KINDS[15]!;
    const epsilon = EPSILON;
    let x = convolutionUnit(net, image, 'features.0', { stride: 2, activation: 'hardSwish', epsilon });
    for (let block = 1; block <= blocks; block++) {
      const stride = strided.includes(block) ? 2 : 1;
      x = bottleneck(net, x, `features.${block}`, stride, block <= relu ? 'relu' : 'hardSwish');
    }
    x = convolutionUnit(net, x, `features.${blocks + 1}`, { activation: 'hardSwish', epsilon });
    const features = net.flatten(net.globalAverage(x, 'avgpool'), '');
    return classify(net, features, 'classifier', { activation: 'hardSwish', layered: isStock(net) });
  },
};

/** The classifier that the network comes with: two linear layers, `0` and `3`. */
const isStock = ({ weights }: Network): boolean =>
  weights.childrenOf('classifier').join() === '0,3' &&
  ['0', '3'].every((index) => weights.has(`classifier.${index}.weight`));

function bottleneck(net: Network, input: Value, path: string, stride: number, activation: Activation): Value {
  const steps = net.weights.indicesOf(`${path}.block`);
  let x = input;
  for (const step of steps) {
    const place = `${path}.block.${step}`;
    if (net.weights.hasModule(`${place}.fc1`)) {
      x = squeezeExcitation(net, x, place, { activation: 'relu', gate: 'hardSigmoid' });
      continue;
    }
    const isDepthwise = (net.weights.shapeOf(`${place}.0.weight`)?.[2] ?? 1) > 1;
    const isLast = step === steps.at(-1);
    const options = { stride: isDepthwise ? stride : 1, activation: isLast ? null : activation, epsilon: EPSILON };
    x = convolutionUnit(net, x, place, options);
  }
  return stride === 1 && x.shape[1] === input.shape[1] ? net.add(x, input, path) : x;
}
