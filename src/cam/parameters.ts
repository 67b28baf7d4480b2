// Settings of methods, with their defaults. Apart from the methods, because help and checks of options must not load
// TensorFlow.js.
import { GradcamError } from '../lib/errors.ts';
import { unknownName } from '../lib/names.ts';

export type ParameterValue = number | string;
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

export type Parameter = { readonly what: string } & (
  | { readonly kind: 'count'; readonly initial: number; readonly max: number }
  | { readonly kind: 'number'; readonly initial: number; readonly min: number; readonly max: number }
  | { readonly kind: 'choice'; readonly initial: string; readonly choices: readonly string[] }
);

const count = (initial: number, max: number, what: string): Parameter => ({ kind: 'count', initial, max, what });
const number = (initial: number, min: number, max: number, what: string): Parameter => ({
  kind: 'number',
  initial,
  min,
  max,
  what,
});
const choice = (initial: string, choices: readonly string[], what: string): Parameter => ({
  kind: 'choice',
  initial,
  choices,
  what,
});

const noise = number(0.15, 0, 10, 'deviation of the noise, as a share of the range of the picture');
const baseline = choice('black', ['black', 'zero', 'mean', 'blur'], 'what covers the picture: see docs/methods.md');

/** Method id -> name -> parameter. Methods without settings are missing. */
export const parameters: Readonly<Record<string, Readonly<Record<string, Parameter>>>> = {
  scorecam: {
    weights: choice(
      'softmax',
      ['softmax', 'increase'],
      'channel weights: softmax over the scores, or the increase itself',
    ),
  },
  'smoothgradcam++': { samples: count(8, 10_000, 'noisy pictures'), noise },
  smoothgrad: { samples: count(32, 10_000, 'noisy pictures'), noise },
  'integrated-gradients': { steps: count(64, 100_000, 'points of the path'), baseline },
  occlusion: {
    window: number(0.125, 0.001, 1, 'side of the window, as a share of the longer side'),
    stride: number(0.5, 0.01, 1, 'step of the window, as a share of its side'),
    baseline,
  },
  rise: {
    masks: count(2000, 1_000_000, 'random masks'),
    cells: count(7, 100, 'cells of a mask along each side'),
    keep: number(0.5, 0.01, 0.99, 'probability that a cell is kept'),
    baseline,
  },
};

/** The settings of a method, those given in the place of the defaults. Throws GradcamError `unknown-setting`, `bad-option`. */
export function settingsOf(method: string, given: Readonly<Record<string, string>> = {}): ParameterValues {
  const known = parameters[method] ?? {};
  for (const name of Object.keys(given))
    if (!Object.hasOwn(known, name))
      throw unknownName(
        'setting',
        `${method}.${name}`,
        Object.keys(known).map((one) => `${method}.${one}`),
      );
  return Object.fromEntries(
    Object.entries(known).map(([name, parameter]) => {
      const text = given[name];
      return [name, text === undefined ? parameter.initial : valueOf(`${method}.${name}`, parameter, text)];
    }),
  );
}

function valueOf(name: string, parameter: Parameter, text: string): ParameterValue {
  const wrong = (expected: string): GradcamError =>
    new GradcamError({ code: 'bad-option', what: `the setting ${name} is wrong`, expected, found: text });
  if (parameter.kind === 'choice') {
    if (parameter.choices.includes(text)) return text;
    throw wrong(parameter.choices.join(', '));
  }
  const value = Number(text);
  const [min, whole] = parameter.kind === 'count' ? [1, true] : [parameter.min, false];
  if (text.trim() !== '' && value >= min && value <= parameter.max && (!whole || Number.isInteger(value))) return value;
  throw wrong(`a ${whole ? 'whole ' : ''}number, ${min} to ${parameter.max}`);
}
