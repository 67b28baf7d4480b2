// Constants to typed arrays and back: alignment, 16-bit floats, 64-bit integers. Hosts are little-endian, as constants are.
import { GradcamError } from '../lib/errors.ts';
import type { Constant, DType } from './graph.ts';

/** Numbers of any constant; 64-bit integers and 16-bit floats come widened. */
export type Numbers =
  Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

/** Bytes of one element. Strings have none: they never are constants. */
export const ELEMENT_BYTES: Readonly<Record<DType, number>> = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  bool: 1,
  string: 0,
};

/** Number of elements; 1 for a scalar's `[]`. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, dim) => size * dim, 1);
}

/** Whether every dimension is known. */
export function isKnown(shape: readonly (number | null)[]): shape is readonly number[] {
  return shape.every((dim) => dim !== null);
}

/** The bytes with their first one on a multiple of `alignment` in memory: a copy only where they are not. */
export function aligned(bytes: Uint8Array, alignment: number): Uint8Array {
  return bytes.byteOffset % alignment === 0 ? bytes : new Uint8Array(bytes);
}

/**
 * The elements in C order, sharing the constant's memory where it can be shared. float16 and bfloat16 come as Float32Array,
 * int64 and uint64 as Float64Array (exact up to 2^53, the nearest number beyond), bool as 0 and 1.
 */
export function numbersOf(constant: Constant): Numbers {
  const { dtype } = constant;
  const width = ELEMENT_BYTES[dtype];
  const { buffer, byteOffset, length } = aligned(constant.bytes, width || 1);
  const count = width === 0 ? 0 : Math.floor(length / width);
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer, byteOffset, count);
    case 'float64':
      return new Float64Array(buffer, byteOffset, count);
    case 'float16':
      return Float32Array.from(new Uint16Array(buffer, byteOffset, count), float16ToNumber);
    case 'bfloat16': {
      const bits = Uint32Array.from(new Uint16Array(buffer, byteOffset, count), (half) => half << 16);
      return new Float32Array(bits.buffer);
    }
    case 'int8':
      return new Int8Array(buffer, byteOffset, count);
    case 'int16':
      return new Int16Array(buffer, byteOffset, count);
    case 'int32':
      return new Int32Array(buffer, byteOffset, count);
    case 'int64':
      return widened(new BigInt64Array(buffer, byteOffset, count));
    case 'uint8':
    case 'bool':
      return new Uint8Array(buffer, byteOffset, count);
    case 'uint16':
      return new Uint16Array(buffer, byteOffset, count);
    case 'uint32':
      return new Uint32Array(buffer, byteOffset, count);
    case 'uint64':
      return widened(new BigUint64Array(buffer, byteOffset, count));
    case 'string':
      throw notNumbers();
  }
}

/** The elements of a constant as float32, sharing memory where they are that already. */
export function floatsOf(constant: Constant): Float32Array {
  const numbers = numbersOf(constant);
  return numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
}

/**
 * A constant of `values`, in C order. Where `values` is the typed array of just that element type the constant shares its
 * memory; otherwise it is a converted copy: rounded to the nearest float, truncated and clamped to int64's range, anything
 * but 0 as true. Throws a GradcamError (exit code 2) when the number of values does not fit the shape.
 */
export function constantOf(dtype: DType, shape: readonly number[], values: ArrayLike<number>): Constant {
  if (values.length !== sizeOf(shape)) {
    throw new GradcamError({
      code: 'constant-size',
      what: `A ${dtype} constant does not fit its shape.`,
      expected: `${sizeOf(shape)} values for shape [${shape.join(', ')}]`,
      found: `${values.length} values`,
      exitCode: 2,
    });
  }
  const array = arrayOf(dtype, values);
  return { dtype, shape, bytes: new Uint8Array(array.buffer, array.byteOffset, array.byteLength) };
}

function arrayOf(dtype: DType, values: ArrayLike<number>): ArrayBufferView {
  switch (dtype) {
    case 'float32':
      return values instanceof Float32Array ? values : Float32Array.from(values);
    case 'float64':
      return values instanceof Float64Array ? values : Float64Array.from(values);
    case 'float16':
      return Uint16Array.from(values, numberToFloat16);
    case 'bfloat16': {
      const bits = new Uint32Array(Float32Array.from(values).buffer);
      return Uint16Array.from(bits, bfloat16Of);
    }
    case 'int8':
      return values instanceof Int8Array ? values : Int8Array.from(values);
    case 'int16':
      return values instanceof Int16Array ? values : Int16Array.from(values);
    case 'int32':
      return values instanceof Int32Array ? values : Int32Array.from(values);
    case 'int64':
      return BigInt64Array.from({ length: values.length }, (_, index) => toInt64(values[index] ?? 0));
    case 'uint8':
      return values instanceof Uint8Array ? values : Uint8Array.from(values);
    case 'uint16':
      return values instanceof Uint16Array ? values : Uint16Array.from(values);
    case 'uint32':
      return values instanceof Uint32Array ? values : Uint32Array.from(values);
    case 'uint64':
      return BigUint64Array.from({ length: values.length }, (_, index) => BigInt(Math.trunc(values[index] ?? 0)));
    case 'bool':
      return Uint8Array.from(values, (value) => (value === 0 ? 0 : 1));
    case 'string':
      throw notNumbers();
  }
}

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** The nearest integer in the range of int64: 2^63 as a number stands for the largest one, which numbers cannot hold. */
export function toInt64(value: number | bigint): bigint {
  const integer =
    typeof value === 'bigint'
      ? value
      : Number.isFinite(value)
        ? BigInt(Math.trunc(value))
        : value > 0
          ? INT64_MAX
          : INT64_MIN;
  return integer > INT64_MAX ? INT64_MAX : integer < INT64_MIN ? INT64_MIN : integer;
}

/** Value of IEEE 754 binary16 bits. */
export function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** IEEE 754 binary16 bits of the nearest value, ties to even. */
export function numberToFloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  // 65520 is half way between the largest half float and the next power of two: from there on it is infinity.
  if (magnitude >= 65520) return sign | 0x7c00;
  const exponent = magnitude < 2 ** -14 ? -14 : exponentOf(magnitude);
  const units = roundTiesToEven(magnitude / 2 ** (exponent - 10));
  // Subnormals have less than 1024 units; rounding up to 2048 carries into the exponent, as the sum does.
  return sign | (exponent === -14 && units < 1024 ? units : ((exponent + 14) << 10) + units);
}

/** e with 2^e <= magnitude < 2^(e+1), exact: the exponent bits of the float64. */
function exponentOf(magnitude: number): number {
  const high = new DataView(Float64Array.of(magnitude).buffer).getUint32(4, true);
  return ((high >>> 20) & 2047) - 1023;
}

function roundTiesToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

/** bfloat16 bits of the nearest value, ties to even, from float32 bits. */
function bfloat16Of(bits: number): number {
  const isNaN = (bits & 0x7f800000) === 0x7f800000 && (bits & 0x7fffff) !== 0;
  return isNaN ? 0x7fc0 : (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

function widened(values: BigInt64Array | BigUint64Array): Float64Array {
  return Float64Array.from({ length: values.length }, (_, index) => Number(values[index]));
}

function notNumbers(): GradcamError {
  return new GradcamError({ code: 'string-constant', what: 'A tensor of strings has no numbers.', exitCode: 2 });
}
