// path -> the model file in it: a file is taken as it is; of a folder the file that its training tool meant, be it the model,
// the best checkpoint or the last one, in the folder itself or in the folder of checkpoints within.
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { GradcamError } from '../lib/errors.ts';
import { fileError, systemCodeOf } from '../lib/files.ts';
import { formatList } from '../lib/format.ts';
import { formats } from './formats.ts';
import { rank } from './rank.ts';

export interface Located {
  /** Absolute. */
  readonly file: string;
  /** Sentences for the report. */
  readonly assumed: readonly string[];
}

/** Folders that training tools keep checkpoints in: Lightning, Ultralytics, Trainer of transformers, our own; `onnx` is optimum's. */
const CHECKPOINT_FOLDER = /^(checkpoints?|ckpts?|weights|onnx|checkpoint[-_]\d+)$/i;
/** States of optimisers and the like, which lie beside models under the same endings. */
const NOT_A_MODEL =
  /^((optim(izer)?|scheduler|scaler|rng_state|random_states|training_args|trainer_state)([^a-z]|$)|(fingerprint|keras_metadata)\.pb$)/i;
/** One of several files that a large network was cut into. */
const SHARD = /-\d{5}-of-\d{5}\.(safetensors|bin)$/i;

/** Throws GradcamError `model-not-found`, `no-model-in-folder`, `sharded-weights`. */
export async function locateModel(path: string): Promise<Located> {
  const whole = resolve(path);
  const info = await stat(whole).catch((cause: unknown) => {
    const code = systemCodeOf(cause);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw fileError(cause, path, 'read');
    throw new GradcamError({
      code: 'model-not-found',
      what: `There is no model at ${path}.`,
      expected: 'a model file, or a folder with one in it',
      hint: 'Check the path.',
      cause,
    });
  });
  if (!info.isDirectory()) return { file: whole, assumed: [] };
  const { candidates, names } = await candidatesIn(whole);
  const ranked = rank(candidates, placeOfFormat);
  const best = await bestOfTrainer(whole, candidates);
  const chosen = best ?? ranked.names[0];
  if (chosen === undefined) throw noModel(path, names);
  const why = best === null ? ranked.why : 'the best checkpoint, as trainer_state.json says';
  const others = ranked.names.filter((name) => name !== chosen);
  const assumed: string[] = [];
  if (others.length > 0)
    assumed.push(`Of several model files, ${chosen} was taken, ${why} (others: ${formatList(others)}).`);
  else if (chosen.includes('/')) assumed.push(`The model file is ${chosen}.`);
  return { file: join(whole, chosen), assumed };
}

/** Whether a folder is a run: it has a model in it, or in a folder of checkpoints. */
export async function holdsModel(folder: string): Promise<boolean> {
  return (await candidatesIn(folder).catch(() => ({ candidates: [] }))).candidates.length > 0;
}

/** Whether a file of that name is taken for a model. */
export function isModelName(name: string): boolean {
  const lower = name.toLowerCase();
  if (lower === 'model.json' || lower === 'pytorch_model.bin') return true;
  if (NOT_A_MODEL.test(name) || SHARD.test(name)) return false;
  return endings.some((ending) => lower.endsWith(ending));
}

const endings = formats.flatMap(({ extensions }) => extensions).filter((extension) => extension !== '.json');

/** Paths of model files relative to the folder, `/` between; and all names in it. */
async function candidatesIn(folder: string): Promise<{ candidates: string[]; names: string[] }> {
  const names = (await readdir(folder)).sort();
  const own = names.filter(isModelName);
  if (own.length > 0) return { candidates: own, names };
  const inner = await Promise.all(
    names
      .filter((name) => CHECKPOINT_FOLDER.test(name))
      .map(async (name) => {
        const files = await readdir(join(folder, name)).catch(() => []);
        return files.filter(isModelName).map((file) => `${name}/${file}`);
      }),
  );
  return { candidates: inner.flat(), names };
}

function placeOfFormat(name: string): number {
  const lower = name.toLowerCase();
  const place = formats.findIndex(({ extensions }) => extensions.some((extension) => lower.endsWith(extension)));
  return place === -1 ? formats.length : place;
}

/** The checkpoint that transformers' Trainer found best, where it is one of the candidates. */
async function bestOfTrainer(folder: string, candidates: readonly string[]): Promise<string | null> {
  const steps = candidates.filter((name) => /^checkpoint[-_]\d+\//i.test(name));
  const last = rank(steps, placeOfFormat).names[0];
  if (last === undefined) return null;
  const text = await readFile(join(folder, last.slice(0, last.indexOf('/')), 'trainer_state.json'), 'utf8').catch(
    () => '',
  );
  const named = /"best_model_checkpoint"\s*:\s*"([^"]+)"/.exec(text)?.[1]?.replaceAll('\\\\', '/');
  if (named === undefined) return null;
  return steps.find((name) => name.startsWith(`${basename(named)}/`)) ?? null;
}

function noModel(path: string, names: readonly string[]): GradcamError {
  const shards = names.filter((name) => SHARD.test(name));
  if (shards.length > 0) {
    return new GradcamError({
      code: 'sharded-weights',
      what: `The weights in ${path} are cut into ${shards.length} files.`,
      expected: 'weights in one file',
      found: formatList(shards),
      hint: "Save them as one: model.save_pretrained(folder, max_shard_size='100GB'), or export the model as ONNX.",
    });
  }
  return new GradcamError({
    code: 'no-model-in-folder',
    what: `The folder ${path} holds no model.`,
    expected: `a file ${[...new Set(endings)].join(', ')} or model.json`,
    found: names.length === 0 ? 'an empty folder' : formatList(names),
    hint: 'Point at the folder of one run, or at the model file itself.',
  });
}
