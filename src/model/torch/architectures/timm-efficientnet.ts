// timm's EfficientNets (B and V2) and MobileNets (V2 and V3): stages of blocks of four kinds, told apart by the names of their
// convolutions. Their weights do not tell the padding: networks brought over from TensorFlow (`tf_`) pad its way.
import { depthsOf, type Family, type Variant } from '../architecture.ts';
import { classify } from '../head.ts';
import type { Network, Value } from '../network.ts';
import type { Weights } from '../weights.ts';
import type { Activation } from './convolution-unit.ts';

/** Of the first block of each stage; small MobileNetV3s start with the second. */
const STRIDES = [1, 2, 2, 2, 1, 2, 1];
const SMALL_V3_STRIDES = [2, 2, 2, 1, 2, 1];

/** What the names of weights, or the name of the network, tell about all its blocks. */
interface Recipe {
  readonly padding: 'same' | undefined;
  readonly epsilon: number;
  readonly activation: Activation;
  /** MobileNetV3: earlier stages have ReLU, gates are hard, the last convolution comes after the mean. */
  readonly isV3: boolean;
}

const HALVES = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };

const b = (depths: string, stem: number, last: number, size: number): Variant => ({
  signature: `${depths}, ${stem} to ${last} channels`,
  size,
});
const centred = (variant: Variant): Variant => ({ ...variant, input: HALVES });

const DEPTHS = {
  b0: '1-2-2-3-3-4-1',
  b1: '2-3-3-4-4-5-2',
  b3: '2-3-3-5-5-6-2',
  b4: '2-4-4-6-6-8-2',
  b5: '3-5-5-7-7-9-3',
  b6: '3-6-6-8-8-11-3',
  b7: '4-7-7-10-10-13-4',
  v2s: '2-4-4-6-9-15',
};

export const timmEfficientnet: Family = {
  id: 'timm_efficientnet',
  title: 'a timm EfficientNet or MobileNet',
  library: 'timm',
  marks: ['conv_stem.weight', 'bn1.running_mean', 'blocks.0.0.bn1.running_mean', 'conv_head.weight'],
  signature(weights) {
    const channels = ['conv_stem.weight', 'conv_head.weight'].map((name) => weights.shapeOf(name)?.[0]);
    return `${depthsOf(weights, stagesOf(weights)).join('-')}, ${channels.join(' to ')} channels`;
  },
  variants: {
    efficientnet_b0: b(DEPTHS.b0, 32, 1280, 224),
    efficientnet_b1: b(DEPTHS.b1, 32, 1280, 256),
    efficientnet_b2: b(DEPTHS.b1, 32, 1408, 256),
    efficientnet_b3: b(DEPTHS.b3, 40, 1536, 288),
    efficientnet_b4: b(DEPTHS.b4, 48, 1792, 320),
    tf_efficientnet_b0: b(DEPTHS.b0, 32, 1280, 224),
    tf_efficientnet_b1: b(DEPTHS.b1, 32, 1280, 240),
    tf_efficientnet_b2: b(DEPTHS.b1, 32, 1408, 260),
    tf_efficientnet_b3: b(DEPTHS.b3, 40, 1536, 300),
    tf_efficientnet_b4: b(DEPTHS.b4, 48, 1792, 380),
    tf_efficientnet_b5: b(DEPTHS.b5, 48, 2048, 456),
    tf_efficientnet_b6: b(DEPTHS.b6, 56, 2304, 528),
    tf_efficientnet_b7: b(DEPTHS.b7, 64, 2560, 600),
    tf_efficientnet_lite0: centred(b(DEPTHS.b0, 32, 1280, 224)),
    tf_efficientnetv2_s: centred(b(DEPTHS.v2s, 24, 1280, 300)),
    tf_efficientnetv2_m: centred(b('3-5-5-7-14-18-5', 24, 1280, 384)),
    tf_efficientnetv2_b0: b('1-2-2-3-5-8', 32, 1280, 192),
    efficientnetv2_rw_s: b(DEPTHS.v2s, 24, 1792, 288),
    mobilenetv2_100: b('1-2-3-4-3-3-1', 32, 1280, 224),
    mobilenetv3_large_100: b('1-2-3-4-2-3-1', 16, 1280, 224),
    mobilenetv3_small_100: b('1-2-3-2-3-1', 16, 1024, 224),
    tf_mobilenetv3_large_100: centred(b('1-2-3-4-2-3-1', 16, 1280, 224)),
    tf_mobilenetv3_small_100: centred(b('1-2-3-2-3-1', 16, 1024, 224)),
  },
  mustBeNamed: "whether it pads as PyTorch or as TensorFlow does (timm's tf_ networks)",
  isOpen: (weights) => [6, 7].includes(stagesOf(weights).length),
  build(net, image, variant) {
    const recipe = recipeOf(net.weights, variant ?? '');
    const { padding, isV3, activation } = recipe;
    const stages = stagesOf(net.weights);
    const strides = isV3 && stages.length === 6 ? SMALL_V3_STRIDES : STRIDES;
    let x = activated(net, net.conv(image, 'conv_stem', { stride: 2, padding }), 'bn1', recipe);
    for (const [index, stage] of stages.entries()) {
      const inner = isV3 && index < stages.length - 4 ? { ...recipe, activation: 'relu' as const } : recipe;
      for (let block = 0; block < net.weights.countOf(`${stage}.`); block++)
        x = oneBlock(net, x, `${stage}.${block}`, block === 0 ? (strides[index] ?? 1) : 1, inner);
    }
    if (isV3) {
      x = net.conv(net.globalAverage(x, 'global_pool'), 'conv_head');
      x = net[activation](x, 'act2');
    } else {
      x = activated(net, net.conv(x, 'conv_head'), 'bn2', recipe);
      x = net.globalAverage(x, 'global_pool');
    }
    return classify(net, net.flatten(x, ''), 'classifier');
  },
};

const stagesOf = (weights: Weights): string[] =>
  Array.from({ length: weights.countOf('blocks.') }, (_, index) => `blocks.${index}`);

function recipeOf(weights: Weights, name: string): Recipe {
  const fromTensorFlow = name.startsWith('tf_');
  const isV3 = weights.has('conv_head.bias');
  const hasGates = weights.names.some((weight) => weight.includes('.se.'));
  return {
    padding: fromTensorFlow ? 'same' : undefined,
    epsilon: fromTensorFlow ? 1e-3 : 1e-5,
    activation: isV3 ? 'hardSwish' : hasGates ? 'silu' : 'relu6',
    isV3,
  };
}

/** Convolutions of a block in their order, by the names that tell its kind; the last of several has no activation. */
const KINDS: readonly (readonly (readonly [conv: string, norm: string])[])[] = [
  [
    ['conv_pw', 'bn1'],
    ['conv_dw', 'bn2'],
    ['conv_pwl', 'bn3'],
  ],
  [
    ['conv_exp', 'bn1'],
    ['conv_pwl', 'bn2'],
  ],
  [
    ['conv_dw', 'bn1'],
    ['conv_pw', 'bn2'],
  ],
  [['conv', 'bn1']],
];

/** The widest convolution strides; squeeze and excitation stands before the last one. */
function oneBlock(net: Network, input: Value, path: string, stride: number, recipe: Recipe): Value {
  const has = (name: string): boolean => net.weights.has(`${path}.${name}.weight`);
  const kind = KINDS.find((steps) => steps.every(([conv]) => has(conv))) ?? KINDS[0]!;
  const strided = kind.find(([conv]) => /^conv(_dw|_exp)?$/.test(conv))?.[0];
  let x = input;
  for (const [index, [conv, norm]] of kind.entries()) {
    const isLast = index === kind.length - 1;
    if (isLast && kind.length > 1 && net.weights.hasModule(`${path}.se`)) x = excited(net, x, `${path}.se`, recipe);
    const window = { stride: conv === strided ? stride : 1, padding: recipe.padding };
    const y = net.conv(x, `${path}.${conv}`, window);
    const isActivated = !isLast || kind.length === 1;
    x = isActivated
      ? activated(net, y, `${path}.${norm}`, recipe)
      : net.batchNorm(y, `${path}.${norm}`, recipe.epsilon);
  }
  return stride === 1 && x.shape[1] === input.shape[1] ? net.add(x, input, path) : x;
}

/** A batch normalisation of timm's, with its activation in it. */
function activated(net: Network, x: Value, path: string, { epsilon, activation }: Recipe): Value {
  return net[activation](net.batchNorm(x, path, epsilon, `${path}.norm`), `${path}.act`);
}

function excited(net: Network, x: Value, path: string, { isV3 }: Recipe): Value {
  const reduced = net.conv(net.globalAverage(x, path), `${path}.conv_reduce`);
  const squeezed = isV3 ? net.relu(reduced, `${path}.act1`) : net.silu(reduced, `${path}.act1`);
  const expanded = net.conv(squeezed, `${path}.conv_expand`);
  const gate = isV3 ? net.hardSigmoid(expanded, `${path}.gate`) : net.sigmoid(expanded, `${path}.gate`);
  return net.multiply(x, gate, path);
}
