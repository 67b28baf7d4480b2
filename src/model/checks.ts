// Checks of what people write into run.json: `unknown` in, a typed value or a GradcamError that names file and field out.
import { GradcamError } from '../lib/errors.ts';

export interface Place {
  readonly file: string;
  /** Path of the field, dots between; empty for the file as a whole. */
  readonly field: string;
}

export type Check<T> = (value: unknown, place: Place) => T;

/** `{ [field]: checked }`, or nothing where the field is absent or null. */
export function optional<K extends string, T>(
  raw: Readonly<Record<string, unknown>>,
  key: K,
  place: Place,
  check: Check<T>,
): { [P in K]?: T } {
  const value = raw[key];
  if (value === undefined || value === null) return {};
  return { [key]: check(value, place) } as { [P in K]: T };
}

export function wrong({ file, field }: Place, expected: string, value: unknown): GradcamError {
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

export function record(value: unknown, place: Place): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(place, 'an object { ... }', value);
  return Object.fromEntries(Object.entries(value));
}

export function text(value: unknown, place: Place): string {
  if (typeof value !== 'string' || value.trim() === '') throw wrong(place, 'a text in double quotes', value);
  return value;
}

export function textOrIndex(value: unknown, place: Place): string {
  if (typeof value === 'number' && Number.isInteger(value)) return String(value);
  if (typeof value !== 'string' || value.trim() === '')
    throw wrong(place, 'a name in double quotes, or an index', value);
  return value;
}

export function flag(value: unknown, place: Place): boolean {
  if (typeof value !== 'boolean') throw wrong(place, 'true or false', value);
  return value;
}

export function positive(value: unknown, place: Place): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) throw wrong(place, 'a number above 0', value);
  return value;
}

export function classNames(value: unknown, place: Place): readonly string[] {
  if (!Array.isArray(value) || value.length === 0)
    throw wrong(place, 'a list of class names, in the order of the outputs', value);
  return value.map((name: unknown, i) => {
    if (typeof name === 'number' || (typeof name === 'string' && name.trim() !== '')) return String(name);
    throw wrong({ ...place, field: `${place.field}[${i}]` }, 'a class name', name);
  });
}
