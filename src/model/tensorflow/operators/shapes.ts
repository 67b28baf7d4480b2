// TensorFlow's operators that change how values are seen, cut them, put them together, or make them from numbers.
import { GradcamError } from '../../../lib/errors.ts';
import * as ops from '../../../trace/forward.ts';
import { textOf, typeOf, wholeOf, wholesOf, type GraphNode } from '../node.ts';
import { binary, inputAt, numberAt, numbersAt, pairsAt, unary, type Operator } from '../operator.ts';

type Value = ops.Value;

/** Elements that a network makes from nothing, or from a repetition, at most. */
const MAX_MADE = 2 ** 24;

const int32 = (numbers: readonly number[]): Value => ops.constant(numbers, [numbers.length], 'int32');
const whole = (number: number): Value => ops.constant([number], [], 'int32');

function filled(shape: readonly number[], value: number, dtype: ops.ValueType): Value {
  requireSensible(shape.reduce((size, dim) => size * dim, 1));
  return ops.kernel('Fill', {}, { shape: [...shape], value, dtype });
}

function requireSensible(size: number): void {
  if (Number.isInteger(size) && size >= 0 && size <= MAX_MADE) return;
  throw new GradcamError({ code: 'graph-model', what: `it makes ${size} elements`, expected: `at most ${MAX_MADE}` });
}

/** Shapes are computed with when a network is put together, number by number: what is known needs no kernel. */
function pack(inputs: readonly Value[], node: GraphNode): Value {
  const axis = wholeOf(node, 'axis', 0);
  const numbers = inputs.flatMap((value) => (value.kind === 'constant' && value.shape.length === 0 ? value.elements[0]! : [])); // prettier-ignore
  const isList = numbers.length === inputs.length && inputs.every(({ dtype }) => dtype === 'int32');
  return isList && axis === 0 && numbers.length > 0 ? int32(numbers) : ops.stack(inputs, axis);
}

function stridedSlice(inputs: readonly Value[], node: GraphNode): Value {
  const x = inputAt(inputs, 0);
  const [begin, end, strides] = [numbersAt(inputs, 1), numbersAt(inputs, 2), numbersAt(inputs, 3)];
  const mask = (name: string): number => wholeOf(node, name, 0);
  const [beginMask, endMask, shrinkAxisMask] = [mask('begin_mask'), mask('end_mask'), mask('shrink_axis_mask')];
  const [place] = begin;
  // One of the numbers of a shape.
  const isOne = begin.length === 1 && shrinkAxisMask === 1 && beginMask === 0 && place !== undefined && place >= 0;
  if (isOne && x.kind === 'constant' && x.dtype === 'int32' && x.shape.length === 1 && place < x.elements.length)
    return whole(x.elements[place]!);
  const more = { ellipsisMask: mask('ellipsis_mask'), newAxisMask: mask('new_axis_mask') };
  return ops.stridedSlice(x, { begin, end, strides, beginMask, endMask, shrinkAxisMask, ...more });
}

function concat(values: readonly Value[], axis: number): Value {
  // A tensor without elements fits every other one.
  const filledOnes = values.filter((value) => !(value.shape.length === 1 && value.shape[0] === 0));
  return ops.concat(filledOnes.length === 0 ? values.slice(0, 1) : filledOnes, axis);
}

function range(inputs: readonly Value[]): Value {
  const [start, stop, step] = [numberAt(inputs, 0), numberAt(inputs, 1), numberAt(inputs, 2)];
  const count = Math.max(0, Math.ceil((stop - start) / step));
  requireSensible(count);
  const numbers = Array.from({ length: count }, (_, index) => start + index * step);
  return ops.constant(numbers, [count], inputAt(inputs, 0).dtype);
}

function linSpace(inputs: readonly Value[]): Value {
  const [start, stop, count] = [numberAt(inputs, 0), numberAt(inputs, 1), numberAt(inputs, 2)];
  requireSensible(count);
  const step = count > 1 ? (stop - start) / (count - 1) : 0;
  return ops.constant(
    Array.from({ length: count }, (_, index) => start + index * step),
    [count],
  );
}

function oneHot(inputs: readonly Value[], node: GraphNode): Value {
  const [depth, onValue, offValue] = [numberAt(inputs, 1), numberAt(inputs, 2), numberAt(inputs, 3)];
  requireSensible(depth);
  const indices = ops.cast(inputAt(inputs, 0), 'int32');
  const made = ops.kernel('OneHot', { indices }, { depth, onValue, offValue, dtype: typeOf(node, 'T', 'float32') });
  const axis = wholeOf(node, 'axis', -1);
  const last = made.shape.length - 1;
  if (axis === -1 || axis === last) return made;
  return ops.transpose(
    made,
    made.shape.map((_, place) => (place < axis ? place : place === axis ? last : place - 1)),
  );
}

function tile(inputs: readonly Value[]): Value {
  const [x, reps] = [inputAt(inputs, 0), numbersAt(inputs, 1)];
  return ops.tile(x, reps);
}

function scatterNd(inputs: readonly Value[]): Value {
  const [indices, updates, shape] = [inputAt(inputs, 0), inputAt(inputs, 1), numbersAt(inputs, 2)];
  requireSensible(shape.reduce((size, dim) => size * dim, 1));
  const depth = indices.shape.at(-1) ?? 0;
  const wanted = [...indices.shape.slice(0, -1), ...shape.slice(depth)];
  if (depth > shape.length || wanted.join() !== updates.shape.join())
    throw ops.misfit('a scattering', `updates [${wanted.join(', ')}]`, `[${updates.shape.join(', ')}]`);
  return ops.kernel('ScatterNd', { indices, updates }, { shape });
}

function gatherNd(params: Value, indices: Value): Value {
  const depth = indices.shape.at(-1) ?? 0;
  if (indices.shape.length === 0 || depth > params.shape.length)
    throw ops.misfit('a gathering', `indices of at most ${params.shape.length} axes`, `${depth}`);
  return ops.kernel('GatherNd', { params, indices });
}

/** Places dealt out into samples, or brought back; as many axes after the first as the block has. */
function blocks(name: 'SpaceToBatchND' | 'BatchToSpaceND', borders: 'paddings' | 'crops'): Operator {
  return (inputs) => {
    const [x, blockShape, pairs] = [inputAt(inputs, 0), numbersAt(inputs, 1), pairsAt(inputs, 2)];
    const count = blockShape.reduce((product, size) => product * size, 1);
    const fits = blockShape.every((size, index) => {
      const [before, after] = pairs[index] ?? [-1, -1];
      const cells = x.shape[index + 1] ?? 0;
      const sides = before + after;
      const isWhole = name === 'SpaceToBatchND' ? (cells + sides) % size === 0 : cells * size >= sides;
      return Number.isInteger(size) && size >= 1 && before >= 0 && after >= 0 && isWhole;
    });
    const dealt = name === 'SpaceToBatchND' || (x.shape[0] ?? 0) % count === 0;
    if (!fits || !dealt || pairs.length !== blockShape.length || x.shape.length <= blockShape.length)
      throw ops.misfit('blocks', 'sizes and borders that share out the image', `[${blockShape.join(', ')}] for [${x.shape.join(', ')}]`); // prettier-ignore
    return ops.kernel(name, { x }, { blockShape, [borders]: pairs });
  };
}

function depthToSpace(inputs: readonly Value[], node: GraphNode): Value {
  const [x, blockSize] = [inputAt(inputs, 0), wholeOf(node, 'block_size')];
  const dataFormat = textOf(node, 'data_format', 'NHWC');
  const channels = x.shape[dataFormat === 'NHWC' ? 3 : 1] ?? 0;
  if (x.shape.length !== 4 || blockSize < 1 || channels % blockSize ** 2 !== 0)
    throw ops.misfit('depth to space', 'channels of whole blocks', `[${x.shape.join(', ')}], block ${blockSize}`);
  return ops.kernel('DepthToSpace', { x }, { blockSize, dataFormat });
}

const shapeOf = (x: Value): Value => int32(x.shape);
const pad: Operator = (inputs) =>
  ops.pad(inputAt(inputs, 0), pairsAt(inputs, 1), inputs.length > 2 ? numberAt(inputs, 2) : 0);

export const shapeOperators: Readonly<Record<string, Operator>> = {
  BatchToSpaceND: blocks('BatchToSpaceND', 'crops'),
  BroadcastTo: (inputs) => ops.broadcastTo(inputAt(inputs, 0), numbersAt(inputs, 1)),
  Concat: (inputs) => concat(inputs.slice(1), numberAt(inputs, 0)),
  ConcatV2: (inputs) => concat(inputs.slice(0, -1), numberAt(inputs, -1)),
  DepthToSpace: depthToSpace,
  ExpandDims: (inputs) => ops.expandDims(inputAt(inputs, 0), numberAt(inputs, 1)),
  Fill: (inputs) => filled(numbersAt(inputs, 0), numberAt(inputs, 1), inputAt(inputs, 1).dtype),
  Gather: (inputs) => ops.gather(inputAt(inputs, 0), inputAt(inputs, 1)),
  GatherNd: binary(gatherNd),
  GatherV2: (inputs, node) =>
    ops.gather(inputAt(inputs, 0), inputAt(inputs, 1), numberAt(inputs, 2), wholeOf(node, 'batch_dims', 0)),
  LinSpace: linSpace,
  MirrorPad: (inputs, node) =>
    ops.mirrorPad(
      inputAt(inputs, 0),
      pairsAt(inputs, 1),
      textOf(node, 'mode').toLowerCase() === 'reflect' ? 'reflect' : 'symmetric',
    ),
  OneHot: oneHot,
  Ones: (inputs, node) => filled(numbersAt(inputs, 0), 1, typeOf(node, 'T', 'float32')),
  OnesLike: unary((x) => filled(x.shape, 1, x.dtype)),
  Pack: pack,
  Pad: pad,
  PadV2: pad,
  Range: range,
  Rank: unary((x) => whole(x.shape.length)),
  Reshape: (inputs) => ops.reshape(inputAt(inputs, 0), numbersAt(inputs, 1)),
  Reverse: (inputs) => ops.reverse(inputAt(inputs, 0), numbersAt(inputs, 1).flatMap((turned, axis) => (turned ? axis : []))), // prettier-ignore
  ReverseV2: (inputs) => ops.reverse(inputAt(inputs, 0), numbersAt(inputs, 1)),
  ScatterNd: scatterNd,
  Shape: unary(shapeOf),
  ShapeN: (inputs) => inputs.map(shapeOf),
  Size: unary((x) => whole(x.shape.reduce((size, dim) => size * dim, 1))),
  Slice: (inputs) => ops.slice(inputAt(inputs, 0), numbersAt(inputs, 1), numbersAt(inputs, 2)),
  SpaceToBatchND: blocks('SpaceToBatchND', 'paddings'),
  Split: (inputs, node) => ops.split(inputAt(inputs, 1), wholeOf(node, 'num_split', 1), numberAt(inputs, 0)),
  SplitV: (inputs) => ops.split(inputAt(inputs, 0), numbersAt(inputs, 1), numberAt(inputs, 2)),
  Squeeze: (inputs, node) => {
    const axes = [...wholesOf(node, 'squeeze_dims'), ...wholesOf(node, 'axis')];
    return ops.squeeze(inputAt(inputs, 0), axes.length === 0 ? undefined : axes);
  },
  StridedSlice: stridedSlice,
  Tile: tile,
  Transpose: (inputs) => ops.transpose(inputAt(inputs, 0), numbersAt(inputs, 1)),
  Unpack: (inputs, node) => ops.unstack(inputAt(inputs, 0), wholeOf(node, 'axis', 0)),
  Zeros: (inputs, node) => filled(numbersAt(inputs, 0), 0, typeOf(node, 'T', 'float32')),
  ZerosLike: unary((x) => filled(x.shape, 0, x.dtype)),
};
