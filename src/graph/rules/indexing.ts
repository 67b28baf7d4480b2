// Types of operators that join, part or pick elements.
import { intOf } from '../attributes.ts';
import type { Dim, TensorType } from '../graph.ts';
import {
  axisOf,
  hasInput,
  likeFirst,
  numbersAt,
  type Rule,
  type RuleContext,
  sameAsFirst,
  sameDim,
  shapeAt,
  shapeText,
  withDim,
} from './rule.ts';

const concat: Rule = (context) => {
  const shapes = context.inputs.map((type) => type?.shape ?? null);
  const known = shapes.filter((shape) => shape !== null);
  const [first] = known;
  const other = context.inputs.find((type) => type !== undefined && type.dtype !== context.inputs[0]?.dtype);
  if (other !== undefined && context.inputs[0] !== undefined)
    context.fail(`operands of types ${context.inputs[0].dtype} and ${other.dtype}`);
  if (first === undefined) return [likeFirst(context, null)];
  const axis = axisOf(context, intOf(context.node, 'axis', 0), first.length);
  if (axis === null) return [likeFirst(context, null)];
  const odd = known.find((shape) => shape.length !== first.length);
  if (odd !== undefined) {
    context.fail(`operands of shapes ${shapeText(first)} and ${shapeText(odd)}`);
    return [likeFirst(context, null)];
  }
  const dims = first.map((_, index): Dim => {
    if (index !== axis)
      return known.reduce((dim: Dim, shape) => sameDim(context, dim, shape[index] ?? null, `axis ${index}`), null);
    return shapes.reduce(
      (sum: Dim, shape) => (sum === null || shape === null ? null : addDims(sum, shape[index] ?? null)),
      0,
    );
  });
  return [likeFirst(context, dims)];
};

function addDims(a: Dim, b: Dim): Dim {
  return a === null || b === null ? null : a + b;
}

/** Lengths given as an input, or as equal parts, the last one smaller. */
const split: Rule = (context) => {
  const count = context.node.outputs.length;
  const shape = shapeAt(context, 0);
  const axis = shape === null ? null : axisOf(context, intOf(context.node, 'axis', 0), shape.length);
  if (shape === null || axis === null) return new Array<TensorType | undefined>(count).fill(likeFirst(context, null));
  const lengths = splitLengths(context, shape[axis] ?? null, count);
  return lengths.map((length) => likeFirst(context, withDim(shape, axis, length)));
};

/** Length of each part of an axis. */
function splitLengths(context: RuleContext, size: Dim, count: number): readonly Dim[] {
  if (hasInput(context, 1)) return context.value(1)?.values ?? new Array<Dim>(count).fill(null);
  const parts = intOf(context.node, 'num_outputs', count);
  if (size === null) return new Array<Dim>(count).fill(null);
  const length = Math.ceil(size / parts);
  return Array.from({ length: count }, (_, index) => Math.max(0, Math.min(length, size - index * length)));
}

/** One axis of a Slice, as indices that are all inside. */
export interface SliceAxis {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

const slice: Rule = (context) => {
  const shape = shapeAt(context, 0);
  if (shape === null) return [likeFirst(context, null)];
  const touched = sliceAxes(context, shape);
  if (touched === null)
    return [
      likeFirst(
        context,
        shape.map(() => null),
      ),
    ];
  return [
    likeFirst(
      context,
      shape.map((dim, axis) => (touched.has(axis) ? (touched.get(axis)?.count ?? null) : dim)),
    ),
  ];
};

/** What a Slice takes of each axis it names; null for an axis where that is not known, and where no axis is known. */
export function sliceAxes(context: RuleContext, shape: readonly Dim[]): Map<number, SliceAxis | null> | null {
  const starts = context.value(1)?.values;
  const ends = context.value(2)?.values;
  const count = starts?.length ?? ends?.length ?? shapeAt(context, 1)?.[0] ?? null;
  if (count !== null && count > shape.length) context.fail(`${count} slices of ${shape.length} axes`);
  const first = count === null || count > shape.length ? null : Array.from({ length: count }, (_, axis) => axis);
  const given = hasInput(context, 3) ? numbersAt(context, 3) : first;
  const steps = hasInput(context, 4) ? context.value(4)?.values : given?.map(() => 1);
  if (given === null) return null;
  const touched = new Map<number, SliceAxis | null>();
  for (const [place, named] of given.entries()) {
    const axis = axisOf(context, named, shape.length);
    if (axis === null) return null;
    const [start, end, step] = [starts?.[place] ?? null, ends?.[place] ?? null, steps?.[place] ?? null];
    const size = shape[axis] ?? null;
    const isKnown = size !== null && start !== null && end !== null && step !== null && step !== 0;
    touched.set(axis, isKnown ? sliceOf(axis, size, start, end, step) : null);
  }
  return touched;
}

/** Python's slicing: negative indices count from the end, all are clamped. */
function sliceOf(axis: number, size: number, start: number, end: number, step: number): SliceAxis {
  const clamp = (index: number, low: number, high: number): number =>
    Math.min(high, Math.max(low, index < 0 ? index + size : index));
  const from = step > 0 ? clamp(start, 0, size) : clamp(start, 0, size - 1);
  const to = step > 0 ? clamp(end, 0, size) : clamp(end, -1, size - 1);
  return { axis, start: from, step, count: Math.max(0, Math.ceil((to - from) / step)) };
}

const gather: Rule = (context) => {
  const data = shapeAt(context, 0);
  const indices = shapeAt(context, 1);
  if (data === null || indices === null) return [likeFirst(context, null)];
  const axis = axisOf(context, intOf(context.node, 'axis', 0), data.length);
  if (axis === null) return [likeFirst(context, null)];
  return [likeFirst(context, [...data.slice(0, axis), ...indices, ...data.slice(axis + 1)])];
};

const gatherElements: Rule = (context) => [likeFirst(context, shapeAt(context, 1))];

const gatherND: Rule = (context) => {
  const data = shapeAt(context, 0);
  const indices = shapeAt(context, 1);
  const depth = indices?.at(-1) ?? null;
  if (data === null || indices === null || depth === null) return [likeFirst(context, null)];
  const batch = intOf(context.node, 'batch_dims', 0);
  return [likeFirst(context, [...indices.slice(0, -1), ...data.slice(batch + depth)])];
};

/** Indices of the elements that are not zero: how many is only known at run time. */
const nonZero: Rule = (context) => [{ dtype: 'int64', shape: [shapeAt(context, 0)?.length ?? null, null] }];

export const indexing: Readonly<Record<string, Rule>> = {
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  Scatter: sameAsFirst,
  ScatterElements: sameAsFirst,
  ScatterND: sameAsFirst,
  ReverseSequence: sameAsFirst,
  NonZero: nonZero,
};
