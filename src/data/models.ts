// --models: folders, files and patterns -> the runs to load, each with an id. Which names are models is the caller's to know.
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve, sep } from 'node:path';
import { GradcamError } from '../lib/errors.ts';
import { fileError, systemCodeOf } from '../lib/files.ts';
import { formatList } from '../lib/format.ts';
import { expandPaths } from '../lib/globs.ts';
import { distinctNames, distinctSafeNames, naturalCompare } from '../lib/names.ts';

export interface RunPath {
  /** Unique, and a safe file name: the folder's name, or the file's without its ending. */
  readonly id: string;
  /** A folder with a model in it, or a model file. */
  readonly path: string;
}

/** What the caller knows of models. */
export interface ModelNames {
  /** Whether a file of that name is taken for a model. */
  readonly isModelName: (name: string) => boolean;
  /** Whether a folder is a run. */
  readonly holdsModel: (folder: string) => Promise<boolean>;
}

export interface RunList {
  readonly runs: readonly RunPath[];
  /** Paths that do not exist, where there are others that do. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  readonly notes: readonly string[];
}

/**
 * Collects the runs of `--models`, in the order given. Of what a pattern or several paths name, files that are no models
 * (a README beside the runs) are left out; a folder without a model stands for the runs in its subfolders. Throws
 * GradcamError `models-not-found` where the only path does not exist, `no-models` where no run is left.
 */
export async function collectRuns(paths: readonly string[], models: ModelNames): Promise<RunList> {
  const { isModelName } = models;
  const given = await expandPaths(paths);
  const found = new Map<string, string>();
  const left: string[] = [];
  const skipped: { path: string; reason: string }[] = [];
  for (const { path } of given) {
    const info = await stat(path).catch((cause: unknown) => {
      const error = systemCodeOf(cause) === 'ENOENT' ? notFound(path, cause) : fileError(cause, path, 'read');
      if (given.length === 1) throw error;
      skipped.push({ path, reason: error.message });
    });
    if (info === undefined) continue;
    // A single path is tried whatever its name: the loaders say best what is wrong with it.
    const isRun = info.isDirectory() || isModelName(basename(path)) || given.length === 1;
    if (!isRun) left.push(path);
    for (const run of isRun ? await runsAt(path, info.isDirectory(), models) : []) {
      const real = await realpath(run);
      if (!found.has(real)) found.set(real, run);
    }
  }
  if (found.size === 0) throw noModels(paths, left, skipped);
  const runs = [...found.values()];
  const ids = distinctSafeNames(distinctNames(runs.map((path) => namesOf(path, isModelName))));
  const notes = left.length === 0 ? [] : [`Not models by their names, left out: ${formatList(left)}.`];
  return { runs: runs.map((path, i) => ({ id: ids[i] ?? '', path })), skipped, notes };
}

async function runsAt(path: string, isFolder: boolean, { holdsModel }: ModelNames): Promise<string[]> {
  if (!isFolder || (await holdsModel(path))) return [path];
  const folders = (await readdir(path, { withFileTypes: true })).filter(
    (entry) => !entry.isFile() && !entry.name.startsWith('.'),
  );
  const runs: string[] = [];
  for (const { name } of folders.sort((a, b) => naturalCompare(a.name, b.name))) {
    if (await holdsModel(join(path, name))) runs.push(join(path, name));
  }
  return runs.length > 0 ? runs : [path]; // the loader says what it misses there
}

/** `runs/ce/model.onnx` and `runs/ce` are both called after the folder: `model` says nothing. */
function namesOf(path: string, isModelName: (name: string) => boolean): string[] {
  const whole = resolve(path);
  const stem = basename(whole, isModelName(basename(whole)) ? extname(whole) : '');
  const place =
    stem.toLowerCase() === 'model' && stem !== basename(whole) ? dirname(whole) : join(dirname(whole), stem);
  return place.split(sep).filter((part) => part !== '');
}

function notFound(path: string, cause: unknown): GradcamError {
  return new GradcamError({
    code: 'models-not-found',
    what: `there is nothing at ${path}`,
    expected: 'a model file, or a folder with a model in it',
    hint: `paths are relative to ${process.cwd()}`,
    cause,
  });
}

function noModels(paths: readonly string[], left: readonly string[], skipped: RunList['skipped']): GradcamError {
  return new GradcamError({
    code: 'no-models',
    what: `no models in ${paths.join(', ')}`,
    expected: 'model files, or folders with a model in each',
    found: formatList([...left, ...skipped.map(({ reason }) => reason.split('\n')[0] ?? '')]),
    hint: 'point --models at the folders of your runs',
  });
}
