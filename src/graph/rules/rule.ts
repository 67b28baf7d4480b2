// The seam of operator rules: types of a node's inputs in, types of its outputs out. One file per operator family, one
// line per operator; the pieces that the families share are here.
import type { Dim, DType, Node, TensorType } from '../graph.ts';
import type { SmallTensor } from '../values/small.ts';

/** What a rule may look at. */
export interface RuleContext {
  readonly node: Node;
  /** Types of the inputs; undefined where one is absent or not known. */
  readonly inputs: readonly (TensorType | undefined)[];
  /** The input's elements, where it is small and at least some are known beforehand. */
  readonly value: (index: number) => SmallTensor | undefined;
  /** Says that the node cannot run as it stands. Inference goes on, with what is not known left open; the checker stops. */
  readonly fail: (message: string) => void;
}

/** Types of the outputs, in order; undefined, or left out, where not known. Rules never throw on shapes. */
export type Rule = (context: RuleContext) => readonly (TensorType | undefined)[];

/** A shape; null where not even the rank is known. */
export type Shape = readonly Dim[] | null;

/** Type and shape of the first input. */
export const sameAsFirst: Rule = ({ inputs }) => [inputs[0]];

/** Shape of the first input, another element type. */
export const firstAs =
  (dtype: DType): Rule =>
  ({ inputs }) =>
    inputs[0] === undefined ? [] : [{ dtype, shape: inputs[0].shape }];

/** A shape with the first input's element type. */
export function likeFirst({ inputs }: RuleContext, shape: Shape): TensorType | undefined {
  return inputs[0] === undefined ? undefined : { dtype: inputs[0].dtype, shape };
}

/** Shape of an input. */
export function shapeAt({ inputs }: RuleContext, index: number): Shape {
  return inputs[index]?.shape ?? null;
}

/** All elements of an input as numbers, or null where some are not known. */
export function numbersAt(context: RuleContext, index: number): readonly number[] | null {
  const values = context.value(index)?.values;
  return values?.every((value) => value !== null) ? values : null;
}

/** Whether the node has an input there at all, known or not. */
export function hasInput({ node }: RuleContext, index: number): boolean {
  return (node.inputs[index] ?? '') !== '';
}

/** An axis counted from the front, or null, and a failure, where there is no such axis. */
export function axisOf(context: RuleContext, axis: number, rank: number): number | null {
  const fromFront = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(fromFront) && fromFront >= 0 && fromFront < rank) return fromFront;
  context.fail(`axis ${axis} of a tensor with ${rank} axes`);
  return null;
}

/** As axisOf, for several axes. */
export function axesOf(context: RuleContext, axes: readonly number[], rank: number): readonly number[] | null {
  const found = axes.map((axis) => axisOf(context, axis, rank));
  return found.every((axis) => axis !== null) ? found : null;
}

/** The shape with one dimension replaced. */
export function withDim(shape: readonly Dim[], axis: number, dim: Dim): Dim[] {
  return shape.map((old, index) => (index === axis ? dim : old));
}

/** Product of dimensions, null where one is not known. */
export function productOf(dims: readonly Dim[]): Dim {
  return dims.reduce((product: Dim, dim) => (product === null || dim === null ? null : product * dim), 1);
}

/** Shape of two operands after NumPy's broadcasting. Fails where they do not fit. */
export function broadcast(context: RuleContext, a: Shape, b: Shape): Shape {
  if (a === null || b === null) return null;
  const rank = Math.max(a.length, b.length);
  const dims: Dim[] = [];
  for (let index = 0; index < rank; index++) {
    const left = dimFromEnd(a, rank - index);
    const right = dimFromEnd(b, rank - index);
    if (left === 1) dims.push(right);
    else if (right === 1 || right === left) dims.push(left);
    else if (left === null || right === null) dims.push(left ?? right);
    else {
      context.fail(`shapes ${shapeText(a)} and ${shapeText(b)} do not broadcast`);
      dims.push(null);
    }
  }
  return dims;
}

/** The dimension `back` places before the end, 1 before the first. */
function dimFromEnd(shape: readonly Dim[], back: number): Dim {
  return back > shape.length ? 1 : (shape[shape.length - back] ?? null);
}

/** Two accounts of one dimension: what either knows. Fails where they differ. */
export function sameDim(context: RuleContext, a: Dim, b: Dim, what: string): Dim {
  if (a !== null && b !== null && a !== b) context.fail(`${what}: ${a} and ${b}`);
  return a ?? b;
}

/** `[2, ?, 7]`; `?` where a dimension is not known. */
export function shapeText(shape: Shape): string {
  return shape === null ? '[unknown]' : `[${shape.map((dim) => dim ?? '?').join(', ')}]`;
}
