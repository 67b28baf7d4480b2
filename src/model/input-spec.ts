// How pictures become a model's input, as run.json says it: checked field by field.
import type { InputSpec, ResizeMode } from '../image/picture.ts';
import { optional, record, wrong, type Check, type Place } from './checks.ts';

/** Fields of `input`, for hints at misspelt ones. */
export const INPUT_FIELDS = ['size', 'resize', 'shortSide', 'scale', 'mean', 'std', 'channels'] as const;

/** The `input` of a run.json. Throws GradcamError `bad-run-json`. */
export function inputSpec(value: unknown, place: Place): Partial<InputSpec> {
  const raw = record(value, place);
  const read = <T>(field: string, check: Check<T>) =>
    optional(raw, field, { file: place.file, field: `${place.field}.${field}` }, check);
  const spec = {
    ...read('size', size),
    ...read('resize', resizeMode),
    ...read('shortSide', side),
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
  if (spec.shortSide === undefined || spec.resize === 'crop') return spec;
  if (spec.resize === undefined) return { ...spec, resize: 'crop' };
  throw wrong(
    { file: place.file, field: `${place.field}.shortSide` },
    'it with "resize": "crop" alone',
    spec.shortSide,
  );
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

function side(value: unknown, place: Place): number {
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_SIDE) return Number(value);
  throw wrong(place, `a whole number of pixels, 1 to ${MAX_SIDE}`, value);
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
