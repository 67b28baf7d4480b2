// TensorFlow's operators on batches of images. Those with the channels first are seen with the channels last: nothing moves.
import { sizeOf } from '../../../graph/tensor.ts';
import { tf } from '../../../tf/tfjs.ts';
import * as ops from '../../../trace/forward.ts';
import { flagOf, numberOf, textOf, wholesOf, type GraphNode } from '../node.ts';
import { inputAt, numbersAt, type Operator } from '../operator.ts';
import { fusedOf } from './fused.ts';

type Value = ops.Value;
type Quadruple = [number, number, number, number];
type Padding = 'same' | 'valid' | [[number, number], [number, number], [number, number], [number, number]];

/** Runs `compute` on the image with the channels last, and gives its result the axes of the node. */
function channelsLast(x: Value, node: GraphNode, compute: (x: Value) => Value): Value {
  if (x.shape.length !== 4) throw ops.misfit('an image operation', 'four axes', `[${x.shape.join(', ')}]`);
  const image = ops.cast(x, 'float32');
  if (!isChannelsFirst(node)) return compute(image);
  return ops.transpose(compute(ops.transpose(image, [0, 2, 3, 1])), [0, 3, 1, 2]);
}

const isChannelsFirst = (node: GraphNode): boolean => textOf(node, 'data_format', 'NHWC') === 'NCHW';

/** Height and width of a list with one number per axis. */
function pairOf(node: GraphNode, name: string): [number, number] {
  const list = wholesOf(node, name);
  const [height = 1, width = 1] = isChannelsFirst(node) ? list.slice(2) : list.slice(1, 3);
  if (!(height >= 1 && width >= 1)) throw ops.misfit('a window', `${name} from 1 on`, `[${list.join(', ')}]`);
  return [height, width];
}

function paddingOf(node: GraphNode): Padding {
  const padding = textOf(node, 'padding').toLowerCase();
  if (padding === 'same' || padding === 'valid') return padding;
  const list = wholesOf(node, 'explicit_paddings');
  const [top, bottom, left, right] = isChannelsFirst(node) ? list.slice(4) : list.slice(2, 6);
  const all = [top, bottom, left, right];
  if (!all.every((cells) => cells !== undefined && cells >= 0)) throw ops.misfit('a border', 'cells', `[${list.join(', ')}]`); // prettier-ignore
  return [[0, 0], [top!, bottom!], [left!, right!], [0, 0]]; // prettier-ignore
}

const placementOf = (node: GraphNode) => ({
  strides: pairOf(node, 'strides'),
  dilations: pairOf(node, 'dilations'),
  pad: paddingOf(node),
});

/** Filter, and what a fused operator adds to the product. */
interface Filtered {
  readonly filter: Value;
  readonly bias: Value | null;
}

/** A convolution of the kernel's name with its bias, which the kernel `Fused...` takes with it. */
function kernelOf(name: 'Conv2D' | 'DepthwiseConv2D', x: Value, { filter, bias }: Filtered, node: GraphNode): Value {
  const placement = { ...placementOf(node), dataFormat: 'NHWC' };
  if (bias !== null) return ops.kernel(`Fused${name}`, { x, filter, bias }, { ...placement, activation: 'linear' });
  return ops.kernel(name === 'Conv2D' ? name : 'DepthwiseConv2dNative', { x, filter }, placement);
}

/** Convolution with filters [height, width, in / groups, out]. */
function convolved(x: Value, given: Filtered, node: GraphNode): Value {
  const { filter } = given;
  const [height, width, inputs, outputs] = filter.shape as Quadruple;
  const groups = (x.shape[3] ?? 0) / inputs;
  const fits = filter.shape.length === 4 && height > 0 && width > 0 && Number.isInteger(groups) && groups > 0;
  if (!fits || outputs % groups !== 0) throw shapesApart(x, filter);
  requireBias(given, outputs);
  return kernelOf('Conv2D', x, given, node);
}

/** Convolution of every channel by itself: filters [height, width, channels, multiplier]. */
function depthwise(x: Value, given: Filtered, node: GraphNode): Value {
  const { filter } = given;
  const fits = filter.shape.length === 4 && filter.shape[2] === x.shape[3] && !filter.shape.includes(0);
  if (!fits) throw shapesApart(x, filter);
  requireBias(given, filter.shape[2]! * filter.shape[3]!);
  return kernelOf('DepthwiseConv2D', x, given, node);
}

const convolution = (convolve: typeof convolved): Operator => {
  return (inputs, node) =>
    channelsLast(inputAt(inputs, 0), node, (x) => convolve(x, { filter: inputAt(inputs, 1), bias: null }, node));
};

/** Bias and activation go to the channels, so they come before the axes are put back. */
const fusedConvolution = (convolve: typeof convolved): Operator => {
  return (inputs, node) => {
    const { bias, activation } = fusedOf(inputs, node);
    return channelsLast(inputAt(inputs, 0), node, (x) =>
      activation(convolve(x, { filter: inputAt(inputs, 1), bias }, node)),
    );
  };
};

function requireBias({ bias }: Filtered, outputs: number): void {
  if (bias === null || (bias.dtype === 'float32' && sizeOf(bias.shape) === outputs)) return;
  throw ops.misfit('a bias', `${outputs} numbers`, `[${bias.shape.join(', ')}]`);
}

/** The transpose of a convolution: shape of the result, filter, image. */
function transposed(inputs: readonly Value[], node: GraphNode): Value {
  const [filter, dy] = [inputAt(inputs, 1), inputAt(inputs, 2)];
  const given = numbersAt(inputs, 0);
  const [batch, channels, height, width] = given;
  const inputShape = (isChannelsFirst(node) ? [batch, height, width, channels] : given) as Quadruple;
  return channelsLast(dy, node, (image) => {
    const { strides, pad, dilations } = placementOf(node);
    if (given.length !== 4 || filter.shape.length !== 4 || inputShape[3] !== filter.shape[2])
      throw shapesApart(image, filter);
    const info = tf.backend_util.computeConv2DInfo(inputShape, filter.shape as Quadruple, strides, dilations, pad);
    if (info.outShape.join() !== image.shape.join()) throw shapesApart(image, filter);
    return ops.kernel('Conv2DBackpropInput', { dy: image, filter }, { strides, pad, inputShape, dataFormat: 'NHWC' });
  });
}

const pool = (name: 'MaxPool' | 'AvgPool'): Operator => {
  return (inputs, node) =>
    channelsLast(inputAt(inputs, 0), node, (x) => {
      const [filterSize, pad] = [pairOf(node, 'ksize'), paddingOf(node)];
      const isWide = typeof pad !== 'string' && filterSize.some((size, axis) => Math.max(...pad[axis + 1]!) >= size);
      if (isWide) throw ops.misfit('a pool', 'borders narrower than the window', JSON.stringify(pad));
      return ops.kernel(name, { x }, { filterSize, strides: pairOf(node, 'strides'), pad });
    });
};

const batchNorm: Operator = (inputs, node) => {
  const [scale, offset] = [inputAt(inputs, 1), inputAt(inputs, 2)];
  const [mean, variance] = [inputAt(inputs, 3), inputAt(inputs, 4)];
  return channelsLast(inputAt(inputs, 0), node, (x) =>
    ops.batchNorm(x, { mean, variance, offset, scale }, numberOf(node, 'epsilon', 1e-4)),
  );
};

const resize = (mode: 'bilinear' | 'nearest'): Operator => {
  return (inputs, node) => {
    const [height = 0, width = 0] = numbersAt(inputs, 1);
    const sampling = {
      alignCorners: flagOf(node, 'align_corners'),
      halfPixelCenters: flagOf(node, 'half_pixel_centers'),
    };
    return ops.resize(inputAt(inputs, 0), [height, width], mode, sampling);
  };
};

function shapesApart(x: Value, filter: Value): Error {
  return ops.misfit('a convolution', 'channels that the filter takes', `[${x.shape.join(', ')}], filter [${filter.shape.join(', ')}]`); // prettier-ignore
}

export const imageOperators: Readonly<Record<string, Operator>> = {
  AvgPool: pool('AvgPool'),
  Conv2D: convolution(convolved),
  Conv2DBackpropInput: transposed,
  DepthwiseConv2d: convolution(depthwise),
  DepthwiseConv2dNative: convolution(depthwise),
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
  FusedDepthwiseConv2dNative: fusedConvolution(depthwise),
  MaxPool: pool('MaxPool'),
  ResizeBilinear: resize('bilinear'),
  ResizeNearestNeighbor: resize('nearest'),
  _FusedConv2D: fusedConvolution(convolved),
};
