// Types of operators that give elements other places or make them from a shape.
import { attributeOf, intOf, intsOf } from '../attributes.ts';
import type { Dim } from '../graph.ts';
import { dtypeOfCode } from './elementwise.ts';
import {
  axesOf,
  axisOf,
  broadcast,
  hasInput,
  likeFirst,
  numbersAt,
  productOf,
  type Rule,
  type RuleContext,
  shapeAt,
  type Shape,
  shapeText,
} from './rule.ts';

/** Dimensions as an input holds them: their values, or as many unknown ones, or null. */
function dimsAt(context: RuleContext, index: number): Shape {
  const value = context.value(index);
  if (value !== undefined) return value.values;
  const count = shapeAt(context, index)?.[0] ?? null;
  return count === null || count > 64 ? null : new Array<Dim>(count).fill(null);
}

const shapeOf: Rule = (context) => {
  const rank = shapeAt(context, 0)?.length;
  if (rank === undefined) return [{ dtype: 'int64', shape: [null] }];
  const [start, end] = rangeOfShape(context, rank);
  return [{ dtype: 'int64', shape: [Math.max(0, end - start)] }];
};

/** First axis and the one after the last that a Shape node gives. */
export function rangeOfShape({ node }: Pick<RuleContext, 'node'>, rank: number): [number, number] {
  const clamp = (axis: number): number => Math.min(rank, Math.max(0, axis < 0 ? axis + rank : axis));
  return [clamp(intOf(node, 'start', 0)), clamp(intOf(node, 'end', rank))];
}

const reshape: Rule = (context) => {
  const asked = dimsAt(context, 1);
  if (asked === null) return [likeFirst(context, null)];
  const shape = shapeAt(context, 0);
  const copies = intOf(context.node, 'allowzero', 0) === 0;
  const dims = asked.map((dim, axis) => (dim === 0 && copies ? (shape?.[axis] ?? null) : dim));
  const open = dims.indexOf(-1);
  if (open >= 0) dims[open] = openDim(context, shape, asked, dims, copies);
  else if (shape !== null) {
    const [before, after] = [productOf(shape), productOf(dims)];
    if (before !== null && after !== null && before !== after) {
      context.fail(`${shapeText(shape)} cannot become ${shapeText(dims)}`);
    }
  }
  return [likeFirst(context, dims)];
};

/** What -1 stands for. Axes that are copied over cancel, so that an unknown batch does no harm. */
function openDim(context: RuleContext, shape: Shape, asked: Shape, dims: readonly Dim[], copies: boolean): Dim {
  if (shape === null || asked === null) return null;
  const isCopied = (axis: number): boolean => copies && asked[axis] === 0;
  const from = productOf(shape.filter((_, axis) => !isCopied(axis)));
  const others = productOf(dims.filter((dim, axis) => dim !== -1 && !isCopied(axis)));
  if (from === null || others === null || others === 0) return null;
  if (from % others !== 0) context.fail(`${shapeText(shape)} cannot become ${shapeText(dims)}`);
  return from / others;
}

const flatten: Rule = (context) => {
  const shape = shapeAt(context, 0);
  if (shape === null) return [likeFirst(context, [null, null])];
  const axis = intOf(context.node, 'axis', 1);
  const from = axis < 0 ? axis + shape.length : axis;
  return [likeFirst(context, [productOf(shape.slice(0, from)), productOf(shape.slice(from))])];
};

/** Axes of Squeeze, Unsqueeze and the like: the second input, or none. Null where not known. */
function axesAt(context: RuleContext): readonly number[] | null {
  return hasInput(context, 1) ? numbersAt(context, 1) : [];
}

const squeeze: Rule = (context) => {
  const shape = shapeAt(context, 0);
  const given = axesAt(context);
  if (shape === null || given === null) return [likeFirst(context, null)];
  if (given.length === 0) {
    const isOpen = shape.includes(null);
    return [likeFirst(context, isOpen ? null : shape.filter((dim) => dim !== 1))];
  }
  const axes = axesOf(context, given, shape.length);
  if (axes === null) return [likeFirst(context, null)];
  for (const axis of axes) if ((shape[axis] ?? 1) !== 1) context.fail(`axis ${axis} of ${shapeText(shape)} is not 1`);
  return [
    likeFirst(
      context,
      shape.filter((_, axis) => !axes.includes(axis)),
    ),
  ];
};

const unsqueeze: Rule = (context) => {
  const shape = shapeAt(context, 0);
  const given = numbersAt(context, 1);
  if (shape === null || given === null) return [likeFirst(context, null)];
  const axes = axesOf(context, given, shape.length + given.length);
  if (axes === null) return [likeFirst(context, null)];
  const rest = [...shape];
  const dims = Array.from({ length: shape.length + axes.length }, (_, axis) =>
    axes.includes(axis) ? 1 : (rest.shift() ?? null),
  );
  return [likeFirst(context, dims)];
};

const transpose: Rule = (context) => {
  const shape = shapeAt(context, 0);
  if (shape === null) return [likeFirst(context, null)];
  const order = intsOf(context.node, 'perm') ?? shape.map((_, axis) => shape.length - 1 - axis);
  const isPermutation = order.length === shape.length && new Set(order).size === order.length;
  if (!isPermutation || order.some((axis) => axis < 0 || axis >= shape.length)) {
    context.fail(`${shapeText(shape)} in order [${order.join(', ')}]`);
    return [likeFirst(context, null)];
  }
  return [
    likeFirst(
      context,
      order.map((axis) => shape[axis] ?? null),
    ),
  ];
};

const expand: Rule = (context) => [likeFirst(context, broadcast(context, shapeAt(context, 0), dimsAt(context, 1)))];

const tile: Rule = (context) => {
  const shape = shapeAt(context, 0);
  const repeats = context.value(1)?.values;
  if (shape === null) return [likeFirst(context, null)];
  return [
    likeFirst(
      context,
      shape.map((dim, axis) => productOf([dim, repeats?.[axis] ?? null])),
    ),
  ];
};

const pad: Rule = (context) => {
  const shape = shapeAt(context, 0);
  if (shape === null) return [likeFirst(context, null)];
  const pads = context.value(1)?.values;
  const given = hasInput(context, 3) ? numbersAt(context, 3) : shape.map((_, axis) => axis);
  const axes = given === null ? null : axesOf(context, given, shape.length);
  if (pads === undefined || axes === null)
    return [
      likeFirst(
        context,
        shape.map(() => null),
      ),
    ];
  if (pads.length !== 2 * axes.length) context.fail(`${pads.length} pads for ${axes.length} axes`);
  const dims = shape.map((dim, axis): Dim => {
    const place = axes.indexOf(axis);
    if (place < 0) return dim;
    const [begin, end] = [pads[place] ?? null, pads[place + axes.length] ?? null];
    return dim === null || begin === null || end === null ? null : dim + begin + end;
  });
  return [likeFirst(context, dims)];
};

const constant: Rule = ({ node }) => {
  const value = node.attributes['value'];
  if (value?.kind === 'tensor') return [{ dtype: value.value.dtype, shape: value.value.shape }];
  return [];
};

const constantOfShape: Rule = (context) => {
  const dtype = attributeOf(context.node, 'value', 'tensor')?.dtype ?? 'float32';
  return [{ dtype, shape: dimsAt(context, 0) }];
};

const range: Rule = (context) => {
  const [start, limit, delta] = [0, 1, 2].map((index) => numbersAt(context, index)?.[0]);
  const known = start !== undefined && limit !== undefined && delta !== undefined && delta !== 0;
  return [likeFirst(context, [known ? Math.max(0, Math.ceil((limit - start) / delta)) : null])];
};

const oneHot: Rule = (context) => {
  const indices = shapeAt(context, 0);
  const dtype = context.inputs[2]?.dtype;
  if (dtype === undefined) return [];
  if (indices === null) return [{ dtype, shape: null }];
  const axis = axisOf(context, intOf(context.node, 'axis', -1), indices.length + 1);
  if (axis === null) return [{ dtype, shape: null }];
  const depth = numbersAt(context, 1)?.[0] ?? null;
  return [{ dtype, shape: [...indices.slice(0, axis), depth, ...indices.slice(axis)] }];
};

/** RandomNormal, RandomUniform: type and shape as attributes. */
const random: Rule = ({ node }) => [
  { dtype: dtypeOfCode(intOf(node, 'dtype', 1)) ?? 'float32', shape: intsOf(node, 'shape') ?? null },
];

export const shapes: Readonly<Record<string, Rule>> = {
  Shape: shapeOf,
  Size: () => [{ dtype: 'int64', shape: [] }],
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Expand: expand,
  Tile: tile,
  Pad: pad,
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Range: range,
  OneHot: oneHot,
  RandomNormal: random,
  RandomUniform: random,
};
