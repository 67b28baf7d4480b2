// Reads fields of layer configurations, which are unchecked JSON: each reader returns the type it names, falls back where
// the field is absent or null, and throws a GradcamError that names the layer and the field otherwise.
import { GradcamError } from '../../lib/errors.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** What an error about a configuration has to name. */
export interface Configured {
  /** Layer names from the outermost model inwards, joined by `/`. */
  readonly path: string;
  readonly className: string;
  readonly config: Fields;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** GradcamError `keras-config`: a field is not what its layer needs. */
export function badField(layer: Configured, field: string, expected: string): GradcamError {
  return new GradcamError({
    code: 'keras-config',
    what: `Layer ${layer.path} (${layer.className}): field "${field}" of its configuration cannot be used.`,
    expected,
    found: shown(layer.config[field]),
  });
}

export function numberOf(layer: Configured, field: string, fallback: number): number {
  const value = layer.config[field] ?? fallback;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw badField(layer, field, 'a number');
  return value;
}

export function wholeOf(layer: Configured, field: string, fallback: number): number {
  const value = numberOf(layer, field, fallback);
  if (!Number.isSafeInteger(value)) throw badField(layer, field, 'a whole number');
  return value;
}

export function flagOf(layer: Configured, field: string, fallback: boolean): boolean {
  const value = layer.config[field] ?? fallback;
  if (typeof value !== 'boolean') throw badField(layer, field, 'true or false');
  return value;
}

function textOf(layer: Configured, field: string, fallback: string): string {
  const value = layer.config[field] ?? fallback;
  if (typeof value !== 'string') throw badField(layer, field, 'a string');
  return value;
}

/** One of a few words. */
export function choiceOf<T extends string>(layer: Configured, field: string, choices: readonly T[], fallback: T): T {
  const value = textOf(layer, field, fallback);
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw badField(layer, field, `one of: ${choices.join(', ')}`);
  return found;
}

/** A field that is one number for both axes, or [height, width]. */
export function pairOf(layer: Configured, field: string, fallback: number | null): [number, number] {
  const value = layer.config[field] ?? fallback;
  if (isWhole(value)) return [value, value];
  if (isList(value) && value.length === 2 && isWhole(value[0]) && isWhole(value[1])) return [value[0], value[1]];
  throw badField(layer, field, 'a whole number or two of them');
}

/** Whole numbers: a list of them, or one alone. */
export function wholesOf(layer: Configured, field: string, fallback: readonly number[]): number[] {
  const value = layer.config[field] ?? fallback;
  const list = isList(value) ? value : [value];
  if (!list.every(isWhole)) throw badField(layer, field, 'whole numbers');
  return [...list];
}

/** `padding` and `cropping` of two axes: n, [vertical, horizontal], or [[top, bottom], [left, right]]. */
export function bordersOf(layer: Configured, field: string, fallback: number): [[number, number], [number, number]] {
  const value = layer.config[field] ?? fallback;
  const sides = isList(value) && value.length === 2 ? value : [value, value];
  const [vertical, horizontal] = sides.map((side): [number, number] => {
    if (isWhole(side) && side >= 0) return [side, side];
    if (isList(side) && side.length === 2 && isWhole(side[0]) && isWhole(side[1])) return [side[0], side[1]];
    throw badField(layer, field, 'n, [vertical, horizontal] or [[top, bottom], [left, right]]');
  });
  return [vertical!, horizontal!];
}

export function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

/** A JSON value cut to a length that fits an error. */
export function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
