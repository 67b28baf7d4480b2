// Small tensors of which some elements are known before run time: shapes on their way from Shape to Reshape.
import type { Constant, DType } from '../graph.ts';
import { constantOf, numbersOf, sizeOf } from '../tensor.ts';

/** Larger tensors are not followed. */
const MOST_ELEMENTS = 1024;

export interface SmallTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** In C order; null where an element is not known. */
  readonly values: readonly (number | null)[];
}

/** The tensor, or undefined where it is too large or the number of values does not fit. */
export function small(
  dtype: DType,
  shape: readonly number[],
  values: readonly (number | null)[],
): SmallTensor | undefined {
  const size = sizeOf(shape);
  return size <= MOST_ELEMENTS && size === values.length ? { dtype, shape, values } : undefined;
}

export function smallOf(constant: Constant): SmallTensor | undefined {
  if (constant.dtype === 'string' || sizeOf(constant.shape) > MOST_ELEMENTS) return undefined;
  return { dtype: constant.dtype, shape: constant.shape, values: [...numbersOf(constant)] };
}

/** The constant, or null where an element is not known. */
export function constantOfSmall({ dtype, shape, values }: SmallTensor): Constant | null {
  return values.every((value) => value !== null) ? constantOf(dtype, shape, values) : null;
}

/** A tensor whose element at each index is `at(index)`; the index array is reused. Undefined where it would be too large. */
export function filled(
  dtype: DType,
  shape: readonly number[],
  at: (index: readonly number[]) => number | null,
): SmallTensor | undefined {
  const size = sizeOf(shape);
  if (!(size <= MOST_ELEMENTS)) return undefined;
  const index = new Array<number>(shape.length).fill(0);
  const values: (number | null)[] = [];
  for (let count = 0; count < size; count++) {
    values.push(at(index));
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      index[axis] = next < (shape[axis] ?? 0) ? next : 0;
      if (next < (shape[axis] ?? 0)) break;
    }
  }
  return { dtype, shape, values };
}

/** The element of `tensor` that broadcasting puts at `index` of a larger shape. */
export function broadcastAt(tensor: SmallTensor, index: readonly number[]): number | null {
  const offset = index.length - tensor.shape.length;
  let position = 0;
  tensor.shape.forEach((dim, axis) => {
    position = position * dim + (dim === 1 ? 0 : (index[axis + offset] ?? 0));
  });
  return tensor.values[position] ?? null;
}

/** The element at an index of just that tensor. */
export function elementAt(tensor: SmallTensor, index: readonly number[]): number | null {
  let position = 0;
  tensor.shape.forEach((dim, axis) => {
    position = position * dim + (index[axis] ?? 0);
  });
  return tensor.values[position] ?? null;
}

/** Least and greatest value of each integer type; int64 and uint64 as far as numbers are exact. */
const RANGES: Partial<Record<DType, readonly [number, number]>> = {
  int8: [-(2 ** 7), 2 ** 7 - 1],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-(2 ** 53), 2 ** 53],
  uint8: [0, 2 ** 8 - 1],
  uint16: [0, 2 ** 16 - 1],
  uint32: [0, 2 ** 32 - 1],
  uint64: [0, 2 ** 53],
};

export const isInteger = (dtype: DType): boolean => RANGES[dtype] !== undefined;

/**
 * A computed number as an element type holds it: float32 rounded, integers truncated towards zero, booleans 0 or 1. Null
 * where that is not followed: 16-bit floats, and integers that would wrap around.
 */
export function asElement(value: number, dtype: DType): number | null {
  const range = RANGES[dtype];
  if (range !== undefined) {
    const integer = Math.trunc(value);
    return integer >= range[0] && integer <= range[1] ? integer : null;
  }
  if (dtype === 'float32') return Math.fround(value);
  if (dtype === 'bool') return value === 0 ? 0 : 1;
  return dtype === 'float64' ? value : null;
}
