// The work on pictures, one job at a time: what a worker does, and what the studio does itself where there is no worker.
import { createHash } from 'node:crypto';
import { GradcamError } from '../lib/errors.ts';
import { writeFileAtomicSync } from '../lib/files.ts';
import { blendOverlay, type BlendOptions } from './blend.ts';
import { decodeBytes, decodeMask, encodeJpeg, readPictureFile } from './codec.ts';
import { viewInput, type InputView } from './input-picture.ts';
import { specKey, type Mask, type Picture, type PreparedInput, type PrepareSpec } from './picture.ts';
import type { Handlers } from '../lib/serve-jobs.ts';
import { encodePng } from './png.ts';
import { prepareInput } from './prepare.ts';

/** A picture at a desk. */
export type PictureNumber = number;

export interface Prepared {
  /** One for each spec, in their order; equal specs share one. */
  readonly inputs: readonly PreparedInput[];
}

export interface LoadedPicture extends Prepared {
  readonly picture: PictureNumber;
  readonly width: number;
  readonly height: number;
  /** Of the file, lower-case hexadecimal. */
  readonly sha256: string;
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
  prepare: { input: { picture: PictureNumber; specs: readonly PrepareSpec[] }; output: Prepared };
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
      const inputs = prepareAll(picture, specs);
      const number = count++;
      pictures.set(number, picture);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return { picture: number, width: picture.width, height: picture.height, sha256, inputs };
    },
    prepare: ({ picture, specs }) => ({ inputs: prepareAll(requirePicture(picture), specs) }),
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

function prepareAll(picture: Picture, specs: readonly PrepareSpec[]): PreparedInput[] {
  const prepared = new Map<string, PreparedInput>();
  return specs.map((spec) => {
    const key = specKey(spec);
    const input = prepared.get(key) ?? prepareInput(picture, spec);
    prepared.set(key, input);
    return input;
  });
}
