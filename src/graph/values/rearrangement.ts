// Elements of small tensors through operators that move them. Output shapes come from the rules, already worked out.
import { intOf, intsOf } from '../attributes.ts';
import type { TensorType } from '../graph.ts';
import { sliceAxes } from '../rules/indexing.ts';
import type { RuleContext } from '../rules/rule.ts';
import { rangeOfShape } from '../rules/shapes.ts';
import { isKnown, sizeOf } from '../tensor.ts';
import { operands } from './arithmetic.ts';
import type { Evaluation } from './evaluation.ts';
import { broadcastAt, elementAt, filled, small, type SmallTensor } from './small.ts';

/** Shape of an output, where every dimension is known. */
function sizesOf(type: TensorType | undefined): readonly number[] | null {
  return type?.shape && isKnown(type.shape) ? type.shape : null;
}

/** Dimensions of the input's shape; some may not be known. */
const shape: Evaluation = (context) => {
  const dims = context.inputs[0]?.shape;
  if (!dims) return [];
  const [start, end] = rangeOfShape(context, dims.length);
  const values = dims.slice(start, Math.max(start, end));
  return [small('int64', [values.length], values)];
};

const size: Evaluation = (context) => {
  const dims = context.inputs[0]?.shape;
  return dims && isKnown(dims) ? [small('int64', [], [sizeOf(dims)])] : [];
};

/** The same elements under the output's shape. */
const reshaped: Evaluation = (context, [type]) => {
  const tensor = context.value(0);
  const sizes = sizesOf(type);
  return tensor === undefined || sizes === null ? [] : [small(tensor.dtype, sizes, tensor.values)];
};

/** Elements picked by the index they get in the output. */
const picked =
  (
    source: (context: RuleContext, tensor: SmallTensor) => ((index: readonly number[]) => number | null) | null,
  ): Evaluation =>
  (context, [type]) => {
    const tensor = context.value(0);
    const sizes = sizesOf(type);
    if (tensor === undefined || sizes === null) return [];
    const at = source(context, tensor);
    return at === null ? [] : [filled(tensor.dtype, sizes, at)];
  };

const transpose = picked(({ node }, tensor) => {
  const order = intsOf(node, 'perm') ?? tensor.shape.map((_, axis) => tensor.shape.length - 1 - axis);
  const from = tensor.shape.map((_, axis) => order.indexOf(axis));
  return (index) =>
    elementAt(
      tensor,
      from.map((place) => index[place] ?? 0),
    );
});

const slice = picked((context, tensor) => {
  const touched = sliceAxes(context, tensor.shape);
  if (touched === null || [...touched.values()].includes(null)) return null;
  return (index) =>
    elementAt(
      tensor,
      index.map((place, axis) => {
        const part = touched.get(axis);
        return part ? part.start + place * part.step : place;
      }),
    );
});

const gather = picked((context, tensor) => {
  const indices = context.value(1);
  const asked = intOf(context.node, 'axis', 0);
  const axis = asked < 0 ? asked + tensor.shape.length : asked;
  const length = tensor.shape[axis];
  if (indices === undefined || length === undefined) return null;
  const rank = indices.shape.length;
  return (index) => {
    const place = elementAt(indices, index.slice(axis, axis + rank));
    if (place === null || place >= length || place < -length) return null;
    return elementAt(tensor, [
      ...index.slice(0, axis),
      place < 0 ? place + length : place,
      ...index.slice(axis + rank),
    ]);
  };
});

const expand = picked((_, tensor) => (index) => broadcastAt(tensor, index));

const tile = picked((_, tensor) => (index) => {
  return elementAt(
    tensor,
    index.map((place, axis) => place % (tensor.shape[axis] ?? 1)),
  );
});

const concat: Evaluation = (context, [type]) => {
  const tensors = operands(context);
  const sizes = sizesOf(type);
  const [first] = tensors ?? [];
  if (tensors === null || sizes === null || first === undefined) return [];
  const asked = intOf(context.node, 'axis', 0);
  const axis = asked < 0 ? asked + sizes.length : asked;
  const at = (index: readonly number[]): number | null => {
    let place = index[axis] ?? 0;
    for (const tensor of tensors) {
      const length = tensor.shape[axis] ?? 0;
      if (place < length)
        return elementAt(
          tensor,
          index.map((other, i) => (i === axis ? place : other)),
        );
      place -= length;
    }
    return null;
  };
  return [filled(first.dtype, sizes, at)];
};

/** Only vectors are followed. */
const split: Evaluation = (context, types) => {
  const tensor = context.value(0);
  if (tensor?.shape.length !== 1) return [];
  let from = 0;
  return types.map((type) => {
    const [count] = sizesOf(type) ?? [];
    if (count === undefined) return undefined;
    from += count;
    return small(tensor.dtype, [count], tensor.values.slice(from - count, from));
  });
};

/** Only rows of a vector are followed, as exporters write one dimension into a shape. */
const scatterND: Evaluation = (context) => {
  const [data, indices, updates] = [0, 1, 2].map((index) => context.value(index));
  if (data?.shape.length !== 1 || indices === undefined || updates === undefined) return [];
  if (indices.shape.at(-1) !== 1 || 'reduction' in context.node.attributes) return [];
  const values = [...data.values];
  for (const [count, place] of indices.values.entries()) {
    if (place === null) return [];
    values[place < 0 ? place + values.length : place] = updates.values[count] ?? null;
  }
  return [small(data.dtype, data.shape, values)];
};

export const rearrangement: Readonly<Record<string, Evaluation>> = {
  Shape: shape,
  Size: size,
  Identity: (context) => [context.value(0)],
  Dropout: (context) => [context.value(0)],
  Reshape: reshaped,
  Flatten: reshaped,
  Squeeze: reshaped,
  Unsqueeze: reshaped,
  Transpose: transpose,
  Slice: slice,
  Gather: gather,
  Expand: expand,
  Tile: tile,
  Concat: concat,
  Split: split,
  ScatterND: scatterND,
};
