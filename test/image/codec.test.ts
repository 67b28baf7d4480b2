import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeMask, decodePicture, encodeJpeg } from '../../src/image/codec.ts';
import type { Picture } from '../../src/image/picture.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';
import { colourAt, meanDifference, pictureOf, waves } from './pictures.ts';

const open = ({ width, height, rgba }: Picture) => sharp(rgba, { raw: { width, height, channels: 4 } }).removeAlpha();
const samples = (width: number, height: number, channels: 1 | 2 | 3 | 4, data: Uint8Array | Uint16Array) =>
  sharp(data, { raw: { width, height, channels } });
const photo = waves(64, 48);

/** The picture in a file of that content, called whatever. */
async function decode(bytes: Uint8Array, name = 'picture.jpg'): Promise<Picture> {
  return decodePicture(temporaryFolder().put(name, bytes));
}

const formats = {
  jpeg: (picture: Picture) => open(picture).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(),
  png: (picture: Picture) => open(picture).png().toBuffer(),
  webp: (picture: Picture) => open(picture).webp({ lossless: true }).toBuffer(),
  tiff: (picture: Picture) => open(picture).tiff({ compression: 'lzw' }).toBuffer(),
  gif: (picture: Picture) => open(picture).gif({ dither: 0 }).toBuffer(),
  avif: (picture: Picture) => open(picture).avif({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(),
} as const;
type Format = keyof typeof formats;
const ids = Object.keys(formats) as Format[];
/** Mean difference in levels that the format itself causes. */
const loss: Record<Format, number> = { jpeg: 0.5, png: 0, webp: 0, tiff: 0, gif: 4, avif: 1 };

describe('formats', () => {
  it.each(ids)('%s, told by its content whatever the name', async (id) => {
    const picture = await decode(await formats[id](photo), 'picture.txt');
    expect([picture.width, picture.height]).toEqual([64, 48]);
    expect(meanDifference(picture.rgba, photo.rgba)).toBeLessThanOrEqual(loss[id]);
  });

  it('a progressive JPEG with coarse colour', async () => {
    const picture = await decode(await open(photo).jpeg({ progressive: true, chromaSubsampling: '4:2:0' }).toBuffer());
    expect(meanDifference(picture.rgba, photo.rgba)).toBeLessThan(6);
  });

  it('a palette of 16 colours, a PNG of 1 bit', async () => {
    const stripes = pictureOf(64, 16, (x) => [16 * (x >> 2), 255 - 16 * (x >> 2), 0]);
    expect(
      meanDifference(
        (await decode(await open(stripes).png({ palette: true, colours: 16 }).toBuffer())).rgba,
        stripes.rgba,
      ),
    ).toBeLessThan(2);
    const bits = pictureOf(9, 5, (x, y) => ((x * y) % 3 === 0 ? [255, 255, 255] : [0, 0, 0]));
    expect((await decode(await open(bits).greyscale().png({ palette: true, colours: 2 }).toBuffer())).rgba).toEqual(
      bits.rgba,
    );
  });

  it('the first frame of an animation', async () => {
    const frames = pictureOf(8, 16, (_, y) => (y < 8 ? [255, 0, 0] : [0, 0, 255]));
    const gif = await sharp(frames.rgba, { raw: { width: 8, height: 16, channels: 4, pageHeight: 8 } })
      .gif()
      .toBuffer();
    expect((await sharp(gif).metadata()).pages).toBe(2);
    const picture = await decode(gif);
    expect([picture.width, picture.height, ...colourAt(picture, 3, 3)]).toEqual([8, 8, 255, 0, 0]);
  });

  it('a name with spaces, quotes, a percent sign and other scripts', async () => {
    expect((await decode(await formats.png(photo), `a 'b' "c" %20 <script> é 図.png`)).width).toBe(64);
  });
});

describe('colours', () => {
  const grey = [0, 1, 127, 128, 254, 255];

  it('grey becomes three equal channels', async () => {
    const file = await samples(6, 1, 1, Uint8Array.from(grey)).toColourspace('b-w').png().toBuffer();
    expect((await sharp(file).metadata()).channels).toBe(1);
    expect([...(await decode(file)).rgba]).toEqual(grey.flatMap((value) => [value, value, value, 255]));
  });

  it('grey JPEG and grey TIFF of 1 bit', async () => {
    const even = pictureOf(16, 16, () => [90, 90, 90]);
    expect(colourAt(await decode(await open(even).toColourspace('b-w').jpeg().toBuffer()), 8, 8)).toEqual([90, 90, 90]);
    const bits = pictureOf(16, 4, (x) => (x % 5 === 0 ? [255, 255, 255] : [0, 0, 0]));
    const file = await open(bits)
      .toColourspace('b-w')
      .tiff({ bitdepth: 1, compression: 'deflate', predictor: 'none' })
      .toBuffer();
    expect((await decode(file)).rgba).toEqual(bits.rgba);
  });

  it('16 bits a channel keep their upper eight', async () => {
    const values = Uint16Array.of(0, 0x00ff, 0x0100, 0x7fff, 0x8000, 0xffff);
    const colour = await samples(2, 1, 3, values).toColourspace('rgb16').png().toBuffer();
    expect((await sharp(colour).metadata()).depth).toBe('ushort');
    expect([...(await decode(colour)).rgba]).toEqual([0, 0, 1, 255, 127, 128, 255, 255]);
    const greys = await samples(6, 1, 1, values).toColourspace('grey16').png().toBuffer();
    expect((await sharp(greys).metadata()).depth).toBe('ushort');
    expect([...(await decode(greys)).rgba].filter((_, i) => i % 4 === 0)).toEqual([0, 0, 1, 127, 128, 255]);
    const tiff = await samples(2, 1, 3, values).toColourspace('rgb16').tiff({ compression: 'lzw' }).toBuffer();
    expect([...(await decode(tiff)).rgba]).toEqual([0, 0, 1, 255, 127, 128, 255, 255]);
  });

  it('what is transparent lies on white', async () => {
    const rgba = Uint8Array.of(200, 100, 0, 255, 200, 100, 0, 0, 200, 100, 0, 51);
    const picture = await decode(await samples(3, 1, 4, rgba).png().toBuffer());
    // The third: 0.2 * colour + 0.8 * 255.
    expect([...picture.rgba]).toEqual([200, 100, 0, 255, 255, 255, 255, 255, 244, 224, 204, 255]);
    const grey = await samples(2, 1, 2, Uint8Array.of(0, 255, 0, 0))
      .toColourspace('b-w')
      .png()
      .toBuffer();
    expect([...(await decode(grey)).rgba]).toEqual([0, 0, 0, 255, 255, 255, 255, 255]);
  });

  it('transparent 16-bit and GIF pictures too', async () => {
    const deep = Uint16Array.of(0xffff, 0, 0, 0xffff, 0, 0, 0, 0);
    expect([...(await decode(await samples(2, 1, 4, deep).toColourspace('rgb16').png().toBuffer())).rgba]).toEqual([
      255, 0, 0, 255, 255, 255, 255, 255,
    ]);
    const gif = await samples(2, 1, 4, Uint8Array.of(255, 0, 0, 255, 0, 0, 0, 0))
      .gif()
      .toBuffer();
    expect([...(await decode(gif)).rgba]).toEqual([255, 0, 0, 255, 255, 255, 255, 255]);
  });

  it.each(['jpeg', 'tiff'] as const)('CMYK %s looks as before', async (id) => {
    const soft = pictureOf(32, 32, (x, y) => [120 + 2 * x, 110 + y, 100]);
    const file = await open(soft).toColourspace('cmyk').toFormat(id, { quality: 100 }).toBuffer();
    expect((await sharp(file).metadata()).space).toBe('cmyk');
    // There and back through an ink profile: a few levels in colours that inks have.
    expect(meanDifference((await decode(file)).rgba, soft.rgba)).toBeLessThan(6);
  });

  it('a wide-gamut profile is converted, not dropped', async () => {
    const soft = pictureOf(32, 32, (x, y) => [200 - x, 60 + y, 40]);
    const file = await open(soft).withIccProfile('p3').png().toBuffer();
    const stored = await sharp(file, { ignoreIcc: true }).ensureAlpha().raw().toBuffer();
    expect(meanDifference(stored, soft.rgba)).toBeGreaterThan(4);
    expect(meanDifference((await decode(file)).rgba, soft.rgba)).toBeLessThan(0.5);
  });

  it('an sRGB profile changes nothing', async () => {
    expect((await decode(await open(photo).withIccProfile('srgb').png().toBuffer())).rgba).toEqual(photo.rgba);
  });
});

describe('EXIF orientation', () => {
  // Quarters of the stored picture, and where they are to be seen: top left, top right, bottom left, bottom right.
  const quarters = { A: [250, 10, 10], B: [10, 250, 10], C: [10, 10, 250], D: [250, 250, 10] } as const;
  const stored = pictureOf(48, 32, (x, y) => quarters[y < 16 ? (x < 24 ? 'A' : 'B') : x < 24 ? 'C' : 'D']);

  it.each([
    [1, 'ABCD'],
    [2, 'BADC'],
    [3, 'DCBA'],
    [4, 'CDAB'],
    [5, 'ACBD'],
    [6, 'CADB'],
    [7, 'DBCA'],
    [8, 'BDAC'],
  ] as const)('%i shows %s', async (orientation, seen) => {
    for (const id of ['jpeg', 'webp', 'tiff'] as const) {
      const file = await sharp(await formats[id](stored))
        .withMetadata({ orientation })
        .toFormat(id, { quality: 100 })
        .toBuffer();
      const picture = await decode(file);
      const { width, height } = picture;
      expect([width, height]).toEqual(orientation < 5 ? [48, 32] : [32, 48]);
      const corners = [
        [8, 8],
        [width - 8, 8],
        [8, height - 8],
        [width - 8, height - 8],
      ] as const;
      const names = corners.map(([x, y]) => {
        const distances = Object.entries(quarters).map(
          ([name, colour]) => [meanDifference(colourAt(picture, x, y), colour), name] as const,
        );
        return distances.sort(([a], [b]) => a - b)[0]?.[1];
      });
      expect(names.join('')).toBe(seen);
    }
  });
});

describe('what cannot be read', () => {
  it.each(ids)('%s cut off is an error, never half a picture', async (id) => {
    const whole = await formats[id](photo);
    for (const share of [0.3, 0.6, 0.95]) {
      const path = temporaryFolder().put('cut.png', whole.subarray(0, Math.floor(whole.length * share)));
      await expect(decodePicture(path)).rejects.toMatchObject({
        name: 'GradcamError',
        code: 'broken-picture',
        exitCode: 1,
      });
      await expect(decodePicture(path)).rejects.toThrow(`cannot read the picture ${path}`);
    }
  });

  it.each(ids.filter((id) => id !== 'webp'))('%s damaged in the middle', async (id) => {
    const bytes = Buffer.from(await formats[id](photo));
    // Markers of JPEG cannot stand inside its data, so such a change shows there.
    for (let i = 0; i < 24; i++) bytes[Math.floor(bytes.length / 2) + i] = i % 2 === 0 ? 0xff : 0xd9 - i;
    await expect(decode(bytes)).rejects.toMatchObject({ code: 'broken-picture' });
  });

  it('says what failed, on what, what was expected and found, what to do', async () => {
    const path = temporaryFolder().put('half.jpg', (await formats.jpeg(photo)).subarray(0, 900));
    const error = await decodePicture(path).catch((caught: unknown) => caught);
    expect((error as Error).message).toMatch(
      /^cannot read the picture .*half\.jpg\n {2}expected: a whole, undamaged file\n {2}found: {4}a JPEG picture that is cut off or damaged \(VipsJpeg: .*\)\n {2}to do: /,
    );
  });

  it.each([
    ['empty.jpg', '', 'empty-file', '0 bytes'],
    ['text.jpg', 'not a picture at all', 'not-a-picture', 'text'],
    ['page.jpg', '<!doctype html><title>404</title>', 'not-a-picture', 'an HTML page'],
    [
      'drawing.png',
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
      'not-a-picture',
      'an SVG drawing',
    ],
    ['pointer.jpg', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n', 'not-a-picture', 'Git LFS pointer'],
    ['zeros.jpg', '\0'.repeat(64), 'not-a-picture', 'unknown kind, 64 bytes, starting 00 00'],
    ['start.jpg', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), 'broken-picture', 'a JPEG picture that is cut off'],
  ])('%s', async (name, content, code, found) => {
    const path = temporaryFolder().put(name, content);
    await expect(decodePicture(path)).rejects.toMatchObject({ name: 'GradcamError', code });
    await expect(decodePicture(path)).rejects.toThrow(found);
    await expect(decodePicture(path)).rejects.toThrow(path);
  });

  it('a path that is missing, or a folder', async () => {
    const { path } = temporaryFolder();
    await expect(decodePicture(`${path}/none.jpg`)).rejects.toMatchObject({ code: 'no-such-file' });
    await expect(decodePicture(path)).rejects.toThrow(/a file of at most[^]*found: {4}a folder/);
  });

  it('20,000 x 20,000 pixels, refused by the header alone', async () => {
    const png = Buffer.from(await formats.png(photo));
    png.writeUInt32BE(20_000, 16);
    png.writeUInt32BE(20_000, 20);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    const failed = decode(png);
    await expect(failed).rejects.toMatchObject({ code: 'too-many-pixels' });
    await expect(failed).rejects.toThrow('20000 x 20000, 400.0 million');
  });

  it('more pixels than the caller allows', async () => {
    const path = temporaryFolder().put('a.png', await formats.png(photo));
    await expect(decodePicture(path, { maxPixels: 64 * 48 - 1 })).rejects.toMatchObject({ code: 'too-many-pixels' });
    await expect(decodePicture(path, { maxPixels: 64 * 48 })).resolves.toMatchObject({ width: 64 });
  });
});

describe('decodeMask', () => {
  const maskOf = async (bytes: Uint8Array) => [...(await decodeMask(temporaryFolder().put('mask.png', bytes))).data];
  const greyPng = (...values: number[]) =>
    samples(values.length, 1, 1, Uint8Array.from(values)).toColourspace('b-w').png().toBuffer();

  it('is 1 above the middle', async () => {
    expect(await maskOf(await greyPng(0, 127, 128, 255))).toEqual([0, 0, 1, 1]);
  });

  it('takes 0 and 1 as they are, and a black mask as empty', async () => {
    expect(await maskOf(await greyPng(0, 1, 1, 0))).toEqual([0, 1, 1, 0]);
    expect(await maskOf(await greyPng(0, 0))).toEqual([0, 0]);
  });

  it('transparent is outside', async () => {
    expect(
      await maskOf(
        await samples(2, 1, 4, Uint8Array.of(255, 255, 255, 0, 255, 255, 255, 255))
          .png()
          .toBuffer(),
      ),
    ).toEqual([0, 1]);
  });

  it('fails as pictures do', async () => {
    await expect(decodeMask(temporaryFolder().put('mask.png', ''))).rejects.toMatchObject({ code: 'empty-file' });
  });
});

describe('encodeJpeg', () => {
  it('keeps the shape within the longer side', async () => {
    const bytes = await encodeJpeg(waves(200, 100), { maxSide: 50 });
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'jpeg', width: 50, height: 25 });
  });

  it('does not enlarge', async () => {
    const picture = await decode(await encodeJpeg(photo, { maxSide: 500, quality: 95 }));
    expect([picture.width, picture.height]).toEqual([64, 48]);
    expect(meanDifference(picture.rgba, photo.rgba)).toBeLessThan(3);
  });
});

/** CRC of PNG chunks, bit by bit: slow, and independent of the encoder's. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
