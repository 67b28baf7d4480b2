// Which values of a graph are feature maps, and how they lie: a meaning is given at convolutions and followed along the graph.
// Rank alone does not tell: attention scores [batch, heads, n, n] have rank 4 and no place in the picture.
import type { Graph, Node, TensorType } from '../graph/graph.ts';
import { staticNumbers } from './static-values.ts';
import type { MapLayout } from './model.ts';

/**
 * How a value lies over the picture. Those that only lead from one feature map to the next: sequence: [batch, channels, cells];
 * groups: [batch, groups, channels of each, height, width], between the two reshapes of a channel shuffle; between those of a
 * merging of patches (Swin) blocks: [batch, height, rows of each, width, columns of each, channels] and
 * merged: [batch, height, width, rows, columns and channels of each in any order]. Their grid is that of the blocks.
 */
export interface Spatial {
  readonly layout: MapLayout | 'sequence' | 'groups' | 'blocks' | 'merged';
  /** [height, width] of the grid. */
  readonly grid: readonly [number, number];
  readonly channels: number;
  /** Tokens before the grid's first one: the class token, registers. 0 but for token maps. */
  readonly prefix: number;
}

/** Whether a map can be taken of values that lie so. */
export const isMapLayout = (layout: Spatial['layout']): layout is MapLayout =>
  layout === 'nchw' || layout === 'nhwc' || layout === 'tokens';

const ELEMENTWISE = new Set([
  'Abs',
  'Add',
  'BatchNormalization',
  'BiasGelu',
  'Cast',
  'CastLike',
  'Ceil',
  'Celu',
  'Clip',
  'Div',
  'Dropout',
  'Elu',
  'Erf',
  'Exp',
  'FastGelu',
  'Floor',
  'Gelu',
  'HardSigmoid',
  'HardSwish',
  'Identity',
  'LeakyRelu',
  'Log',
  'Max',
  'Mean',
  'Min',
  'Mish',
  'Mul',
  'Neg',
  'PRelu',
  'Pow',
  'QuickGelu',
  'Reciprocal',
  'Relu',
  'Round',
  'Selu',
  'Shrink',
  'Sigmoid',
  'Softplus',
  'Softsign',
  'Sqrt',
  'Sub',
  'Sum',
  'Swish',
  'Tanh',
  'ThresholdedRelu',
  'Where',
  'InstanceNormalization',
  'GroupNormalization',
  'LayerNormalization',
  'RMSNormalization',
  'SimplifiedLayerNormalization',
  'SkipLayerNormalization',
  'LRN',
  'LpNormalization',
  'MeanVarianceNormalization',
  'Softmax',
  'LogSoftmax',
  'QuantizeLinear',
  'DequantizeLinear',
  'DynamicQuantizeLinear',
  'Scan',
]);
const CONVOLUTIONAL = new Set([
  'Conv',
  'ConvTranspose',
  'ConvInteger',
  'QLinearConv',
  'FusedConv',
  'NhwcFusedConv',
  'MaxPool',
  'AveragePool',
  'LpPool',
  'MaxUnpool',
  'Resize',
  'Upsample',
  'DepthToSpace',
  'SpaceToDepth',
  'GridSample',
  'QLinearAveragePool',
  'DeformConv',
]);
const CHANNEL_LAST_LINEAR = new Set(['MatMul', 'FusedMatMul', 'MatMulInteger', 'QLinearMatMul']);
const RESHAPING = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);

/** The spatial meaning of every value that has one; values without are missing. */
export function spatialValues(graph: Graph): Map<string, Spatial> {
  const found = new Map<string, Spatial>();
  for (const node of graph.nodes) {
    for (const [position, output] of node.outputs.entries()) {
      if (output === '' || (position > 0 && node.op !== 'Split')) continue;
      const spatial = meaningOf(graph, node, graph.types.get(output), found);
      if (spatial !== null && spatial.grid[0] * spatial.grid[1] > 1) found.set(output, spatial);
    }
  }
  return found;
}

function meaningOf(
  graph: Graph,
  node: Node,
  type: TensorType | undefined,
  found: ReadonlyMap<string, Spatial>,
): Spatial | null {
  const shape = staticShape(type);
  if (shape === null) return null;
  if (CONVOLUTIONAL.has(node.op)) return shape.length === 4 ? nchw(shape) : null;
  const known = node.inputs.map((name) => found.get(name)).filter((value) => value !== undefined);
  const first = known[0];
  if (first === undefined) return null;
  if (node.op === 'Transpose') return transposed(node, first, shape);
  if (RESHAPING.has(node.op)) return reshaped(first, shape);
  if (node.op === 'Expand' || node.op === 'Tile') return fitting(first, shape);
  if (CHANNEL_LAST_LINEAR.has(node.op))
    return channelsLast(found.get(node.inputs[0] ?? '')) ? fitting(first, shape) : null;
  if (node.op === 'Concat') return concatenated(known, shape);
  if (node.op === 'Slice' || node.op === 'Split' || node.op === 'Pad')
    return sliced(first, shape, graph.types.get(node.inputs[0] ?? ''));
  if (ELEMENTWISE.has(node.op))
    return known.map((value) => fitting(value, shape)).find((value) => value !== null) ?? null;
  return null;
}

const nchw = (shape: readonly number[]): Spatial => ({
  layout: 'nchw',
  grid: [shape[2]!, shape[3]!],
  channels: shape[1]!,
  prefix: 0,
});
const nhwc = (shape: readonly number[]): Spatial => ({
  layout: 'nhwc',
  grid: [shape[1]!, shape[2]!],
  channels: shape[3]!,
  prefix: 0,
});

/** The same meaning for a value of another shape, if the shape allows it. */
function fitting(spatial: Spatial, shape: readonly number[]): Spatial | null {
  const [height, width] = spatial.grid;
  switch (spatial.layout) {
    case 'nchw':
      return shape.length === 4 && shape[2] === height && shape[3] === width ? nchw(shape) : null;
    case 'nhwc':
      return shape.length === 4 && shape[1] === height && shape[2] === width ? nhwc(shape) : null;
    case 'tokens':
      return shape.length === 3 && shape[1] === height * width + spatial.prefix
        ? { ...spatial, channels: shape[2]! }
        : null;
    case 'sequence':
      return shape.length === 3 && shape[2] === height * width ? { ...spatial, channels: shape[1]! } : null;
    case 'groups':
    case 'blocks':
    case 'merged':
      return null;
  }
}

function channelsLast(spatial: Spatial | undefined): boolean {
  return spatial?.layout === 'nhwc' || spatial?.layout === 'tokens';
}

function transposed(node: Node, from: Spatial, shape: readonly number[]): Spatial | null {
  const perm = node.attributes['perm'];
  const order = perm?.kind === 'ints' ? perm.value.join() : shape.map((_, axis) => shape.length - 1 - axis).join();
  if (from.layout === 'nchw' && order === '0,2,3,1') return nhwc(shape);
  if (from.layout === 'nhwc' && order === '0,3,1,2') return nchw(shape);
  if (from.layout === 'groups' && order === '0,2,1,3,4') return from;
  if (from.layout === 'blocks' && order.startsWith('0,1,3,')) return { ...from, layout: 'merged' };
  if (from.layout === 'sequence' && order === '0,2,1') return { ...from, layout: 'tokens' };
  if (from.layout === 'tokens' && order === '0,2,1' && from.prefix === 0) return { ...from, layout: 'sequence' };
  return null;
}

/** [b,c,h,w] -> [b,c,hw]; [b,h,w,c] -> [b,hw,c]; and back again; what lies between the reshapes of shuffles and mergings. */
function reshaped(from: Spatial, shape: readonly number[]): Spatial | null {
  const [height, width] = from.grid;
  const cells = height * width;
  const { layout, channels, prefix } = from;
  if (layout === 'nchw' && shape.length === 3 && shape[1] === channels && shape[2] === cells)
    return { ...from, layout: 'sequence' };
  if (layout === 'nchw' && shape.length === 5 && shape[3] === height && shape[4] === width)
    return { ...from, layout: 'groups' };
  if (layout === 'groups' && shape.length === 4 && shape[2] === height && shape[3] === width) return nchw(shape);
  if (layout === 'nhwc' && shape.length === 3 && shape[1] === cells && shape[2] === channels)
    return { ...from, layout: 'tokens' };
  if ((layout === 'nhwc' || layout === 'tokens') && prefix === 0 && shape.length === 6) return inBlocks(from, shape);
  // As many channels as a whole block has: windows for attention, which may be as many as their sides, have fewer.
  if (layout === 'merged') {
    const maps: Spatial[] = [
      { ...from, layout: 'nhwc' },
      { ...from, layout: 'tokens' },
    ];
    return maps.find((map) => fitting(map, shape)?.channels === channels) ?? null;
  }
  if (layout === 'sequence' && shape.length === 4 && shape[2] === height && shape[3] === width) return nchw(shape);
  if (
    layout === 'tokens' &&
    prefix === 0 &&
    shape.length === 4 &&
    shape[1]! * shape[2]! === cells &&
    shape[3] === channels
  )
    return nhwc(shape);
  return fitting(from, shape);
}

/** [b,h,w,c] or [b,hw,c] -> [b, h/m, m, w/n, n, c]. */
function inBlocks({ grid, channels }: Spatial, shape: readonly number[]): Spatial | null {
  const [, height, rows, width, columns, depth] = shape as [number, number, number, number, number, number];
  if (height * rows !== grid[0] || width * columns !== grid[1] || depth !== channels) return null;
  return { layout: 'blocks', grid: [height, width], channels: rows * columns * depth, prefix: 0 };
}

function concatenated(parts: readonly Spatial[], shape: readonly number[]): Spatial | null {
  const [first] = parts;
  if (first === undefined) return null;
  const same = fitting(first, shape);
  if (same !== null) return same;
  // Tokens grow by a prefix: the class token is put before the grid's first token.
  if (first.layout === 'tokens' && shape.length === 3) {
    const prefix = shape[1]! - first.grid[0] * first.grid[1];
    return prefix > 0 && prefix <= 16 ? { ...first, prefix, channels: shape[2]! } : null;
  }
  return null;
}

function sliced(from: Spatial, shape: readonly number[], before: TensorType | undefined): Spatial | null {
  if (from.layout === 'nchw' && shape.length === 4) return nchw(shape);
  if (from.layout === 'nhwc' && shape.length === 4) return nhwc(shape);
  if (from.layout !== 'tokens' || shape.length !== 3) return null;
  const cells = from.grid[0] * from.grid[1];
  if (shape[1] === cells && before?.shape?.[1] === cells + from.prefix)
    return { ...from, prefix: 0, channels: shape[2]! };
  return fitting(from, shape);
}

function staticShape(type: TensorType | undefined): readonly number[] | null {
  if (type === undefined || type.shape === null || type.shape.some((dim) => dim === null)) return null;
  return type.shape as readonly number[];
}

/** Whether a node picks single tokens out of a token map: the class token at the start of the head. */
export function picksTokens(graph: Graph, node: Node, from: Spatial): boolean {
  if (from.layout !== 'tokens') return false;
  if (node.op === 'Gather') return true;
  if (node.op !== 'Slice') return false;
  const shape = graph.types.get(node.outputs[0] ?? '')?.shape;
  const ends = staticNumbers(graph, node.inputs[2] ?? '');
  return (shape?.[1] ?? Infinity) <= from.prefix || (ends !== null && ends[0] === 1);
}
