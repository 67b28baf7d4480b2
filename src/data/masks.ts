// The mask of each sample: lesion or object outlines as pictures, named after the sample they belong to.
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { GradcamError } from '../lib/errors.ts';
import { fileError } from '../lib/files.ts';
import { formatCount, formatList } from '../lib/format.ts';
import { isBelow, isPicture, listFiles, pictureStem } from './folders.ts';
import { matchPaths } from './match.ts';
import { foldersOf, type Sample, type SampleList } from './samples.ts';

export interface Masks {
  /** Sample id -> path of its mask. */
  readonly masks: ReadonlyMap<string, string>;
  /** The folder that --masks named or that was found; null where there is none. */
  readonly source: string | null;
  readonly notes: readonly string[];
}

/** A mask under the name of its sample, without an ending. */
interface MaskFile {
  readonly path: string;
  readonly file: string;
  /** 0 `_segmentation`, 1 the sample's own name, 2 `_mask`: the order in which they are taken. */
  readonly rank: number;
}

/**
 * Finds masks: `<id>_segmentation`, `<id>` or `<id>_mask` with the ending of a picture, in any case, in `folder` at any
 * depth; without `folder`, in folders called masks beside the pictures, and beside the pictures themselves (there not by
 * the sample's own name). Throws GradcamError `masks-not-found` where `folder` is none.
 */
export async function findMasks(list: SampleList, folder: string | undefined): Promise<Masks> {
  const { samples } = list;
  if (folder !== undefined) {
    await requireFolder(folder);
    const { masks, unused } = assign(samples, await masksIn(folder));
    return { masks, source: folder, notes: count(samples.length - masks.size, unused) };
  }
  const found = new Map<string, string>();
  const sources: string[] = [];
  for (const at of foldersOf(list)) {
    for (const { source, files } of await masksBeside(at)) {
      const scope = samples.filter(({ id, path }) => !found.has(id) && isBelow(resolve(path), resolve(at)));
      const { masks } = assign(scope, files);
      if (masks.size > 0) sources.push(source);
      for (const [id, path] of masks) found.set(id, path);
    }
  }
  const [source = null] = sources;
  if (source === null) return { masks: found, source, notes: [] };
  const told = `Masks were taken from ${formatList(sources)}, found beside the pictures.`;
  return { masks: found, source, notes: [told, ...count(samples.length - found.size, 0)] };
}

/** The folder `masks` in a folder of pictures, and files there that are masks by their suffix. */
async function masksBeside(at: string): Promise<{ source: string; files: MaskFile[] }[]> {
  const inside = await stat(join(at, 'masks')).then(
    (info) => info.isDirectory(),
    () => false,
  );
  const { files } = await listFiles(at, () => false);
  const suffixed = files.map(({ path }) => maskFile(path)).filter(({ rank, file }) => rank !== 1 && isPicture(file));
  return [
    ...(inside ? [{ source: join(at, 'masks'), files: await masksIn(join(at, 'masks')) }] : []),
    ...(suffixed.length > 0 ? [{ source: at, files: suffixed }] : []),
  ];
}

async function masksIn(folder: string): Promise<MaskFile[]> {
  const { files } = await listFiles(folder, () => true);
  return files.filter(({ path }) => isPicture(path)).map(({ path }) => maskFile(path));
}

function maskFile(file: string): MaskFile {
  const stem = pictureStem(file);
  const [, owner = stem, suffix = ''] = /^(.+)_(segmentation|mask)$/i.exec(stem) ?? [];
  return { path: join(dirname(file), owner), file, rank: ['segmentation', '', 'mask'].indexOf(suffix.toLowerCase()) };
}

function assign(
  samples: readonly Sample[],
  files: readonly MaskFile[],
): { masks: Map<string, string>; unused: number } {
  const pictures = new Set(samples.map(({ path }) => resolve(path)));
  const usable = files.filter(({ file }) => !pictures.has(resolve(file))); // --masks may be the folder of the pictures
  const { bySample, unused } = matchPaths(samples, usable);
  const masks = new Map<string, string>();
  for (const [{ id }, chosen] of bySample) {
    const best = chosen.reduce((a, b) => (b.rank < a.rank ? b : a));
    masks.set(id, best.file);
  }
  return { masks, unused: unused.length };
}

async function requireFolder(folder: string): Promise<void> {
  const info = await stat(folder).catch((error: unknown) => {
    throw fileError(error, folder, 'read');
  });
  if (info.isDirectory()) return;
  throw new GradcamError({
    code: 'masks-not-found',
    what: `--masks ${folder} is not a folder`,
    expected: 'a folder with <id>_segmentation.png, <id>.png or <id>_mask.png',
  });
}

function count(without: number, unused: number): string[] {
  const notes: string[] = [];
  if (without > 0) notes.push(`${formatCount(without, 'picture')} without a mask.`);
  if (unused > 0) notes.push(`${formatCount(unused, 'mask')} without a picture.`);
  return notes;
}
