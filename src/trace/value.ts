// What a traced tensor is: a constant or the output of a recorded node, with the order in which its axes lie.
import { sizeOf } from '../graph/tensor.ts';
import { permute, repeat, type Elements } from './elements.ts';
import { identity, inverse, pick, type Permutation } from './layout.ts';

export type ValueType = 'float32' | 'int32' | 'bool';

interface Placed {
  readonly dtype: ValueType;
  /** Logical shape, as TensorFlow.js sees it. */
  readonly shape: readonly number[];
  /**
   * Extents of what is stored, per logical axis: the shape's own, or 1 where the value repeats along the axis and the
   * repetition has not been carried out. Consumers that broadcast never carry it out.
   */
  readonly extents: readonly number[];
  /** Physical place k holds logical axis order[k]. */
  readonly order: Permutation;
}

export interface ConstantValue extends Placed {
  readonly kind: 'constant';
  /** In physical order; never written to. */
  readonly elements: Elements;
}

export interface RecordedValue extends Placed {
  readonly kind: 'recorded';
  /** Name of the value in the graph; its shape there is the stored extents in physical order. */
  readonly name: string;
}

export type Value = ConstantValue | RecordedValue;

/** A constant in logical order. */
export function constantValue(elements: Elements, shape: readonly number[], dtype: ValueType): ConstantValue {
  return { kind: 'constant', elements, dtype, shape, extents: shape, order: identity(shape.length) };
}

/** A constant of one number repeated: stored once, whatever the shape. */
export function filled(number: number, shape: readonly number[], dtype: ValueType): ConstantValue {
  const elements = elementsOf(dtype, [number]);
  return { kind: 'constant', elements, dtype, shape, extents: shape.map(() => 1), order: identity(shape.length) };
}

/** The elements of a constant in logical order, repetitions carried out. */
export function logicalElements(value: ConstantValue): Elements {
  const stored = permute(value.elements, storedShape(value), inverse(value.order));
  return repeat(stored, value.extents, value.shape);
}

/** Shape of what is stored, in physical order. */
export function storedShape(value: Placed): number[] {
  return pick(value.extents, value.order);
}

/** Number of stored elements. */
export function storedSize(value: Placed): number {
  return sizeOf(value.extents);
}

/** Whether a repetition is pending along some axis. */
export function repeats(value: Placed): boolean {
  return value.extents.some((extent, axis) => extent !== value.shape[axis]);
}

/** Numbers as elements of a type: the same array where it already is one, a converted copy otherwise. */
export function elementsOf(dtype: ValueType, values: ArrayLike<number>): Elements {
  switch (dtype) {
    case 'float32':
      return values instanceof Float32Array ? values : new Float32Array(values);
    case 'int32':
      return values instanceof Int32Array ? values : new Int32Array(values);
    case 'bool':
      return values instanceof Uint8Array ? values : Uint8Array.from(values, (value) => (value ? 1 : 0));
  }
}
