// Windows bitmaps, written here byte by byte.
import { describe, expect, it } from 'vitest';
import { bmpHeaderOf } from '../../src/image/bmp.ts';
import { decodePicture } from '../../src/image/codec.ts';
import type { Picture } from '../../src/image/picture.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';
import { waves } from './pictures.ts';

interface Given {
  readonly bits: 1 | 8 | 24 | 32;
  /** Rows from top to bottom. */
  readonly topDown?: boolean;
  /** Colours of a palette, as [r, g, b]. */
  readonly palette?: readonly (readonly number[])[];
}

/** A BMP file without compression; `value` gives the bytes of a pixel, or the index of its colour. */
function bmp(
  width: number,
  height: number,
  { bits, topDown = false, palette = [] }: Given,
  value: (x: number, y: number) => readonly number[],
): Buffer {
  // prettier-ignore
  const row = Math.ceil((width * bits) / 32) * 4;
  const start = 54 + 4 * palette.length;
  const file = Buffer.alloc(start + row * height);
  file.write('BM', 0, 'latin1');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(start, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(topDown ? -height : height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(bits, 28);
  file.writeUInt32LE(palette.length, 46);
  palette.forEach(([r = 0, g = 0, b = 0], index) => file.set([b, g, r, 0], 54 + 4 * index));
  for (let y = 0; y < height; y++) {
    const at = start + row * (topDown ? y : height - 1 - y);
    for (let x = 0; x < width; x++) {
      const bytes = value(x, y);
      if (bits === 1) file[at + (x >> 3)]! |= bytes[0]! << (7 - (x & 7));
      else file.set(bytes, at + (x * bits) / 8);
    }
  }
  return file;
}

const decode = (bytes: Uint8Array, maxPixels?: number): Promise<Picture> =>
  decodePicture(temporaryFolder().put('lesion.bmp', bytes), maxPixels === undefined ? {} : { maxPixels });

const photo = waves(13, 7);
const blueFirst = (x: number, y: number): number[] => {
  const [r = 0, g = 0, b = 0] = photo.rgba.subarray(4 * (13 * y + x));
  return [b, g, r];
};

describe('pixels are those that were written', () => {
  it.each([false, true])('24 bits, rows from the top first: %s', async (topDown) => {
    const picture = await decode(bmp(13, 7, { bits: 24, topDown }, blueFirst));
    expect([picture.width, picture.height]).toEqual([13, 7]);
    expect([...picture.rgba]).toEqual([...photo.rgba]);
  });

  it('32 bits whose last byte says nothing', async () => {
    const picture = await decode(bmp(13, 7, { bits: 32 }, (x, y) => [...blueFirst(x, y), 0]));
    expect([...picture.rgba]).toEqual([...photo.rgba]);
  });

  it('a palette, of 256 and of two colours', async () => {
    const palette = [
      [10, 20, 30],
      [200, 100, 50],
    ];
    for (const bits of [8, 1] as const) {
      const { rgba } = await decode(bmp(10, 3, { bits, palette }, (x, y) => [(x + y) % 2]));
      expect([...rgba.subarray(0, 8)]).toEqual([10, 20, 30, 255, 200, 100, 50, 255]);
    }
  });
});

describe('what is wrong with a file is told, and nothing is made up for what is missing', () => {
  const whole = bmp(13, 7, { bits: 24 }, blueFirst);

  it('cut off anywhere', async () => {
    for (const length of [20, 54, 200, whole.length - 1])
      await expect(decode(whole.subarray(0, length)), `${length} bytes`).rejects.toMatchObject({
        code: 'broken-picture',
      });
  });

  it('more pixels than are allowed, before room for them is taken', async () => {
    await expect(decode(whole, 90)).rejects.toMatchObject({ code: 'too-many-pixels' });
    const huge = Buffer.from(whole);
    huge.writeInt32LE(20_000, 18);
    huge.writeInt32LE(20_000, 22);
    await expect(decode(huge)).rejects.toMatchObject({ code: 'too-many-pixels' });
  });

  it('sizes, depths and compressions that there are none of', () => {
    const changed = (at: number, value: number): Buffer => {
      const file = Buffer.from(whole);
      file.writeInt32LE(value, at);
      return file;
    };
    expect(bmpHeaderOf(whole)).toEqual({ width: 13, height: 7, bytes: whole.length });
    for (const file of [
      changed(14, 13),
      changed(18, 0),
      changed(18, -3),
      changed(22, 0),
      changed(28, 7),
      changed(30, 9),
    ])
      expect(bmpHeaderOf(file)).toBeNull();
  });

  it('any change of any byte of the header gives a picture or an error of its own', async () => {
    for (let at = 2; at < 54; at++) {
      for (const value of [0, 1, 127, 255]) {
        const file = Buffer.from(whole);
        file[at] = value;
        const result = await decode(file).catch((error: unknown) => error);
        if (result instanceof Error) expect((result as Error & { code: string }).code).toMatch(/picture|pixels/);
        else expect((result as Picture).rgba).toHaveLength(4 * (result as Picture).width * (result as Picture).height);
      }
    }
  });
});
