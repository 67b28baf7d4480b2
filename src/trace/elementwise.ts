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

/** Brings operands to one order: that of the largest recorded one of full rank. Repetitions stay pending. */
export function aligned(recorder: Recorder, values: readonly Value[]): Aligned {
  const shape = broadcastShape(values.map((value) => value.shape));
  const rank = shape.length;
  const leaders = values.filter((value) => value.kind === 'recorded' && value.shape.length === rank);
  const leader = leaders.reduce<Value | null>(
    (best, value) => (best === null || storedSize(value) > storedSize(best) ? value : best),
    null,
  );
  const order = leader?.order ?? identity(rank);
  const extents = broadcastShape(values.map((value) => padRank(value.extents, rank)));
  return { names: values.map((value) => recorder.operand(value, order)), shape, extents, order };
}

/** One node over operands that broadcast. */
export function elementwise(
  recorder: Recorder,
  op: string,
  values: readonly Value[],
  dtype: ValueType = values[0]!.dtype,
  attributes: Attributes = {},
): RecordedValue {
  const { names, ...placed } = aligned(recorder, values);
  return recorder.make(op, names, { ...placed, dtype }, attributes);
}
