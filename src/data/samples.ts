// --images: folders, files and patterns -> the pictures to explain, each with an id and a name for its output folder.
// Whether a file really is a picture is found when it is decoded.
import { existsSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve, sep } from 'node:path';
import { GradcamError } from '../lib/errors.ts';
import { fileError, systemCodeOf } from '../lib/files.ts';
import { formatCount, formatList } from '../lib/format.ts';
import { expandPaths, type FoundPath } from '../lib/globs.ts';
import { distinctNames, distinctSafeNames } from '../lib/names.ts';
import {
  isMaskFolder,
  isOtherPicture,
  isPicture,
  listFiles,
  pictureStem,
  PICTURE_EXTENSIONS,
  type FileFound,
} from './folders.ts';

export interface Sample {
  /** Unique: the file's name without its ending, with folders before it where several samples share one. */
  readonly id: string;
  /** As given, or as found below what was given. */
  readonly path: string;
  /** Name of its folder in the output: every file system takes it, and no two are equal even where case does not count. */
  readonly dir: string;
}

export interface SkippedFile {
  readonly path: string;
  readonly reason: string;
}

export interface SampleList {
  readonly samples: readonly Sample[];
  readonly skipped: readonly SkippedFile[];
  /** Sentences about what was left out on purpose. */
  readonly notes: readonly string[];
  /** The folders that were given: labels and masks are looked for there. */
  readonly folders: readonly string[];
}

interface Findings {
  readonly files: FileFound[];
  readonly skipped: SkippedFile[];
  readonly folders: string[];
  readonly maskFolders: string[];
  masks: number;
  readonly reports: string[];
}

/**
 * Collects the samples of `--images`, in the order given, natural order within folders. Masks and reports of ours that lie
 * among them are left out, files that are no pictures too. Throws GradcamError `images-not-found` where the only path does
 * not exist, `no-images` where no picture is left.
 */
export async function collectSamples(paths: readonly string[]): Promise<SampleList> {
  const given = await expandPaths(paths);
  const findings: Findings = { files: [], skipped: [], folders: [], maskFolders: [], masks: 0, reports: [] };
  for (const path of given) await lookInto(path, given.length === 1, findings);
  const pictures = withoutMasksBeside(findings);
  const seen = new Set<string>();
  const files = pictures.filter(({ real }) => !seen.has(real) && seen.add(real));
  if (files.length === 0) throw noImages(paths, findings);
  const { samples, shared } = nameSamples(files);
  const notes = [...notesOn(findings), ...repeated(pictures.length - files.length), ...sharedNames(shared)];
  return { samples, skipped: findings.skipped, notes, folders: findings.folders };
}

/** The folders that were given and those that samples lie in, each once, inner folders before outer ones. */
export function foldersOf({ samples, folders }: SampleList): string[] {
  const places = new Map<string, string>();
  for (const folder of [...folders, ...samples.map(({ path }) => dirname(path))]) {
    if (!places.has(resolve(folder))) places.set(resolve(folder), folder);
  }
  return [...places].sort(([a], [b]) => b.length - a.length).map(([, folder]) => folder);
}

/** What is the only thing named is meant, even if it is called `masks`. */
async function lookInto({ path, pattern }: FoundPath, isOnlyOne: boolean, findings: Findings): Promise<void> {
  const info = await stat(path).catch((cause: unknown) => {
    const error = systemCodeOf(cause) === 'ENOENT' ? notFound(path, cause) : fileError(cause, path, 'read');
    if (isOnlyOne) throw error;
    findings.skipped.push({ path, reason: error.message });
  });
  if (info === undefined) return;
  if (!info.isDirectory()) {
    takeFile({ path, real: await realpath(path) }, pattern === null, isOnlyOne, findings);
    return;
  }
  if (!isOnlyOne && isMaskFolder(path)) {
    findings.maskFolders.push(path);
    return;
  }
  findings.folders.push(path);
  const { files, problems } = await listFiles(path, (folder) => {
    if (isMaskFolder(folder)) findings.maskFolders.push(folder);
    else if (isReport(folder)) findings.reports.push(folder);
    else return true;
    return false;
  });
  findings.skipped.push(...problems);
  for (const file of files) takeFile(file, false, false, findings);
}

function takeFile(file: FileFound, isNamed: boolean, isOnlyOne: boolean, findings: Findings): void {
  const { path } = file;
  if (isPicture(path)) {
    if (!isOnlyOne && /_segmentation$/i.test(pictureStem(path))) findings.masks++;
    else findings.files.push(file);
  } else if (isOtherPicture(path)) {
    findings.skipped.push({ path, reason: `${extname(path)} pictures cannot be read; convert it to PNG or JPEG` });
  } else if (isNamed && basename(path).toLowerCase() !== 'labels.csv') {
    findings.skipped.push({ path, reason: `not a picture by its name; known are ${PICTURE_EXTENSIONS.join(' ')}` });
  }
}

/** `x_mask.png` is a mask where `x.jpg` lies beside it; by itself it may be a picture of a mask. */
function withoutMasksBeside(findings: Findings): FileFound[] {
  const known = new Set(findings.files.map(({ path }) => join(dirname(path), pictureStem(path)).toLowerCase()));
  const kept = findings.files.filter(({ path }) => {
    const owner = /^(.+)_mask$/i.exec(pictureStem(path))?.[1];
    return owner === undefined || !known.has(join(dirname(path), owner).toLowerCase());
  });
  findings.masks += findings.files.length - kept.length;
  return kept;
}

/** An output folder of ours: its overlays are no samples. */
function isReport(folder: string): boolean {
  return existsSync(join(folder, 'report.json')) && existsSync(join(folder, 'overlays'));
}

/** Ids and output names; `shared` counts the files whose name alone would not have told them apart. */
function nameSamples(files: readonly FileFound[]): { samples: Sample[]; shared: number } {
  const places = files.map(({ path }) => join(dirname(resolve(path)), pictureStem(path)));
  const counts = countOf(places);
  // img.jpg beside img.png: the ending belongs to the name.
  const full = files.map(({ path }, i) => (counts.get(places[i] ?? '') === 1 ? (places[i] ?? '') : resolve(path)));
  const ids = distinctNames(full.map((path) => path.split(sep)));
  const dirs = distinctSafeNames(ids);
  const samples = files.map(({ path }, i) => ({ id: ids[i] ?? '', path, dir: dirs[i] ?? '' }));
  return { samples, shared: samples.filter(({ id, path }) => id !== pictureStem(path)).length };
}

function countOf(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

function notesOn({ maskFolders, masks, reports }: Findings): string[] {
  const notes: string[] = [];
  if (maskFolders.length > 0) notes.push(`Taken for masks, not for samples: ${formatList(maskFolders)}.`);
  if (masks > 0) notes.push(`${formatCount(masks, 'file')} taken for masks by name (_segmentation, _mask).`);
  if (reports.length > 0) notes.push(`Reports made by gradcam were left out: ${formatList(reports)}.`);
  return notes;
}

function repeated(count: number): string[] {
  return count === 0 ? [] : [`${formatCount(count, 'picture')} named more than once, taken once.`];
}

function sharedNames(count: number): string[] {
  return count === 0
    ? []
    : [`${formatCount(count, 'sample')} share their name with another; folders or endings tell them apart.`];
}

function notFound(path: string, cause: unknown): GradcamError {
  return new GradcamError({
    code: 'images-not-found',
    what: `there is nothing at ${path}`,
    expected: 'a folder, a picture, or a pattern such as "samples/*.jpg"',
    hint: `paths are relative to ${process.cwd()}`,
    cause,
  });
}

function noImages(paths: readonly string[], { skipped, maskFolders, masks }: Findings): GradcamError {
  const found = skipped.slice(0, 3).map(({ path, reason }) => `${path} (${reason})`);
  if (maskFolders.length > 0 || masks > 0) found.push('masks only');
  return new GradcamError({
    code: 'no-images',
    what: `no pictures in ${paths.join(', ')}`,
    expected: `files ${PICTURE_EXTENSIONS.join(' ')}`,
    found: found.length > 0 ? found.join('; ') : 'none',
    hint: 'point --images at a folder with pictures',
  });
}

/** The error where every picture was skipped, with the first reasons. */
export function noPictures(
  skipped: readonly { readonly path: string; readonly reason: string }[],
  hint: string,
): GradcamError {
  const reasons = skipped.map(({ path, reason }) => `${path}: ${reason.split('\n')[0]!}`);
  return new GradcamError({
    code: 'no-pictures',
    what: 'None of the pictures could be read.',
    found: reasons.slice(0, 5).join('; '),
    hint,
  });
}
