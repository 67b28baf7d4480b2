// Files -> pictures and masks, pictures -> JPEG. The only file that imports sharp.
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as library from 'sharp';
import { GradcamError, messageOf } from '../lib/errors.ts';
import { fileError } from '../lib/files.ts';
import { bmpHeaderOf } from './bmp.ts';
import { lookAt, type FileLook } from './formats.ts';
import type { Mask, Picture } from './picture.ts';

/** By `require`: an `import` takes more than twice as long, in every thread that works on pictures. */
const sharp = createRequire(import.meta.url)('sharp') as typeof library.default;

export interface DecodeLimits {
  /** Pictures with more pixels are refused before any is decoded. */
  readonly maxPixels?: number;
}

/** 16,383 squared, libvips' own default: one picture takes 1 GiB at most, at four bytes a pixel. */
const defaultMaxPixels = 0x3fff ** 2;

/** Files beyond this are no photographs; the largest allowed picture fits into it uncompressed. */
const maxFileBytes = 2 ** 30;

/**
 * Reads a jpeg, png, webp, tiff, gif, avif or bmp file, told apart by content: first frame or page, EXIF orientation applied,
 * colour profiles, CMYK, grey and palettes converted to sRGB, 16 bits a channel cut to the upper 8.
 * Throws GradcamError naming the file: `no-such-file` and its like, `empty-file`, `not-a-picture`, `too-many-pixels`,
 * `broken-picture` (damaged or cut off: never half a picture).
 */
export async function decodePicture(path: string, limits: DecodeLimits = {}): Promise<Picture> {
  return decodeBytes(readPictureFile(path), path, limits);
}

/** The bytes of a file that may be a picture; the thread waits for them. Throws GradcamError. */
export function readPictureFile(path: string): Uint8Array {
  try {
    const found = statSync(path);
    if (found.isFile() && found.size <= maxFileBytes) return readFileSync(path);
    throw new GradcamError({
      code: 'not-a-picture',
      what: `cannot read the picture ${path}`,
      expected: `a file of at most ${maxFileBytes / 2 ** 20} MiB`,
      found: found.isDirectory()
        ? 'a folder'
        : found.isFile()
          ? `${Math.ceil(found.size / 2 ** 20)} MiB`
          : 'no ordinary file',
    });
  } catch (error) {
    throw fileError(error, path, 'read');
  }
}

/** As `decodePicture`, from the bytes of the file; `path` is for messages. */
export async function decodeBytes(bytes: Uint8Array, path: string, limits: DecodeLimits = {}): Promise<Picture> {
  return decode(bytes, path, limits, '#ffffff');
}

/**
 * Reads a mask of any picture format: 1 where its grey value is above 127, transparent parts 0. A file that holds
 * nothing but the values 0 and 1 is taken as it is. Throws as `decodePicture`.
 */
export async function decodeMask(path: string, limits: DecodeLimits = {}): Promise<Mask> {
  const { width, height, rgba } = await decode(readPictureFile(path), path, limits, '#000000');
  const data = new Uint8Array(width * height);
  let greatest = 0;
  for (let i = 0; i < data.length; i++) {
    // Rec. 601 luma with weights in 1/65536.
    data[i] = (19595 * rgba[4 * i]! + 38470 * rgba[4 * i + 1]! + 7471 * rgba[4 * i + 2]! + 32768) >> 16;
    if (data[i]! > greatest) greatest = data[i]!;
  }
  const threshold = greatest <= 1 ? 0 : 127;
  for (let i = 0; i < data.length; i++) data[i] = data[i]! > threshold ? 1 : 0;
  return { width, height, data };
}

/** A JPEG of the picture, scaled down to at most `maxSide` pixels on its longer side. `quality` 1..100. */
export async function encodeJpeg(
  picture: Picture,
  options: { maxSide: number; quality?: number },
): Promise<Uint8Array> {
  const { width, height, rgba } = picture;
  return sharp(rgba, { raw: { width, height, channels: 4 }, limitInputPixels: false })
    .removeAlpha()
    .resize({ width: options.maxSide, height: options.maxSide, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: options.quality ?? 82 })
    .toBuffer();
}

/** A part of a picture, in its whole pixels. */
export interface Part {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A part of the picture at another size, by Lanczos' filter of three lobes: for drawings, not for models. */
export async function resizePart(picture: Picture, part: Part, width: number, height: number): Promise<Picture> {
  const { data } = await sharp(picture.rgba, {
    raw: { width: picture.width, height: picture.height, channels: 4 },
    limitInputPixels: false,
  })
    .extract(part)
    .resize({ width, height, fit: 'fill', kernel: 'lanczos3' })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { width, height, rgba: new Uint8ClampedArray(data.buffer, data.byteOffset, data.length) };
}

/** A PNG as small as it gets, without transparency; slower than `encodePng`. */
export async function encodeSmallPng({ width, height, rgba }: Picture): Promise<Uint8Array> {
  return sharp(rgba, { raw: { width, height, channels: 4 }, limitInputPixels: false })
    .removeAlpha()
    .png({ compressionLevel: 9, adaptiveFiltering: true })
    .toBuffer();
}

/** A JPEG in full colour resolution at its own size. `quality` 1..100. */
export async function encodeFineJpeg({ width, height, rgba }: Picture, quality: number): Promise<Uint8Array> {
  return sharp(rgba, { raw: { width, height, channels: 4 }, limitInputPixels: false })
    .removeAlpha()
    .jpeg({ quality, chromaSubsampling: '4:4:4' })
    .toBuffer();
}

/** An SVG drawing on white as PNG of the drawing's own size in pixels, marked with its dots per inch. */
export async function rasterizeSvg(svg: string, dpi: number): Promise<Uint8Array> {
  return sharp(Buffer.from(svg), { limitInputPixels: false, unlimited: true })
    .flatten({ background: '#ffffff' })
    .png({ compressionLevel: 9 })
    .withMetadata({ density: dpi })
    .toBuffer();
}

async function decode(bytes: Uint8Array, path: string, limits: DecodeLimits, background: string): Promise<Picture> {
  const { by } = requirePictureBytes(bytes, path);
  try {
    if (by === 'canvas') return await decodeBmp(bytes, path, limits, background);
    // `warning` is sharp's strictest level: a cut or damaged file fails instead of giving grey areas.
    const strict = { failOn: 'warning', limitInputPixels: false } as const;
    const { width, height, icc, hasAlpha } = await sharp(bytes, strict).metadata();
    requireFewPixels(width, height, path, limits.maxPixels ?? defaultMaxPixels);
    const pipeline = sharp(bytes, { ...strict, ignoreIcc: icc !== undefined && isPlainSrgb(icc) }).autoOrient();
    if (hasAlpha) pipeline.flatten({ background });
    const { data, info } = await pipeline
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return {
      width: info.width,
      height: info.height,
      rgba: info.channels === 4 ? new Uint8ClampedArray(data.buffer, data.byteOffset, data.length) : greyToRgba(data),
    };
  } catch (error) {
    if (error instanceof GradcamError) throw error;
    throw new GradcamError({
      code: 'broken-picture',
      what: `cannot read the picture ${path}`,
      expected: 'a whole, undamaged file',
      found: `${lookAt(bytes)?.title ?? 'a file'} that is cut off or damaged (${firstReason(error)})`,
      hint: 'get the file again, or open it in an image editor and save it anew',
      cause: error,
    });
  }
}

async function decodeBmp(bytes: Uint8Array, path: string, limits: DecodeLimits, background: string): Promise<Picture> {
  const header = bmpHeaderOf(bytes);
  if (header === null) throw new Error('its header makes no sense');
  requireFewPixels(header.width, header.height, path, limits.maxPixels ?? defaultMaxPixels);
  // Canvas gives black rows for those that are not there.
  if (bytes.length < header.bytes) throw new Error(`${bytes.length} of ${header.bytes} bytes`);
  const { decodeByCanvas } = await import('./canvas.ts');
  return decodeByCanvas(bytes, background);
}

function requirePictureBytes(bytes: Uint8Array, path: string): FileLook {
  if (bytes.length === 0) {
    throw new GradcamError({
      code: 'empty-file',
      what: `cannot read the picture ${path}`,
      expected: 'a picture',
      found: 'an empty file (0 bytes)',
      hint: 'get the file again',
    });
  }
  const look = lookAt(bytes);
  if (look?.readable === true) return look;
  throw new GradcamError({
    code: 'not-a-picture',
    what: `cannot read the picture ${path}`,
    expected: 'jpeg, png, webp, tiff, gif, avif or bmp, whatever the name',
    found: look?.title ?? `a file of an unknown kind, ${bytes.length} bytes, starting ${hex(bytes.subarray(0, 8))}`,
    hint: look?.hint,
  });
}

function requireFewPixels(width: number, height: number, path: string, maxPixels: number): void {
  if (width * height <= maxPixels) return;
  throw new GradcamError({
    code: 'too-many-pixels',
    what: `cannot read the picture ${path}: it is too large`,
    expected: `at most ${millions(maxPixels)} million pixels`,
    found: `${width} x ${height}, ${millions(width * height)} million`,
    hint: 'scale it down, or cut out the part that matters',
  });
}

/**
 * Whether an ICC profile says what is assumed without one: named sRGB, defined by curves and a matrix alone. Applying it
 * would change nothing and cost as much as decoding.
 */
function isPlainSrgb(icc: Uint8Array): boolean {
  const text = Buffer.from(icc).toString('latin1').replaceAll('\0', '');
  return text.includes('sRGB') && text.includes('rTRC') && !text.includes('A2B0');
}

/** [pixels, 2], grey and alpha, to opaque [pixels, 4]. */
function greyToRgba(data: Uint8Array): Uint8ClampedArray {
  const rgba = new Uint8ClampedArray(2 * data.length).fill(255);
  for (let i = 0; i < data.length; i += 2) rgba.fill(data[i]!, 2 * i, 2 * i + 3);
  return rgba;
}

/** libvips tells the same thing several times, after a trail of where it looked. */
function firstReason(error: unknown): string {
  const lines = messageOf(error)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('source: bad seek'));
  return lines[0] ?? 'no reason given';
}

function millions(pixels: number): string {
  return (pixels / 1e6).toFixed(1);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
