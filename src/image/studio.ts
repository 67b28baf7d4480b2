// Pictures kept in worker threads: loaded, drawn over and written there, while this thread runs models. Only prepared
// inputs come out and only maps go in.
import { availableParallelism } from 'node:os';
import { openInlineBench, openWorkerBench, type Bench } from './bench.ts';
import type { DrawnInput, LoadedPicture, OverlayOptions, ThumbnailOptions } from './desk.ts';
import type { Mask, PreparedInput, PrepareSpec } from './picture.ts';

/** A picture in the studio; it takes memory until it is released. */
export interface PictureHandle {
  readonly bench: Bench;
  readonly picture: number;
}

export interface StudioPicture extends Omit<LoadedPicture, 'picture'> {
  readonly handle: PictureHandle;
}

/** Every call fails by itself, with a GradcamError naming its file, and leaves the others alone. */
export interface Studio {
  /** Decodes the file and prepares an input for each spec. The caller bounds how many pictures are held at a time. */
  load(path: string, specs: readonly PrepareSpec[]): Promise<StudioPicture>;
  /** Further inputs of a picture, one for each spec. */
  prepare(handle: PictureHandle, specs: readonly PrepareSpec[]): Promise<readonly PreparedInput[]>;
  /** Blends and writes a PNG of the picture's own size. */
  overlay(handle: PictureHandle, options: OverlayOptions): Promise<void>;
  /** The picture itself as a small JPEG: its bytes, also written to `file` where that is given. */
  thumbnail(handle: PictureHandle, options?: ThumbnailOptions): Promise<Uint8Array>;
  /** Writes what a model sees of the picture as a PNG of the model's input size. */
  input(handle: PictureHandle, spec: PrepareSpec, file: string): Promise<DrawnInput>;
  /** A mask picture, 1 inside. */
  mask(path: string): Promise<Mask>;
  release(handle: PictureHandle): Promise<void>;
  /** Finishes what was asked and ends the workers. */
  close(): Promise<void>;
}

export interface StudioOptions {
  /** Threads. Default: one less than there are cores, at least 2, at most 4. */
  readonly workers?: number | undefined;
}

/** Jobs that may wait for each thread before a further one is started beside those that have a core of their own. */
const LINE = 8;

/**
 * Opens a studio; its threads start at once, as many as there are cores to spare, and do not keep the process alive. Workers need this file compiled: under a
 * TypeScript runner the same jobs are done in the calling thread.
 */
export function openStudio(options: StudioOptions = {}): Studio {
  const compiled = !import.meta.url.endsWith('.ts');
  const spare = Math.max(1, availableParallelism() - 1);
  const threads = options.workers ?? Math.min(4, Math.max(2, spare));
  const atOnce = Math.min(spare, threads);
  const benches = compiled ? Array.from({ length: atOnce }, () => openWorkerBench()) : [openInlineBench()];

  /** The bench with the least to do, a new one in place of one whose thread has died. */
  const idlest = (): Bench => {
    const counts = benches.map((bench) => bench.waiting());
    const least = Math.min(...counts);
    if (compiled && least >= LINE && benches.length < threads) counts[benches.push(openWorkerBench()) - 1] = 0;
    const at = counts.indexOf(Math.min(...counts));
    if (!benches[at]!.alive()) benches[at] = openWorkerBench();
    return benches[at]!;
  };

  return {
    async load(path, specs) {
      const bench = idlest();
      const { picture, ...rest } = await bench.run('load', { path, specs });
      return { ...rest, handle: { bench, picture } };
    },
    prepare: async ({ bench, picture }, specs) => (await bench.run('prepare', { picture, specs })).inputs,
    async overlay({ bench, picture }, overlayOptions) {
      await bench.run('overlay', { picture, options: overlayOptions });
    },
    thumbnail: ({ bench, picture }, thumbnailOptions = {}) =>
      bench.run('thumbnail', { picture, options: thumbnailOptions }),
    input: ({ bench, picture }, spec, file) => bench.run('input', { picture, spec, file }),
    mask: (path) => idlest().run('mask', { path }),
    async release({ bench, picture }) {
      await bench.run('release', { picture });
    },
    async close() {
      await Promise.all(benches.map((bench) => bench.close()));
    },
  };
}
