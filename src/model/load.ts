// path -> Model: finds the model file in a run's folder, reads run.json beside it, asks each format whether the file is its.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import { GradcamError } from '../lib/errors.ts';
import type { FilesAhead } from './ahead.ts';
import { formats } from './formats.ts';
import type { ModelFormat, ModelSource } from './format.ts';
import { readHubConfig, type HubConfig } from './hub-config.ts';
import { locateModel } from './locate.ts';
import type { Model } from './model.ts';
import { readRunSpec, type RunSpec } from './run-spec.ts';

/** A model with what its run.json says. */
export interface LoadedModel {
  readonly model: Model;
  readonly run: RunSpec;
  /** Sentences for the report: which file was taken, what run.json said oddly. */
  readonly assumed: readonly string[];
}

const HEAD_BYTES = 512;
const HASHED_AT_ONCE = 2 ** 20;

/** Loads the model at `path`: a model file, or a folder with one in it. Throws GradcamError. */
export async function loadModel(path: string, ahead?: FilesAhead): Promise<LoadedModel> {
  const { file, assumed } = await locateModel(path);
  const [{ spec, warnings }, hub, head] = await Promise.all([readRunSpec(path), readHubConfig(file), headOf(file)]);
  const { architecture = hub.architecture } = spec;
  const run: RunSpec = architecture === undefined ? spec : { ...spec, architecture };
  const source: ModelSource = { path, file, head, run, ahead };
  const format = await formatOf(source);
  const model = withHubConfig(await format.load(source), hub);
  return { model, run, assumed: [...assumed, ...warnings, ...model.assumed] };
}

/** What the hub's files say of pictures counts before what is usual for the format; class names only where the model has none. */
function withHubConfig(model: Model, { preprocessing, classes = [] }: HubConfig): Model {
  const spec = preprocessing === undefined ? undefined : { ...model.preprocessing?.spec, ...preprocessing.spec };
  const settled = spec === undefined ? model.preprocessing : { spec, why: preprocessing!.why };
  const names = model.classes ?? (classes.length > 0 ? classes : undefined);
  const { path, format, files, input, assumed } = model;
  return {
    path,
    format,
    files,
    input,
    assumed,
    forward: (shape) => model.forward(shape),
    // Traced models find their names out when they are asked for.
    get layerNames() {
      return model.layerNames;
    },
    ...(settled === undefined ? {} : { preprocessing: settled }),
    ...(names === undefined ? {} : { classes: names }),
  };
}

/** What run.json says of the model at `path`, without opening the model; null where path or run.json cannot be read. */
export async function readRunOf(path: string): Promise<RunSpec | null> {
  try {
    return (await readRunSpec(path)).spec;
  } catch (error) {
    // The same error is thrown, and told, when the run is opened.
    if (error instanceof GradcamError) return null;
    throw error;
  }
}

/** SHA-256 over the bytes of every file of a model, in the order they were read, as hex. */
export async function hashFiles(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  const buffer = new Uint8Array(HASHED_AT_ONCE); // one for all: a stream's many buffers keep the garbage collector at work
  for (const file of files) {
    const handle = await open(file, 'r');
    try {
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.length);
        if (bytesRead === 0) break;
        hash.update(buffer.subarray(0, bytesRead));
      }
    } finally {
      await handle.close();
    }
  }
  return hash.digest('hex');
}

async function formatOf(source: ModelSource): Promise<ModelFormat> {
  for (const format of formats) if (await format.detect(source)) return format;
  throw new GradcamError({
    code: 'unknown-format',
    what: `${source.path} is not a model that gradcam can read.`,
    expected: formats.map((format) => `${format.title} (${format.extensions.join(', ')})`).join('; '),
    found: looksLike(source),
    hint: 'Point at a model file or at the folder of a run.',
  });
}

async function headOf(file: string): Promise<Uint8Array> {
  const handle = await open(file, 'r').catch((cause: unknown) => {
    throw new GradcamError({
      code: 'model-unreadable',
      what: `The model file ${file} cannot be opened.`,
      hint: 'Check its permissions.',
      cause,
    });
  });
  try {
    const buffer = new Uint8Array(HEAD_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function looksLike({ file, head }: ModelSource): string {
  const text = new TextDecoder('latin1').decode(head.subarray(0, 160));
  if (head.length === 0) return 'an empty file';
  if (text.startsWith('version https://git-lfs')) return 'a Git LFS pointer: run git lfs pull';
  if (text.startsWith('PK')) return 'a zip archive';
  if (text.startsWith('\x89HDF')) return 'an HDF5 file';
  if (text.startsWith('\x89PNG') || text.startsWith('\xff\xd8\xff')) return 'a picture: is it meant for --images?';
  if (text.trimStart().startsWith('{')) return `a JSON file: ${text.trimStart().slice(0, 60)}`;
  return `a file ${extname(file) || 'without an extension'} that starts with bytes ${[...head.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}`;
}
