// The work on pictures, one job at a time: what a worker does, and what the studio does itself where there is no worker.
import { createHash } from 'node:crypto';
import { GradcamError } from '../lib/errors.ts';
import { writeFileAtomicSync } from '../lib/files.ts';
import { blendOverlay, type BlendOptions } from './blend.ts';
import { decodeBytes, decodeMask, encodeJpeg, readPictureFile } from './codec.ts';
import { viewInput, type InputView } from './input-picture.ts';
import type { Mask, Picture, PreparedInput, PrepareSpec } from './picture.ts';
import type { Handlers } from '../lib/serve-jobs.ts';
import { encodePng } from './png.ts';
import { prepareInput } from './prepare.ts';

/** A picture at a desk. */
export type PictureNumber = number;

export interface LoadedPicture {
  readonly picture: PictureNumber;
  readonly width: number;
  readonly height: number;
  /** Of the file, lower-case hexadecimal. */
  readonly sha256: string;
  /** One for each spec, in their order; equal specs share one. */
  readonly inputs: readonly PreparedInput[];
}

export type OverlayOptions = Omit<BlendOptions, 'picture'> & {
  /** Written whole or not at all; missing folders are created. */
  readonly file: string;
};

export interface ThumbnailOptions {
  /** Longer side in pixels at most; smaller pictures keep their size. Default 640. */
  readonly maxSide?: number;
  /** 1..100, default 82. */
  readonly quality?: number;
  /** Where to write it too, whole or not at all. */
  readonly file?: string;
}

/** What a model saw of a picture: where it was drawn to, and the numbers of the tensor. */
export type DrawnInput = Omit<InputView, 'picture'>;

/** Every job: what it takes, what it gives. All of it can cross between threads. */
export type Jobs = {
  load: { input: { path: string; specs: readonly PrepareSpec[] }; output: LoadedPicture };
  overlay: { input: { picture: PictureNumber; options: OverlayOptions }; output: null };
  thumbnail: { input: { picture: PictureNumber; options: ThumbnailOptions }; output: Uint8Array };
  input: { input: { picture: PictureNumber; spec: PrepareSpec; file: string }; output: DrawnInput };
  mask: { input: { path: string }; output: Mask };
  release: { input: { picture: PictureNumber }; output: null };
};
export type JobKind = keyof Jobs;

/** Files are written and read while the desk waits: it has one job at a time. */
export type Desk = Handlers<Jobs>;

/** A desk without pictures. Each job throws GradcamError for its own picture and leaves the others as they are. */
export function openDesk(): Desk {
  const pictures = new Map<PictureNumber, Picture>();
  let count = 0;

  const requirePicture = (number: PictureNumber): Picture => {
    const picture = pictures.get(number);
    if (picture !== undefined) return picture;
    throw new GradcamError({
      code: 'picture-released',
      what: `picture ${number} was released or never loaded`,
      exitCode: 2,
    });
  };

  return {
    async load({ path, specs }) {
      const bytes = readPictureFile(path);
      const picture = await decodeBytes(bytes, path);
      const prepared = new Map<string, PreparedInput>();
      const inputs = specs.map((spec) => {
        const key = JSON.stringify(contentOf(spec));
        const input = prepared.get(key) ?? prepareInput(picture, spec);
        prepared.set(key, input);
        return input;
      });
      const number = count++;
      pictures.set(number, picture);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return { picture: number, width: picture.width, height: picture.height, sha256, inputs };
    },
    overlay({ picture, options: { file, ...blend } }) {
      writeFileAtomicSync(file, encodePng(blendOverlay({ ...blend, picture: requirePicture(picture) })));
      return null;
    },
    async thumbnail({ picture, options: { maxSide = 640, quality = 82, file } }) {
      const bytes = await encodeJpeg(requirePicture(picture), { maxSide, quality });
      if (file !== undefined) writeFileAtomicSync(file, bytes);
      return bytes;
    },
    input({ picture, spec, file }) {
      const { picture: seen, ...numbers } = viewInput(prepareInput(requirePicture(picture), spec), spec);
      writeFileAtomicSync(file, encodePng(seen));
      return numbers;
    },
    mask: ({ path }) => decodeMask(path),
    release({ picture }) {
      pictures.delete(picture);
      return null;
    },
  };
}

/** What makes two specs the same, in one order. */
function contentOf({ size, resize, shortSide, scale, mean, std, channels, layout }: PrepareSpec): PrepareSpec {
  return { size, resize, shortSide, scale, mean, std, channels, layout };
}
