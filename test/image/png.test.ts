import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Picture } from '../../src/image/picture.ts';
import { encodePng } from '../../src/image/png.ts';
import { pictureOf, waves } from './pictures.ts';

async function decoded(png: Uint8Array) {
  const { data, info } = await sharp(png, { failOn: 'warning' })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgba: new Uint8ClampedArray(data) };
}

describe('encodePng', () => {
  it.each([
    ['a photograph-like picture', waves(97, 61)],
    ['a flat one', pictureOf(64, 48, () => [9, 9, 9])],
    ['one pixel', pictureOf(1, 1, () => [1, 2, 255])],
    ['a row', waves(300, 1)],
    ['a column', waves(1, 300)],
  ])('%s comes back as it was', async (_, picture) => {
    expect(await decoded(encodePng(picture))).toEqual(picture);
  });

  it('any pixels come back as they were', async () => {
    const side = fc.integer({ min: 1, max: 12 });
    await fc.assert(
      fc.asyncProperty(side, side, fc.infiniteStream(fc.nat(255)), async (width, height, stream) => {
        const picture: Picture = pictureOf(width, height, () => [...stream.take(3)]);
        expect((await decoded(encodePng(picture))).rgba).toEqual(picture.rgba);
      }),
      { numRuns: 40 },
    );
  });

  it('writes the bytes of the specification', () => {
    const png = Buffer.from(encodePng(pictureOf(2, 2, (x, y) => (y === 0 ? [10 + 10 * x, 20, 30] : [40, 50, 60]))));
    expect(png.subarray(0, 33).toString('hex')).toBe(
      '89504e470d0a1a0a' + '0000000d49484452' + '0000000200000002' + '0802000000' + 'fdd49a73',
    );
    const length = png.readUInt32BE(33);
    expect(png.subarray(37, 41).toString()).toBe('IDAT');
    // Average filter: a value less floor((left + up) / 2). Row 0: 10, 20, 30; 20 - 5, 20 - 10, 30 - 15.
    // Row 1: 40 - 5, 50 - 10, 60 - 15; 40 - (40 + 20) / 2, 50 - (50 + 20) / 2, 60 - (60 + 30) / 2.
    const rows = inflateSync(png.subarray(41, 41 + length));
    expect([...rows]).toEqual([3, 10, 20, 30, 15, 10, 15, 3, 35, 40, 45, 10, 15, 15]);
    expect(png.subarray(-12).toString('hex')).toBe('0000000049454e44ae426082');
  });

  it('is not much larger than the encoder that takes its time', async () => {
    const picture = waves(400, 300);
    const { data } = await sharp(picture.rgba, { raw: { width: 400, height: 300, channels: 4 } })
      .removeAlpha()
      .png()
      .toBuffer({ resolveWithObject: true });
    expect(encodePng(picture).length).toBeLessThan(1.5 * data.length);
  });

  it('runs of flat colour take next to nothing', () => {
    const picture = pictureOf(512, 512, (x, y) =>
      (x - 256) ** 2 + (y - 256) ** 2 < 90 ** 2 ? [x, y, x ^ y] : [0, 0, 0],
    );
    expect(encodePng(picture).length).toBeLessThan(40_000);
  });
});
