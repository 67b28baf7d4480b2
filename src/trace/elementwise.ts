// Nodes that treat every element alike: they lie as their largest recorded input lies, the others are brought there.
import { broadcastShape } from './shapes.ts';
import { identity, padRank, type Permutation } from './layout.ts';
import type { Attributes, Recorder } from './recorder.ts';
import { storedSize, type RecordedValue, type Value, type ValueType } from './value.ts';

/** Operand names lying alike, and what a node that broadcasts them makes. */
export interface Aligned {
  readonly names: readonly string[];
  readonly shape: number[];
  readonly extents: number[];
  readonly order: Permutation;
}

/** The value that the others follow: the largest recorded one of full rank, or one of full rank where none is recorded. */
function leaderOf(values: readonly Value[], rank: number): Value {
  const full = values.filter((value) => value.shape.length === rank);
  const recorded = full.filter((value) => value.kind === 'recorded');
  return recorded.reduce(
    (best, value) => (storedSize(value) > storedSize(best) ? value : best),
    recorded[0] ?? full[0]!,
  );
}

/** The order that values of one rank are best brought to: that of the largest recorded one, logical order without any. */
export function leadingOrder(values: readonly Value[], rank: number): Permutation {
  const leader = leaderOf(values, rank);
  return leader.kind === 'recorded' ? leader.order : identity(rank);
}

/**
 * Brings operands to one order. Repetitions stay pending. The leader's name has all axes, so the result has them, too.
 * `bare`: single numbers must have no axes.
 */
export function aligned(recorder: Recorder, values: readonly Value[], bare = false): Aligned {
  const shape = broadcastShape(values.map((value) => value.shape));
  const rank = shape.length;
  const leader = leaderOf(values, rank);
  const order = leadingOrder(values, rank);
  const extents = broadcastShape(values.map((value) => padRank(value.extents, rank)));
  // Where the innermost axis has one element, ONNX Runtime takes a number without axes element by element.
  const isNarrow = !bare && rank > 1 && extents[order[rank - 1]!] === 1;
  const names = values.map((value) =>
    value === leader ? recorder.stored(value, order) : recorder.operand(value, order, isNarrow),
  );
  return { names, shape, extents, order };
}

/** One node over operands that broadcast. */
export function elementwise(
  recorder: Recorder,
  op: string,
  values: readonly Value[],
  dtype: ValueType = values[0]!.dtype,
  attributes: Attributes = {},
): RecordedValue {
  const { names, ...placed } = aligned(recorder, values, op === 'Clip'); // whose bounds are numbers, not operands
  return recorder.make(op, names, { ...placed, dtype }, attributes);
}
