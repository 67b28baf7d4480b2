// EfficientNet B0-B7 (Tan and Le 2019, https://arxiv.org/abs/1905.11946) and V2 (2021, https://arxiv.org/abs/2104.00298):
// stages of inverted bottlenecks, in V2 the first ones with a full convolution in place of the expanding and the depthwise one.
import { depthsOf, type Family, type Variant } from '../architecture.ts';
import { classify } from '../head.ts';
import type { Network, Value } from '../network.ts';
import type { Weights } from '../weights.ts';
import { convolutionUnit, squeezeExcitation } from './convolution-unit.ts';

/** Of the first block of each stage, in both generations. */
const STRIDES = [1, 2, 2, 2, 1, 2, 1];
/** Batch normalisation has the larger epsilon in V2 and from B5 on. */
const [USUAL_EPSILON, LARGE_EPSILON] = [1e-5, 1e-3];
const LARGE = /_(b[567]|v2_[sml])$/;

const b = (depths: string, stem: number, last: number, size: number): Variant => ({
  signature: `B ${depths}, ${stem} to ${last} channels`,
  size,
});
const v2 = (depths: string, stem: number, size: number): Variant => ({
  signature: `V2 ${depths}, ${stem} to 1280 channels`,
  size,
});

export const efficientnet: Family = {
  id: 'efficientnet',
  title: 'EfficientNet',
  marks: ['features.0.0.weight', 'features.0.1.running_mean', 'features.1.0.block.0.0.weight'],
  signature(weights) {
    const last = weights.indicesOf('features').at(-1) ?? 0;
    const channels = [0, last].map((index) => weights.shapeOf(`features.${index}.0.weight`)?.[0]);
    const kind = isSecondGeneration(weights) ? 'V2' : 'B';
    return `${kind} ${depthsOf(weights, stagesOf(weights)).join('-')}, ${channels.join(' to ')} channels`;
  },
  variants: {
    efficientnet_b0: b('1-2-2-3-3-4-1', 32, 1280, 224),
    efficientnet_b1: b('2-3-3-4-4-5-2', 32, 1280, 240),
    efficientnet_b2: b('2-3-3-4-4-5-2', 32, 1408, 288),
    efficientnet_b3: b('2-3-3-5-5-6-2', 40, 1536, 300),
    efficientnet_b4: b('2-4-4-6-6-8-2', 48, 1792, 380),
    efficientnet_b5: b('3-5-5-7-7-9-3', 48, 2048, 456),
    efficientnet_b6: b('3-6-6-8-8-11-3', 56, 2304, 528),
    efficientnet_b7: b('4-7-7-10-10-13-4', 64, 2560, 600),
    efficientnet_v2_s: v2('2-4-4-6-9-15', 24, 384),
    efficientnet_v2_m: v2('3-5-5-7-14-18-5', 24, 480),
    efficientnet_v2_l: v2('4-7-7-10-19-25-7', 32, 480),
  },
  isOpen: (weights) => [6, 7].includes(stagesOf(weights).length),
  build(net, image, variant) {
    const hasLarge = variant === null ? isSecondGeneration(net.weights) : LARGE.test(variant);
    const epsilon = hasLarge ? LARGE_EPSILON : USUAL_EPSILON;
    if (variant === null)
      net.assumed.add(`Batch normalisation adds ${epsilon} to the variance, as EfficientNets of this kind do.`);
    let x = convolutionUnit(net, image, 'features.0', { stride: 2, activation: 'silu', epsilon });
    const stages = stagesOf(net.weights);
    for (const [index, stage] of stages.entries()) {
      const blocks = net.weights.countOf(`${stage}.`);
      for (let block = 0; block < blocks; block++) {
        const stride = block === 0 ? (STRIDES[index] ?? 1) : 1;
        x = bottleneck(net, x, `${stage}.${block}`, stride, epsilon);
      }
    }
    x = convolutionUnit(net, x, `features.${stages.length + 1}`, { activation: 'silu', epsilon });
    return classify(net, net.flatten(net.globalAverage(x, 'avgpool'), ''), 'classifier');
  },
};

/** `features.1` up to the one before the last. */
const stagesOf = (weights: Weights): string[] =>
  weights
    .indicesOf('features')
    .slice(1, -1)
    .map((index) => `features.${index}`);

/** Whether the first stage's convolutions are full. */
const isSecondGeneration = (weights: Weights): boolean => weights.shapeOf('features.1.0.block.0.0.weight')?.[1] !== 1;

/** Both kinds of block: a row of convolutions, the first one larger than 1x1 strides, the last of several has no activation. */
function bottleneck(net: Network, input: Value, path: string, stride: number, epsilon: number): Value {
  const steps = net.weights.indicesOf(`${path}.block`);
  let x = input;
  let pending = stride;
  for (const step of steps) {
    const place = `${path}.block.${step}`;
    if (net.weights.hasModule(`${place}.fc1`)) {
      x = squeezeExcitation(net, x, place, { activation: 'silu', gate: 'sigmoid' });
      continue;
    }
    const isWide = (net.weights.shapeOf(`${place}.0.weight`)?.[2] ?? 1) > 1;
    const activation = step === steps.at(-1) && steps.length > 1 ? null : 'silu';
    x = convolutionUnit(net, x, place, { stride: isWide ? pending : 1, activation, epsilon });
    if (isWide) pending = 1;
  }
  return stride === 1 && x.shape[1] === input.shape[1] ? net.add(x, input, path) : x;
}
