import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeNpy, encodeNpy } from '../../src/lib/npy.ts';
import { temporaryFolder } from './temporary-folder.ts';

const text = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes);

describe('encodeNpy', () => {
  it('writes the header of the format, padded to 64 bytes', () => {
    const file = encodeNpy(new Float32Array([1, 2, 3, 4, 5, 6]), [2, 3]);
    expect([...file.subarray(0, 10)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
    expect(text(file.subarray(10, 128))).toBe(
      `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`.padEnd(117) + '\n',
    );
    expect(file.length).toBe(128 + 24);
    expect(new DataView(file.buffer).getFloat32(128 + 20, true)).toBe(6);
  });

  it('writes one dimension as a tuple, none as an empty one', () => {
    expect(text(encodeNpy(new Float32Array(3), [3]))).toContain(`'shape': (3,)`);
    expect(text(encodeNpy(new Float32Array(1), []))).toContain(`'shape': ()`);
  });

  it('refuses a shape of another size', () => {
    expect(() => encodeNpy(new Float32Array(5), [2, 3])).toThrow(RangeError);
  });

  it('comes back as it was, NaN and infinities too', () => {
    fc.assert(
      fc.property(fc.nat(4), fc.nat(5), fc.infiniteStream(fc.float()), (height, width, stream) => {
        const data = Float32Array.from(stream.take(height * width));
        const back = decodeNpy(encodeNpy(data, [height, width]), 'a.npy');
        expect(back.shape).toEqual([height, width]);
        expect(back.data).toEqual(data);
      }),
    );
  });

  it('is read by NumPy, where there is one', ({ skip }) => {
    if (spawnSync('python3', ['-c', 'import numpy']).status !== 0) skip('no NumPy here');
    const { put } = temporaryFolder();
    const file = put('a.npy', encodeNpy(new Float32Array([0, 0.5, -2, 1e-30]), [2, 2]));
    const script = 'import numpy, sys; a = numpy.load(sys.argv[1]); print(a.dtype, a.shape, a[1, 0])';
    expect(spawnSync('python3', ['-c', script, file], { encoding: 'utf8' }).stdout.trim()).toBe('float32 (2, 2) -2.0');
  });
});

describe('decodeNpy', () => {
  it('reads a file written by NumPy', ({ skip }) => {
    const file = join(import.meta.dirname, '../../../shared/fixtures/demo/reference/ce/SYN_0001.npy');
    if (!existsSync(file)) skip('no recorded maps here');
    const { shape, data } = decodeNpy(readFileSync(file), file);
    expect(shape).toEqual([8, 8]);
    expect(data.every((x) => Number.isFinite(x) && x >= 0)).toBe(true);
  });

  it.each([
    ['another file', new TextEncoder().encode('not a numpy file'), 'a NumPy file'],
    ['a cut file', encodeNpy(new Float32Array(6), [6]).subarray(0, 140), '152 bytes'],
    ['an empty file', new Uint8Array(0), 'a NumPy file'],
  ])('refuses %s', (_, bytes, expected) => {
    expect(() => decodeNpy(bytes, 'maps/x.npy')).toThrow(expect.objectContaining({ code: 'bad-npy' }));
    expect(() => decodeNpy(bytes, 'maps/x.npy')).toThrow(expected);
  });

  it('refuses another number type and says which', () => {
    const file = encodeNpy(new Float32Array(2), [2]);
    file.set(new TextEncoder().encode("'<i4'"), text(file).indexOf("'<f4'"));
    expect(() => decodeNpy(file, 'x.npy')).toThrow("'<i4'");
  });
});
