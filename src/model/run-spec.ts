// run.json: what a user may say about a model, every field optional. `unknown` at the edge, checked once, here.
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { InputSpec } from '../image/picture.ts';
import { GradcamError } from '../lib/errors.ts';
import { fileError, systemCodeOf } from '../lib/files.ts';
import { parseJson } from '../lib/json.ts';
import { editDistance, nearestNames } from '../lib/names.ts';
import { classNames, flag, optional, positive, record, text, textOrIndex, type Check } from './checks.ts';
import { INPUT_FIELDS, inputSpec } from './input-spec.ts';

/** run.json after checking; absent fields stay absent. */
export interface RunSpec {
  readonly name?: string;
  readonly loss?: string;
  readonly classes?: readonly string[];
  readonly input?: Partial<InputSpec>;
  readonly layer?: string;
  /** Name of the output that holds the class logits. */
  readonly output?: string;
  /** Probabilities shown are softmax(logitScale * logits). */
  readonly logitScale?: number;
  readonly architecture?: string;
  /** The data the run was trained on is synthetic: said wherever a user meets the run. */
  readonly synthetic?: boolean;
  readonly metrics?: Readonly<Record<string, unknown>>;
  /** Everything in the file, as parsed: the report shows recipe and counts without this module knowing them. */
  readonly raw: Readonly<Record<string, unknown>>;
}

export interface CheckedRunSpec {
  readonly spec: RunSpec;
  /** Sentences about what was read in spite of looking wrong. */
  readonly warnings: readonly string[];
}

/** File name endings of models, to tell whether the run.json of a folder speaks of one model or of several. */
const MODEL_NAME = /(^model\.json|\.(onnx|keras|h5|hdf5|safetensors|pth|pt|ckpt|pth\.tar|pt\.tar|pb))$/i;

/**
 * Reads what is said about a model: run.json in its folder, or, for a file among several models, `<stem>.run.json` or
 * `<stem>.json`. Empty where there is none. Throws GradcamError for a file that cannot be read, or is wrong.
 */
export async function readRunSpec(folderOrFile: string): Promise<CheckedRunSpec> {
  const { file, ignored } = await runFileOf(folderOrFile);
  if (file === null) return { spec: { raw: {} }, warnings: ignored };
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw fileError(error, file, 'read');
  });
  const parsed = parseJson(text);
  if (!parsed.ok) {
    const { line, column, expected, found } = parsed.problem;
    const what = `${file}, line ${line}, column ${column}: this is not JSON`;
    throw new GradcamError({
      code: 'bad-run-json',
      what,
      expected,
      found,
      hint: 'mend the file, or remove it: every field is optional',
    });
  }
  const { spec, warnings } = parseRunSpec(parsed.value, file);
  const oddities = parsed.oddities.map((oddity) => `${file} is not strict JSON (${oddity}); it was read all the same.`);
  return { spec, warnings: [...oddities, ...warnings] };
}

/** Checks the content of a run.json. `file` is named in errors. Throws GradcamError `bad-run-json` for a wrong type or value. */
export function parseRunSpec(json: unknown, file: string): CheckedRunSpec {
  const raw = record(json, { file, field: '' });
  const read = <T>(field: string, check: Check<T>) => optional(raw, field, { file, field }, check);
  const spec: RunSpec = {
    ...read('name', text),
    ...read('loss', text),
    ...read('classes', classNames),
    ...read('input', inputSpec),
    ...read('layer', textOrIndex),
    ...read('output', textOrIndex),
    ...read('logitScale', positive),
    ...read('architecture', text),
    ...read('synthetic', flag),
    ...read('metrics', record),
    raw,
  };
  return { spec, warnings: [...misspelt(raw, file), ...oddClasses(spec, file), ...oddInput(spec, file)] };
}

async function runFileOf(folderOrFile: string): Promise<{ file: string | null; ignored: string[] }> {
  const info = await stat(folderOrFile).catch((error: unknown) => {
    throw fileError(error, folderOrFile, 'read');
  });
  if (info.isDirectory()) return { file: await existingFile(join(folderOrFile, 'run.json')), ignored: [] };
  const folder = dirname(folderOrFile);
  const stem = join(folder, basename(folderOrFile, extname(folderOrFile)));
  const own = await existingFile(`${stem}.run.json`);
  if (own !== null) return { file: own, ignored: [] };
  // `model.json` beside model.onnx is a TensorFlow.js model, and speaks of itself.
  const plain = MODEL_NAME.test(basename(`${stem}.json`)) ? null : await existingFile(`${stem}.json`);
  if (plain !== null) return { file: plain, ignored: [] };
  const shared = await existingFile(join(folder, 'run.json'));
  const models = (await readdir(folder)).filter((name) => MODEL_NAME.test(name));
  if (shared === null || models.length <= 1 || isSameNetwork(models)) return { file: shared, ignored: [] };
  const why = `${shared} was not used: its folder holds ${models.length} models, and it does not say which one it means.`;
  return { file: null, ignored: [why] };
}

/** Several files with one stem are one network in several formats. */
function isSameNetwork(models: readonly string[]): boolean {
  return new Set(models.map((name) => basename(name, extname(name)))).size === 1;
}

async function existingFile(path: string): Promise<string | null> {
  try {
    return (await stat(path)).isFile() ? path : null;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw fileError(error, path, 'read');
  }
}

const FIELDS = [
  'name',
  'loss',
  'classes',
  'input',
  'layer',
  'output',
  'logitScale',
  'architecture',
  'synthetic',
  'metrics',
];

/** Unknown fields are welcome; one that is spelt almost like a field of ours is probably meant to be it. */
function misspelt(raw: Readonly<Record<string, unknown>>, file: string): string[] {
  const input = raw.input;
  const inner = typeof input === 'object' && input !== null ? Object.keys(input) : [];
  return [...near(Object.keys(raw), FIELDS, ''), ...near(inner, INPUT_FIELDS, 'input.')].map(
    ([found, meant]) => `${file}: the field "${found}" has no meaning here; was "${meant}" meant?`,
  );
}

function near(found: readonly string[], known: readonly string[], prefix: string): [string, string][] {
  return found.flatMap((name): [string, string][] => {
    if (known.includes(name)) return [];
    const plain = name.replaceAll(/[_-]/g, '').toLowerCase();
    const [meant] = nearestNames(plain, known, 1);
    const close = meant !== undefined && !found.includes(meant) && editDistance(plain, meant.toLowerCase()) <= 1;
    return close ? [[prefix + name, prefix + meant]] : [];
  });
}

function oddClasses({ classes = [] }: RunSpec, file: string): string[] {
  const twice = classes.find((name, i) => classes.indexOf(name) !== i);
  return twice === undefined
    ? []
    : [`${file}: the class "${twice}" stands twice in "classes"; labels mean the first one.`];
}

/** Means such as 123.7 belong to pictures in 0..255: with any other scale every input would be far off. */
function oddInput({ input = {} }: RunSpec, file: string): string[] {
  const [lo, hi] = input.scale ?? [0, 1];
  const outside = (input.mean ?? []).find((x) => x < Math.min(lo, 0) || x > hi);
  if (outside === undefined) return [];
  return [
    `${file}: input.mean holds ${outside}, which no pixel has after input.scale [${lo}, ${hi}]; is the scale right?`,
  ];
}
