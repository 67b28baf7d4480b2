// The flags of gradcam train and its config file -> what is asked of the library.
import { readFile } from 'node:fs/promises';
import { GradcamError } from '../lib/errors.ts';
import { fileError } from '../lib/files.ts';
import { parseJson } from '../lib/json.ts';
import { unknownName } from '../lib/names.ts';
import { badOption } from '../lib/options.ts';
import { trainOptionNames, type TrainSpec } from '../train/spec.ts';

/** As commander gives them. */
export interface TrainFlags extends Omit<TrainSpec, 'reading' | 'lossOptions' | 'command' | 'signal'> {
  readonly config?: string;
  readonly lossOption?: readonly string[];
  readonly lmfAlpha?: number;
  readonly lmfBeta?: number;
  readonly classes?: readonly string[];
  readonly imageCol?: string;
  readonly labelCol?: string;
  readonly groupCol?: string;
  readonly splitCol?: string;
  readonly labelSeparator?: string;
  readonly masks?: string;
  readonly odirLabels?: 'eye' | 'patient' | 'keywords';
  readonly demoTrain?: number;
  readonly demoPerClass?: number;
  readonly demoSize?: number;
  readonly demoSeed?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `a,b` */
export const texts = (value: string): string[] => value.split(',').map((item) => item.trim());

/** Config file below, flags above. */
export async function specOf(flags: TrainFlags): Promise<TrainSpec> {
  const { config, lossOption, lmfAlpha, lmfBeta, ...rest } = flags;
  const { demoTrain: train, demoPerClass: perClass, demoSize: size, demoSeed: seed, ...plain } = rest;
  const demo = Object.fromEntries(
    Object.entries({ train, perClass, size, seed }).filter(([, value]) => value !== undefined),
  );
  const { classes, imageCol, labelCol, groupCol, splitCol, labelSeparator, masks, odirLabels, ...own } = plain;
  const below = config === undefined ? {} : await readConfig(config);
  const columns = { classes, imageCol, labelCol, groupCol, splitCol, labelSeparator, masks, odirLabels };
  const said = Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
  const byLoss: Record<string, Readonly<Record<string, unknown>>> = { ...below.lossOptions };
  for (const [loss, options] of Object.entries(lossOptionsOf(lossOption ?? [])))
    byLoss[loss] = { ...byLoss[loss], ...options };
  const ldamWeight = sameOrOne('ldam-weight', own.ldamWeight, 'lmf-alpha', lmfAlpha);
  const focalWeight = sameOrOne('focal-weight', own.focalWeight, 'lmf-beta', lmfBeta);
  return {
    ...below,
    ...own,
    ...(ldamWeight === undefined ? {} : { ldamWeight }),
    ...(focalWeight === undefined ? {} : { focalWeight }),
    lossOptions: byLoss,
    reading: { ...below.reading, ...said, ...(Object.keys(demo).length === 0 ? {} : { demo }) },
  };
}

/** Two names of one option. */
function sameOrOne(name: string, a: number | undefined, alias: string, b: number | undefined): number | undefined {
  if (a !== undefined && b !== undefined && a !== b)
    throw badOption(name, `one value: --${alias} is another name of it`, `${a} and ${b}`);
  return a ?? b;
}

async function readConfig(file: string): Promise<TrainSpec> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw fileError(error, file, 'read');
  });
  const parsed = parseJson(text);
  const wrong = (expected: string, found: string) =>
    new GradcamError({ code: 'bad-config', what: `${file} is no config file`, expected, found });
  if (!parsed.ok) throw wrong(parsed.problem.expected, `${parsed.problem.found} in line ${parsed.problem.line}`);
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('an object', typeof value);
  const known = trainOptionNames.filter((name) => name !== 'signal' && name !== 'command');
  for (const name of Object.keys(value))
    if (!known.some((one) => one === name)) throw unknownName('option', name, known);
  return value;
}

/** `lmf.gamma=1.5`, `ldam.classWeights=margins`, `focal.classWeights=1,2,3` */
function lossOptionsOf(given: readonly string[]): Record<string, Record<string, unknown>> {
  const byLoss: Record<string, Record<string, unknown>> = {};
  for (const text of given) {
    const [, loss, name, value] = /^([^.=]+)\.([^=]+)=(.+)$/.exec(text) ?? [];
    if (loss === undefined || name === undefined || value === undefined)
      throw badOption('loss-option', 'loss.name=value, such as lmf.gamma=1.5', text);
    byLoss[loss] = { ...byLoss[loss], [name]: valueOf(value) };
  }
  return byLoss;
}

function valueOf(text: string): unknown {
  const parts = texts(text);
  const isNumber = (part: string): boolean => part !== '' && !Number.isNaN(Number(part));
  if (!parts.every(isNumber)) return text;
  return parts.length === 1 ? Number(text) : parts.map(Number);
}
