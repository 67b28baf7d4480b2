// ResNet, ResNeXt, Wide ResNet: residual blocks of two or three convolutions. He et al. 2015, https://arxiv.org/abs/1512.03385;
// in blocks of three the middle one strides, as in torchvision.
import { depthsOf, type Family } from '../architecture.ts';
import { classify } from '../head.ts';
import type { Network, Value } from '../network.ts';
import type { Weights } from '../weights.ts';

const EPSILON = 1e-5;

const variant = (kind: string, depths: string, width: string) => ({ signature: `${kind} ${depths}, 3x3 ${width}` });

export const resnet: Family = {
  // timm's with a blur before each stride: it has no weights.
  lookalikes: /res(net|next)(aa|blur)/i,
  id: 'resnet',
  title: 'ResNet',
  marks: [
    'conv1.weight',
    'bn1.running_mean',
    'layer1.0.conv1.weight',
    'layer1.0.bn1.running_mean',
    'layer2.0.conv1.weight',
  ],
  signature: (weights) => {
    const [width, perGroup] = weights.shapeOf('layer1.0.conv2.weight') ?? [];
    const kind = isBottleneck(weights) ? 'bottleneck' : 'basic';
    return `${kind} ${depthsOf(weights, stagesOf(weights)).join('-')}, 3x3 ${width}x${perGroup}`;
  },
  variants: {
    resnet18: variant('basic', '2-2-2-2', '64x64'),
    resnet34: variant('basic', '3-4-6-3', '64x64'),
    resnet50: variant('bottleneck', '3-4-6-3', '64x64'),
    resnet101: variant('bottleneck', '3-4-23-3', '64x64'),
    resnet152: variant('bottleneck', '3-8-36-3', '64x64'),
    resnext50_32x4d: variant('bottleneck', '3-4-6-3', '128x4'),
    resnext101_32x8d: variant('bottleneck', '3-4-23-3', '256x8'),
    resnext101_64x4d: variant('bottleneck', '3-4-23-3', '256x4'),
    wide_resnet50_2: variant('bottleneck', '3-4-6-3', '128x128'),
    wide_resnet101_2: variant('bottleneck', '3-4-23-3', '128x128'),
  },
  isOpen: (weights) => stagesOf(weights).length === 4,
  build(net, image) {
    let x = stem(net, image);
    let reduction = reductionOf(image, x);
    let dilation = 1;
    for (const [index, stage] of stagesOf(net.weights).entries()) {
      const blocks = net.weights.countOf(`${stage}.`);
      const before = dilation;
      let stride = index > 0 ? 2 : 1;
      if (stride === 2 && reduction >= (net.hints.outputStride ?? Infinity)) [stride, dilation] = [1, dilation * 2];
      reduction *= stride;
      // The first block of a dilated stage still has the dilation of the stage before.
      for (let block = 0; block < blocks; block++)
        x = residual(
          net,
          x,
          `${stage}.${block}`,
          block === 0 ? { stride, first: before, dilation } : { stride: 1, first: dilation, dilation },
        );
    }
    return classify(net, net.flatten(net.globalAverage(x, 'avgpool'), ''), 'fc');
  },
};

const stagesOf = (weights: Weights): string[] =>
  Array.from({ length: weights.countOf('layer', 1) }, (_, index) => `layer${index + 1}`);

const isBottleneck = (weights: Weights): boolean => weights.hasModule('layer1.0.conv3');

function stem(net: Network, image: Value): Value {
  const kernel = net.weights.shapeOf('conv1.weight')?.[2];
  const isSmall = kernel === 3;
  if (isSmall)
    net.assumed.add(
      'The first convolution is 3x3, as for small pictures: it is taken without stride, and without pooling after it.',
    );
  const x = net.relu(net.batchNorm(net.conv(image, 'conv1', { stride: isSmall ? 1 : 2 }), 'bn1', EPSILON), 'relu');
  return isSmall ? x : net.maxPool(x, 'maxpool', { kernel: 3, stride: 2, padding: 1 });
}

/** Pixels of the picture along a side of a cell: 4 after the usual stem. */
const reductionOf = (image: Value, x: Value): number => Math.max(1, Math.round(image.shape[2]! / x.shape[2]!));

interface Steps {
  readonly stride: number;
  /** Dilation of the convolution that strides. */
  readonly first: number;
  /** Of the 3x3 convolution after it, in blocks of two. */
  readonly dilation: number;
}

function residual(net: Network, x: Value, path: string, { stride, first, dilation }: Steps): Value {
  const conv = (from: Value, index: number, window: { stride?: number; dilation?: number } = {}): Value =>
    net.batchNorm(net.conv(from, `${path}.conv${index}`, window), `${path}.bn${index}`, EPSILON);
  const relu = (from: Value): Value => net.relu(from, `${path}.relu`);
  const y = isBottleneck(net.weights)
    ? conv(relu(conv(relu(conv(x, 1)), 2, { stride, dilation: first })), 3)
    : conv(relu(conv(x, 1, { stride, dilation: first })), 2, { dilation });
  const isProjected = stride !== 1 || x.shape[1] !== y.shape[1] || net.weights.hasModule(`${path}.downsample`);
  return relu(net.add(y, isProjected ? projected(net, x, path, stride) : x, path));
}

function projected(net: Network, x: Value, path: string, stride: number): Value {
  return net.batchNorm(net.conv(x, `${path}.downsample.0`, { stride }), `${path}.downsample.1`, EPSILON);
}
