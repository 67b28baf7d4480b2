import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { numbersOf } from '../../../src/graph/tensor.ts';
import { GradcamError } from '../../../src/lib/errors.ts';
import { isHdf5, openHdf5, type Hdf5Group } from '../../../src/model/keras/hdf5/file.ts';

// Made by h5py: made/make_hdf5.py.
const bytesOf = (name: string): Uint8Array => readFileSync(join(import.meta.dirname, 'made', name));
const open = (name: string): Hdf5Group => openHdf5(bytesOf(name), name);
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

function array(path: string) {
  const constant = open('sample.h5').array(path)!;
  return { dtype: constant.dtype, shape: constant.shape, values: Array.from(numbersOf(constant)) };
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof GradcamError) return error.code;
    throw error;
  }
  return 'none';
}

describe('HDF5', () => {
  it.each([
    ['float32', 'float32', [2, 3, 4], range(24).map((value) => value / 8)],
    ['float16', 'float16', [4], [0.5, -2, 65504, 2 ** -24]],
    ['float64', 'float64', [2, 1], [0.1, 1e300]],
    ['int64', 'int64', [2], [-1, 2 ** 40]],
    ['uint8', 'uint8', [5], range(5)],
    ['bool', 'int8', [3], [1, 0, 1]],
    ['scalar', 'float32', [], [3.5]],
    ['bfloat16', 'bfloat16', [2], [1, -2]],
    ['chunked', 'float32', [10, 6], range(60)],
    ['packed', 'float32', [10, 6], range(60)],
    ['unwritten', 'float32', [3], [0, 0, 0]],
  ])('reads an array in the form %s', (name, dtype, shape, values) => {
    expect(array(`layers/conv/${name}`)).toEqual({ dtype, shape, values });
  });

  it('shares memory with the file where an array lies in one piece', () => {
    const bytes = bytesOf('sample.h5');
    const constant = openHdf5(bytes, 'sample.h5').array('layers/conv/float32')!;
    expect(constant.bytes.buffer).toBe(bytes.buffer);
  });

  it('reads attributes that are text, of fixed and of any length', () => {
    const root = open('sample.h5');
    expect(root.texts('text')).toEqual(['x'.repeat(7000)]);
    expect(root.texts('bytes')).toEqual(['hello']);
    expect(root.texts('names')).toEqual(['conv/kernel:0', 'conv/bias:0']);
    expect(root.texts('fixed')).toEqual(['abc', 'defgh']);
    expect([root.texts('number'), root.texts('none'), root.texts('absent')]).toEqual([null, null, null]);
  });

  it('finds the members of large groups, and nothing where there is nothing', () => {
    const root = open('sample.h5');
    expect(root.group('many')!.names()).toHaveLength(400);
    expect(numbersOf(root.array('many/layer_399')!)).toEqual(Uint8Array.of(7));
    expect(root.group('layers/conv')!.array('scalar')).not.toBeNull();
    const nothing = [
      root.group('absent'),
      root.group('layers/conv/scalar'),
      root.array('layers/conv'),
      root.array('absent/scalar'),
    ];
    expect(nothing).toEqual([null, null, null, null]);
  });

  it('reads the compact groups of newer files and refuses what h5py writes only when told to', () => {
    const root = open('latest.h5');
    expect(numbersOf(root.array('few/one')!)).toEqual(Float32Array.of(0, 1, 2));
    expect(codeOf(() => root.array('dense/1'))).toBe('hdf5-unsupported');
    expect(codeOf(() => array('layers/conv/compressed otherwise'))).toBe('hdf5-unsupported');
  });

  it('refuses other files, and a file cut anywhere', () => {
    expect(isHdf5(bytesOf('sample.h5'))).toBe(true);
    expect(isHdf5(new Uint8Array(8))).toBe(false);
    expect(codeOf(() => openHdf5(new TextEncoder().encode('not at all'), 'x'))).toBe('hdf5-damaged');
    const whole = bytesOf('sample.h5');
    for (let length = 0; length < whole.length; length += 97) {
      const cut = () => openHdf5(whole.subarray(0, length), 'x').array('layers/conv/packed');
      expect(['hdf5-damaged', 'none']).toContain(codeOf(cut));
    }
  });
});
