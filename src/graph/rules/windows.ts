// Types of operators that slide a window: convolutions and poolings, and those that change the grid's resolution.
import { intOf, intsOf, stringOf } from '../attributes.ts';
import type { Dim, DType, Node, TensorType } from '../graph.ts';
import { hasInput, likeFirst, numbersAt, type Rule, type RuleContext, sameDim, shapeAt, shapeText } from './rule.ts';

interface Window {
  readonly kernel: readonly Dim[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Begin of each axis, then end of each axis. */
  readonly pads: readonly number[];
  readonly autoPad: string;
  readonly ceil: boolean;
}

function windowOf(node: Node, kernel: readonly Dim[]): Window {
  const ones = kernel.map(() => 1);
  return {
    kernel,
    strides: intsOf(node, 'strides') ?? ones,
    dilations: intsOf(node, 'dilations') ?? ones,
    pads: intsOf(node, 'pads') ?? [...ones, ...ones].fill(0),
    autoPad: stringOf(node, 'auto_pad', 'NOTSET'),
    ceil: intOf(node, 'ceil_mode', 0) !== 0,
  };
}

/** Positions of the window along one axis. */
function positions(context: RuleContext, size: Dim, window: Window, axis: number): Dim {
  const { strides, dilations, pads, autoPad, kernel } = window;
  const stride = strides[axis] ?? 1;
  if (size === null) return null;
  if (autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER') return Math.ceil(size / stride);
  const extent = kernel[axis];
  if (extent === null || extent === undefined) return null;
  const begin = autoPad === 'VALID' ? 0 : (pads[axis] ?? 0);
  const end = autoPad === 'VALID' ? 0 : (pads[axis + kernel.length] ?? 0);
  const room = size + begin + end - (dilations[axis] ?? 1) * (extent - 1) - 1;
  if (room < 0) {
    context.fail(`a window of ${extent} on ${size + begin + end} places`);
    return null;
  }
  if (!window.ceil) return Math.floor(room / stride) + 1;
  const count = Math.ceil(room / stride) + 1;
  // A window that would start in the padding at the end is left out.
  return (count - 1) * stride >= size + begin ? count - 1 : count;
}

/** A convolution of input `data` with filters `[out, in / group, ...kernel]`. */
const convolution =
  (data: number, filters: number, dtypeOf: (context: RuleContext) => DType | undefined): Rule =>
  (context) => {
    const dtype = dtypeOf(context);
    if (dtype === undefined) return [];
    const image = shapeAt(context, data);
    const weight = shapeAt(context, filters);
    if (image === null) return [{ dtype, shape: null }];
    const kernel = intsOf(context.node, 'kernel_shape') ?? weight?.slice(2) ?? image.slice(2).map(() => null);
    if (kernel.length !== image.length - 2 || (weight !== null && weight.length !== image.length)) {
      context.fail(`an input of shape ${shapeText(image)} under filters of shape ${shapeText(weight)}`);
      return [{ dtype, shape: null }];
    }
    const perGroup = weight?.[1] ?? null;
    const groups = intOf(context.node, 'group', 1);
    if (perGroup !== null) sameDim(context, image[1] ?? null, perGroup * groups, 'channels of input and filters');
    const window = windowOf(context.node, kernel);
    const places = image.slice(2).map((size, axis) => positions(context, size, window, axis));
    return [{ dtype, shape: [image[0] ?? null, weight?.[0] ?? null, ...places] }];
  };

/** Filters are `[in, out / group, ...kernel]`. */
const convTranspose: Rule = (context) => {
  const image = shapeAt(context, 0);
  const weight = shapeAt(context, 1);
  if (image === null || weight === null) return [likeFirst(context, null)];
  const { node } = context;
  const kernel = intsOf(node, 'kernel_shape') ?? weight.slice(2);
  const { strides, dilations, pads, autoPad } = windowOf(node, kernel);
  const extra = intsOf(node, 'output_padding') ?? [];
  const fixed = intsOf(node, 'output_shape');
  sameDim(context, image[1] ?? null, weight[0] ?? null, 'channels of input and filters');
  const places = image.slice(2).map((size, axis): Dim => {
    if (fixed !== undefined) return fixed.at(axis - (image.length - 2)) ?? null;
    const extent = kernel[axis] ?? null;
    const stride = strides[axis] ?? 1;
    if (size === null || extent === null) return null;
    if (autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER') return size * stride;
    const padding = autoPad === 'VALID' ? 0 : (pads[axis] ?? 0) + (pads[axis + kernel.length] ?? 0);
    return stride * (size - 1) + (extra[axis] ?? 0) + (extent - 1) * (dilations[axis] ?? 1) + 1 - padding;
  });
  const perGroup = weight[1] ?? null;
  const channels = perGroup === null ? null : perGroup * intOf(node, 'group', 1);
  return [likeFirst(context, [image[0] ?? null, channels, ...places])];
};

/** The pooled map, and for MaxPool the places that the maxima came from. */
export const pool: Rule = (context) => {
  const image = shapeAt(context, 0);
  const kernel = intsOf(context.node, 'kernel_shape');
  if (image === null || kernel === undefined) return [likeFirst(context, null)];
  const window = windowOf(context.node, kernel);
  const places = image.slice(2).map((size, axis) => positions(context, size, window, axis));
  const shape = [...image.slice(0, 2), ...places];
  return [likeFirst(context, shape), { dtype: 'int64', shape }];
};

export const globalPool: Rule = (context) => {
  const image = shapeAt(context, 0);
  return [likeFirst(context, image === null ? null : image.map((dim, axis) => (axis < 2 ? dim : 1)))];
};

const depthToSpace: Rule = (context) => {
  const image = shapeAt(context, 0);
  const block = intOf(context.node, 'blocksize', 1);
  const [batch = null, channels = null, ...places] = image ?? [];
  if (image === null) return [likeFirst(context, null)];
  const depth = channels === null ? null : channels / (block * block);
  return [likeFirst(context, [batch, depth, ...places.map((dim) => (dim === null ? null : dim * block))])];
};

const spaceToDepth: Rule = (context) => {
  const image = shapeAt(context, 0);
  const block = intOf(context.node, 'blocksize', 1);
  const [batch = null, channels = null, ...places] = image ?? [];
  if (image === null) return [likeFirst(context, null)];
  const depth = channels === null ? null : channels * block * block;
  return [likeFirst(context, [batch, depth, ...places.map((dim) => (dim === null ? null : dim / block))])];
};

/** Sizes given, or scales; for all axes or those of `axes`. */
const resize: Rule = (context) => {
  const image = shapeAt(context, 0);
  if (image === null) return [likeFirst(context, null)];
  const listed = intsOf(context.node, 'axes') ?? image.map((_, axis) => axis);
  const axes = listed.map((axis) => (axis < 0 ? axis + image.length : axis));
  const sizes = hasInput(context, 3) ? numbersAt(context, 3) : null;
  const scales = hasInput(context, 2) ? numbersAt(context, 2) : null;
  const bySize = hasInput(context, 3) && (sizes === null || sizes.length > 0);
  const isKept = stringOf(context.node, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch';
  const isCropped = stringOf(context.node, 'coordinate_transformation_mode', '') === 'tf_crop_and_resize';
  const shape = image.map((dim, axis): Dim => {
    const place = axes.indexOf(axis);
    if (place < 0) return dim;
    if (bySize) return isKept ? null : (sizes?.[place] ?? null);
    const scale = scales?.[place];
    return dim === null || scale === undefined || isCropped ? null : Math.floor(dim * scale);
  });
  return [likeFirst(context, shape)];
};

/** The input's batch and channels on the grid's places. */
const gridSample: Rule = (context) => {
  const image = shapeAt(context, 0);
  const grid = shapeAt(context, 1);
  if (image === null || grid === null) return [likeFirst(context, null)];
  return [likeFirst(context, [...image.slice(0, 2), ...grid.slice(1, -1)])];
};

const roiAlign: Rule = (context): readonly (TensorType | undefined)[] => {
  const boxes = shapeAt(context, 1)?.[0] ?? null;
  const channels = shapeAt(context, 0)?.[1] ?? null;
  const [height, width] = [intOf(context.node, 'output_height', 1), intOf(context.node, 'output_width', 1)];
  return [likeFirst(context, [boxes, channels, height, width])];
};

const ofFirst = ({ inputs }: RuleContext): DType | undefined => inputs[0]?.dtype;

export const windows: Readonly<Record<string, Rule>> = {
  Conv: convolution(0, 1, ofFirst),
  ConvInteger: convolution(0, 1, () => 'int32'),
  QLinearConv: convolution(0, 3, ({ inputs }) => inputs[7]?.dtype),
  DeformConv: convolution(0, 1, ofFirst),
  ConvTranspose: convTranspose,
  MaxPool: pool,
  AveragePool: pool,
  LpPool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  GlobalLpPool: globalPool,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Resize: resize,
  GridSample: gridSample,
  RoiAlign: roiAlign,
};
