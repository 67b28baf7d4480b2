// Options, one by one: as a caller gives them -> checked; and back again, as flags of a command line.
import { GradcamError } from './errors.ts';
import { unknownName } from './names.ts';

/** The error for an option's value. */
export function badOption(option: string, expected: string, value: unknown): GradcamError {
  const found = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return new GradcamError({ code: 'bad-option', what: `the option ${option} is wrong`, expected, found });
}

/** One of a table's ids. Throws GradcamError `unknown-<option>` with the nearest ones. */
export function requireChoice<T extends string>(option: string, value: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw unknownName(option, value, choices);
  return found;
}

/** A whole number from 1 on. Throws GradcamError `bad-option`. */
export function requireCount(option: string, value: unknown, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw badOption(option, `a whole number, 1 to ${max}`, value);
}

/** A whole number, `min` or above. Throws GradcamError `bad-option`. */
export function requireWhole(option: string, value: unknown, min = 0): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min) return value;
  throw badOption(option, `a whole number, ${min} or above`, value);
}

/** A number between both ends, or one of them. Throws GradcamError `bad-option`. */
export function requireNumber(option: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw badOption(option, `a number, ${min} to ${max}`, value);
}

/** A text that is not empty. Throws GradcamError `bad-option`. */
export function requireText(option: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw badOption(option, 'a text', value);
}

/** At least one text. Throws GradcamError `bad-option`. */
export function requireTexts(option: string, value: unknown): readonly string[] {
  const texts: unknown[] = Array.isArray(value) ? value : [];
  if (texts.length === 0) throw badOption(option, 'a list with at least one item', value);
  return texts.map((text) => requireText(option, text));
}

/** `--input-size` of `inputSize`. */
export function flagOf(option: string): string {
  return `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** How lists stand on a command line; others as one flag with several values. */
export interface ListFlags {
  /** Values in one argument, commas between. */
  readonly joined?: readonly string[];
  /** The flag again for each value. */
  readonly repeated?: readonly string[];
}

/** The options `names` of `spec` as arguments, in that order. What is undefined, null or false is left out. */
export function flagsOf<S extends object>(
  spec: S,
  names: readonly (keyof S & string)[],
  { joined = [], repeated = [] }: ListFlags = {},
): string[] {
  return names.flatMap((name) => {
    const value: unknown = spec[name];
    if (value === undefined || value === null || value === false) return [];
    const flag = flagOf(name);
    if (value === true) return [flag];
    const texts = [value].flat().map(String);
    if (joined.includes(name)) return [flag, texts.join(',')];
    return repeated.includes(name) ? texts.flatMap((text) => [flag, text]) : [flag, ...texts];
  });
}
