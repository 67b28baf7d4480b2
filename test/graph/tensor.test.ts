import { expect, test } from 'vitest';
import { aligned, constantOf, float16ToNumber, numbersOf, numberToFloat16, sizeOf } from '../../src/graph/tensor.ts';
import type { DType } from '../../src/graph/graph.ts';

test.each<[DType, number[]]>([
  ['float32', [0.5, -3, Infinity]],
  ['float64', [0.1, -1e300]],
  ['float16', [0.5, -2, 65504, 2 ** -24, 0]],
  ['bfloat16', [1, -0.5, 2 ** 100]],
  ['int8', [-128, 127]],
  ['int16', [-32768, 5]],
  ['int32', [-(2 ** 31), 7]],
  ['int64', [-1, 2 ** 53, 0]],
  ['uint8', [0, 255]],
  ['uint16', [65535]],
  ['uint32', [2 ** 32 - 1]],
  ['uint64', [2 ** 53]],
  ['bool', [0, 1, 1]],
])('%s values survive', (dtype, values) => {
  expect([...numbersOf(constantOf(dtype, [values.length], values))]).toEqual(values);
});

test('a matching typed array is shared, an unaligned slice is copied', () => {
  const values = Float32Array.of(1, 2, 3);
  expect(constantOf('float32', [3], values).bytes.buffer).toBe(values.buffer);

  const file = new Uint8Array(13);
  file.set(new Uint8Array(values.buffer), 1);
  const slice = file.subarray(1);
  expect([...numbersOf({ dtype: 'float32', shape: [3], bytes: slice })]).toEqual([1, 2, 3]);
  expect([...numbersOf({ dtype: 'float32', shape: [3], bytes: Buffer.from(file.buffer, 1) })]).toEqual([1, 2, 3]);
  expect(aligned(file, 4)).toBe(file);
  expect(aligned(slice, 4)).not.toBe(slice);
});

test('2^63 stands for the largest int64', () => {
  const { bytes } = constantOf('int64', [2], [2 ** 63, -Infinity]);
  expect(new BigInt64Array(bytes.buffer)).toEqual(BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n)));
});

test('half floats: every bit pattern survives, and halfway values go to even', () => {
  const wrong: number[] = [];
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = float16ToNumber(bits);
    if (!Number.isNaN(value) && numberToFloat16(value) !== bits) wrong.push(bits);
  }
  expect(wrong).toEqual([]);
  expect(numberToFloat16(1 + 2 ** -11)).toBe(0x3c00);
  expect(numberToFloat16(1 + 3 * 2 ** -11)).toBe(0x3c02);
  expect(numberToFloat16(65519)).toBe(0x7bff);
  expect(numberToFloat16(65520)).toBe(0x7c00);
  expect(numberToFloat16(2 - 2 ** -12)).toBe(0x4000);
  expect(numberToFloat16(NaN)).toBe(0x7e00);
});

test('bfloat16 rounds to nearest, ties to even', () => {
  const bits = (value: number) => new Uint16Array(constantOf('bfloat16', [], [value]).bytes.buffer)[0];
  expect(bits(1 + 2 ** -8)).toBe(0x3f80);
  expect(bits(1 + 3 * 2 ** -8)).toBe(0x3f82);
  expect(bits(NaN)).toBe(0x7fc0);
});

test('sizes', () => {
  expect(sizeOf([])).toBe(1);
  expect(sizeOf([2, 0, 3])).toBe(0);
  expect(() => constantOf('float32', [2, 2], [1, 2, 3])).toThrow(/4 values for shape \[2, 2\]/);
});
