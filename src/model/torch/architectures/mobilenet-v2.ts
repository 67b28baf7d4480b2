// MobileNetV2: inverted bottlenecks with linear ends. Sandler et al. 2018, https://arxiv.org/abs/1801.04381
import type { Family } from '../architecture.ts';
import { classify } from '../head.ts';
import type { Network, Value } from '../network.ts';
import { convolutionUnit } from './convolution-unit.ts';

const EPSILON = 1e-5;
const BLOCKS = 17;
/** Numbers of the blocks that halve the map. */
const STRIDED = new Set([2, 4, 7, 14]);

export const mobilenetV2: Family = {
  id: 'mobilenet_v2',
  title: 'MobileNetV2',
  marks: ['features.0.0.weight', 'features.1.conv.0.0.weight', 'features.2.conv.1.0.weight'],
  fits: (weights) => weights.indicesOf('features').length === BLOCKS + 2,
  signature: (weights) => `${weights.indicesOf('features').length} features`,
  variants: { mobilenet_v2: { signature: `${BLOCKS + 2} features` } },
  isOpen: () => false,
  build(net, image) {
    let x = convolutionUnit(net, image, 'features.0', { stride: 2, activation: 'relu6', epsilon: EPSILON });
    for (let block = 1; block <= BLOCKS; block++)
      x = bottleneck(net, x, `features.${block}`, STRIDED.has(block) ? 2 : 1);
    x = convolutionUnit(net, x, `features.${BLOCKS + 1}`, { activation: 'relu6', epsilon: EPSILON });
    return classify(net, net.flatten(net.globalAverage(x, 'avgpool'), ''), 'classifier');
  },
};

function bottleneck(net: Network, input: Value, path: string, stride: number): Value {
  // Widening (absent in the first block), depthwise, and the narrowing convolution with its normalisation.
  const units = net.weights.hasModule(`${path}.conv.3`) ? 2 : 1;
  let x = input;
  for (let unit = 0; unit < units; unit++) {
    const isDepthwise = unit === units - 1;
    const options = { stride: isDepthwise ? stride : 1, activation: 'relu6', epsilon: EPSILON } as const;
    x = convolutionUnit(net, x, `${path}.conv.${unit}`, options);
  }
  x = net.batchNorm(net.conv(x, `${path}.conv.${units}`), `${path}.conv.${units + 1}`, EPSILON);
  return stride === 1 && x.shape[1] === input.shape[1] ? net.add(input, x, path) : x;
}
