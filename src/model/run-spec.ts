// run.json: what a user may say about a model, every field optional. `unknown` at the edge, checked once, here.
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { InputSpec, ResizeMode } from '../image/picture.ts';
import { GradcamError } from '../lib/errors.ts';
import { fileError, systemCodeOf } from '../lib/files.ts';
import { parseJson } from '../lib/json.ts';
import { editDistance, nearestNames } from '../lib/names.ts';

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
const MODEL_NAME = /(^model\.json|\.(onnx|keras|h5|hdf5|safetensors|pth|pt|ckpt|pth\.tar|pt\.tar))$/i;

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

interface Place {
  readonly file: string;
  /** Path of the field, dots between; empty for the file as a whole. */
  readonly field: string;
}

type Check<T> = (value: unknown, place: Place) => T;

/** `{ [field]: checked }`, or nothing where the field is absent or null. */
function optional<K extends string, T>(
  raw: Readonly<Record<string, unknown>>,
  key: K,
  place: Place,
  check: Check<T>,
): { [P in K]?: T } {
  const value = raw[key];
  if (value === undefined || value === null) return {};
  return { [key]: check(value, place) } as { [P in K]: T };
}

function wrong({ file, field }: Place, expected: string, value: unknown): GradcamError {
  const what = field === '' ? `${file} is not a run.json` : `${file}: the field "${field}" is wrong`;
  return new GradcamError({
    code: 'bad-run-json',
    what,
    expected,
    found: shown(value),
    hint: 'correct it, or leave it out: every field is optional',
  });
}

function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 80 ? `${json.slice(0, 77)}...` : json;
}

function record(value: unknown, place: Place): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(place, 'an object { ... }', value);
  return Object.fromEntries(Object.entries(value));
}

function text(value: unknown, place: Place): string {
  if (typeof value !== 'string' || value.trim() === '') throw wrong(place, 'a text in double quotes', value);
  return value;
}

function textOrIndex(value: unknown, place: Place): string {
  if (typeof value === 'number' && Number.isInteger(value)) return String(value);
  if (typeof value !== 'string' || value.trim() === '')
    throw wrong(place, 'a name in double quotes, or an index', value);
  return value;
}

function flag(value: unknown, place: Place): boolean {
  if (typeof value !== 'boolean') throw wrong(place, 'true or false', value);
  return value;
}

function positive(value: unknown, place: Place): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) throw wrong(place, 'a number above 0', value);
  return value;
}

function classNames(value: unknown, place: Place): readonly string[] {
  if (!Array.isArray(value) || value.length === 0)
    throw wrong(place, 'a list of class names, in the order of the outputs', value);
  return value.map((name: unknown, i) => {
    if (typeof name === 'number' || (typeof name === 'string' && name.trim() !== '')) return String(name);
    throw wrong({ ...place, field: `${place.field}[${i}]` }, 'a class name', name);
  });
}

function inputSpec(value: unknown, place: Place): Partial<InputSpec> {
  const raw = record(value, place);
  const read = <T>(field: string, check: Check<T>) =>
    optional(raw, field, { file: place.file, field: `${place.field}.${field}` }, check);
  return {
    ...read('size', size),
    ...read('resize', resizeMode),
    ...read('scale', scale),
    ...read(
      'mean',
      perChannel((x) => Number.isFinite(x), 'numbers'),
    ),
    ...read(
      'std',
      perChannel((x) => Number.isFinite(x) && x > 0, 'numbers above 0'),
    ),
    ...read('channels', channelOrder),
  };
}

const MAX_SIDE = 16_384;

function size(value: unknown, place: Place): [number, number] {
  const sides: unknown[] = Array.isArray(value) ? value : [value, value];
  const [height, width] = sides;
  const isSide = (side: unknown): side is number =>
    Number.isInteger(side) && Number(side) >= 1 && Number(side) <= MAX_SIDE;
  if (sides.length === 2 && isSide(height) && isSide(width)) return [height, width];
  throw wrong(place, `[height, width] or one number, in pixels, 1 to ${MAX_SIDE}`, value);
}

function resizeMode(value: unknown, place: Place): ResizeMode {
  if (value === 'squash' || value === 'crop' || value === 'pad') return value;
  throw wrong(place, '"squash", "crop" or "pad"', value);
}

function scale(value: unknown, place: Place): [number, number] {
  const ends: unknown[] = Array.isArray(value) ? value : [];
  const [lo, hi] = ends;
  const finite = (x: unknown): x is number => typeof x === 'number' && Number.isFinite(x);
  if (ends.length === 2 && finite(lo) && finite(hi) && hi > lo) return [lo, hi];
  throw wrong(place, '[lo, hi] with hi above lo: what 0 and 255 become', value);
}

/** One number for all channels, or three; always three in the result. */
function perChannel(isGood: (x: number) => boolean, what: string): Check<readonly number[]> {
  return (value, place) => {
    const given: unknown[] = Array.isArray(value) ? value : [value];
    const numbers = given.filter((x): x is number => typeof x === 'number' && isGood(x));
    const [first = 0] = numbers;
    if (numbers.length === given.length && numbers.length === 3) return numbers;
    if (numbers.length === given.length && numbers.length === 1) return [first, first, first];
    throw wrong(place, `one or three ${what}`, value);
  };
}

function channelOrder(value: unknown, place: Place): InputSpec['channels'] {
  if (value === 'rgb' || value === 'bgr' || value === 'grey') return value;
  if (value === 'gray') return 'grey';
  throw wrong(place, '"rgb", "bgr" or "grey"', value);
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
const INPUT_FIELDS = ['size', 'resize', 'scale', 'mean', 'std', 'channels'];

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
