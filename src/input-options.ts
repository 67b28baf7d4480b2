// How pictures are prepared, said on the command line or to the library instead of in run.json: `VALUE` for all runs,
// `run=VALUE` for one.
import type { InputSpec } from './image/picture.ts';
import { GradcamError } from './lib/errors.ts';
import { inputSpec, type INPUT_FIELDS } from './model/input-spec.ts';

/** Options of this kind, each a list of `VALUE` and `run=VALUE`. */
export interface InputFlags {
  /** `224`, or `224x320`: height, then width. */
  readonly inputSize?: readonly string[] | undefined;
  /** `squash`, `crop`, `pad`. */
  readonly resize?: readonly string[] | undefined;
  /** Pixels of the shorter side before the centre is cropped. */
  readonly shortSide?: readonly string[] | undefined;
  /** `0,1`: what 0 and 255 become. */
  readonly inputScale?: readonly string[] | undefined;
  /** One number or three, commas between. */
  readonly mean?: readonly string[] | undefined;
  readonly std?: readonly string[] | undefined;
  /** `rgb`, `bgr`, `grey`. */
  readonly channels?: readonly string[] | undefined;
}

/** Run id -> what was said of its input; `*` for all others. */
export type InputOverrides = Readonly<Record<string, Partial<InputSpec>>>;

type Field = (typeof INPUT_FIELDS)[number];

/** Names of the options and the fields of run.json's `input` that they stand for. */
const OPTIONS: Readonly<Record<keyof InputFlags, Field>> = {
  inputSize: 'size',
  resize: 'resize',
  shortSide: 'shortSide',
  inputScale: 'scale',
  mean: 'mean',
  std: 'std',
  channels: 'channels',
};

export const inputOptionNames = Object.keys(OPTIONS) as readonly (keyof InputFlags)[];

/** Throws GradcamError `bad-option`. */
export function parseInputs(flags: InputFlags): InputOverrides {
  const raw = new Map<string, Partial<Record<Field, unknown>>>();
  for (const name of inputOptionNames) {
    for (const choice of flags[name] ?? []) {
      // Values hold no "=", names of runs may: epoch=9.
      const cut = choice.lastIndexOf('=');
      const run = cut === -1 ? '*' : choice.slice(0, cut);
      const value = valueOf(OPTIONS[name], choice.slice(cut + 1));
      checked({ [OPTIONS[name]]: value }, name, choice);
      raw.set(run, { ...raw.get(run), [OPTIONS[name]]: value });
    }
  }
  return Object.fromEntries([...raw].map(([run, fields]) => [run, checked(fields, 'shortSide', '')]));
}

/** What was said of one run: what names it counts before what is for all. Undefined where nothing was. */
export function inputOf(overrides: InputOverrides, run: string): Partial<InputSpec> | undefined {
  const own = overrides[run];
  const all = overrides['*'];
  return own === undefined && all === undefined ? undefined : { ...all, ...own };
}

/** `224x320`, `0,1` as numbers; words as they are. */
function valueOf(field: Field, text: string): unknown {
  if (field === 'resize' || field === 'channels') return text.trim().toLowerCase();
  const numbers = text.split(field === 'size' ? /[x×,]/ : /,/).map((part) => (part.trim() === '' ? NaN : Number(part)));
  return numbers.length === 1 ? numbers[0] : numbers;
}

function checked(fields: Partial<Record<Field, unknown>>, option: string, text: string): Partial<InputSpec> {
  try {
    return inputSpec(fields, { file: 'input', field: 'input' });
  } catch (error) {
    if (!(error instanceof GradcamError)) throw error;
    const { expected } = error.parts;
    throw new GradcamError({
      code: 'bad-option',
      what: `the option ${option} is wrong`,
      expected,
      found: text === '' ? JSON.stringify(fields) : text,
      cause: error,
    });
  }
}
