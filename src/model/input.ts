// Finds the image input of a graph, and settles how pictures become its tensor: run.json first, then what the model
// carries, then a stated default.
import { GradcamError } from '../lib/errors.ts';
import type { Graph, Port } from '../graph/graph.ts';
import type { InputSpec, PrepareSpec } from '../image/picture.ts';
import type { Model, ModelInput } from './model.ts';
import type { RunSpec } from './run-spec.ts';

const NEUTRAL = { resize: 'squash', scale: [0, 1], mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' } as const;
const DEFAULT_SIZE = [224, 224] as const;

/** The image input of an imported graph. Throws GradcamError `no-image-input`. */
export function findImageInput(graph: Graph, model: string): ModelInput {
  const images = graph.inputs.map(imageInput).filter((input) => input !== null);
  const [input, second] = images;
  if (input !== undefined && second === undefined && graph.inputs.length === 1) return input;
  const ports = graph.inputs.map(
    (port) => `${port.name} ${port.type.dtype}[${port.type.shape?.map((dim) => dim ?? '?').join(', ') ?? '?'}]`,
  );
  throw new GradcamError({
    code: 'no-image-input',
    what: `The model ${model} does not take one image.`,
    expected: 'one input [batch, 3, height, width] or [batch, height, width, 3], with 1 or 3 channels',
    found: ports.length === 0 ? 'no inputs' : ports.join('; '),
    hint: 'Export the image classifier by itself, with the image as its only input.',
  });
}

function imageInput(port: Port): ModelInput | null {
  const { dtype, shape } = port.type;
  if (shape === null || shape.length !== 4) return null;
  if (dtype !== 'float32' && dtype !== 'float16' && dtype !== 'float64' && dtype !== 'uint8') return null;
  const [batch = null, first = null, second = null, third = null] = shape;
  const colours = (dim: number | null): boolean => dim === 1 || dim === 3;
  const nhwc = colours(third) && !colours(first);
  const channels = nhwc ? third : (first ?? 3);
  if (!colours(channels)) return null;
  const [height, width] = nhwc ? [first, second] : [second, third];
  return {
    name: port.name,
    layout: nhwc ? 'nhwc' : 'nchw',
    batch,
    size: height !== null && width !== null ? [height, width] : null,
    channels: channels!,
    dtype,
  };
}

export interface InputChoice {
  readonly spec: PrepareSpec;
  readonly assumed: readonly string[];
}

/**
 * How pictures are prepared for a model. What is said (on the command line, in run.json) counts first. Throws GradcamError
 * where it contradicts the file.
 */
export function settleInput(model: Model, run: RunSpec): InputChoice {
  const given = run.input ?? {};
  const inferred = model.preprocessing?.spec ?? {};
  const fixed = model.input.size;
  if (given.size !== undefined && fixed !== null && (given.size[0] !== fixed[0] || given.size[1] !== fixed[1]))
    throw mismatch(model.path, given.size, fixed);
  const size = given.size ?? fixed ?? inferred.size ?? DEFAULT_SIZE;
  const assumed: string[] = [];
  if (given.size === undefined && fixed === null)
    assumed.push(
      `Input size ${size.join(' x ')} (height x width): ${inferred.size ? model.preprocessing!.why : 'the file leaves it open'}.`,
    );
  // Once somebody speaks of the values, what is left out is neutral: half a guess would be worse than none. So it is with the
  // places: a short side belongs to the size that it was inferred with.
  const spoken = VALUES.filter((key) => given[key] !== undefined);
  const placed = PLACES.some((key) => given[key] !== undefined);
  const guess = {
    ...(spoken.length > 0 ? {} : pick(inferred, VALUES)),
    ...(placed ? {} : pick(inferred, ['resize', 'shortSide'])),
  };
  const spec = fitted(model, { ...NEUTRAL, ...guess, ...given }, size);
  if (spoken.length === 0)
    assumed.push(
      `Pictures are prepared as ${describe(spec)}: ${model.preprocessing?.why ?? 'nothing in the file says otherwise'}.`,
    );
  else if (NORMALISING.some((key) => given[key] === undefined && inferred[key] !== undefined))
    assumed.push(`Of the values only ${spoken.join(', ')} was said, the rest stays as it is: ${describe(spec)}.`);
  return { spec, assumed };
}

const NORMALISING = ['scale', 'mean', 'std'] as const;
const VALUES = [...NORMALISING, 'channels'] as const;
const PLACES = ['size', 'resize', 'shortSide'] as const;

/** These fields, where they are there. */
function pick<K extends keyof InputSpec>(spec: Partial<InputSpec>, keys: readonly K[]): Partial<Pick<InputSpec, K>> {
  const found: Partial<Pick<InputSpec, K>> = {};
  for (const key of keys) if (spec[key] !== undefined) found[key] = spec[key];
  return found;
}

/** For the channels that the model takes. */
function fitted(model: Model, values: Omit<InputSpec, 'size'>, size: readonly [number, number]): PrepareSpec {
  const { resize, shortSide, scale } = values;
  const grey = model.input.channels === 1;
  const channels = grey ? 'grey' : values.channels === 'grey' ? 'rgb' : values.channels;
  const fit = (list: readonly number[]): readonly number[] =>
    grey ? [list[0]!] : list.length === 1 ? [list[0]!, list[0]!, list[0]!] : list;
  if (shortSide !== undefined && shortSide < Math.max(...size)) throw tooShort(model.path, shortSide, size);
  return {
    size,
    resize,
    ...(shortSide === undefined || resize !== 'crop' ? {} : { shortSide }),
    scale,
    mean: fit(values.mean),
    std: fit(values.std),
    channels,
    layout: model.input.layout,
  };
}

function describe(spec: Omit<InputSpec, 'size'>): string {
  const plain = spec.mean.every((value) => value === 0) && spec.std.every((value) => value === 1);
  const normal = plain ? 'no mean or deviation' : `mean [${spec.mean.join(', ')}], deviation [${spec.std.join(', ')}]`;
  const crop = spec.shortSide === undefined ? '' : ` out of ${spec.shortSide} pixels along the shorter side`;
  return `${spec.channels.toUpperCase()}, ${spec.resize}${crop}, values ${spec.scale.join('..')}, ${normal}`;
}

function mismatch(path: string, given: readonly number[], fixed: readonly number[]): GradcamError {
  return new GradcamError({
    code: 'input-size-mismatch',
    what: `The input size given for ${path} is not one that the model takes.`,
    expected: `[${fixed.join(', ')}] (height, width), fixed in the model file`,
    found: `[${given.join(', ')}]`,
    hint: 'Correct the size given (input.size in run.json, --input-size, of train --size), or leave it out.',
  });
}

function tooShort(path: string, shortSide: number, size: readonly number[]): GradcamError {
  return new GradcamError({
    code: 'bad-input-spec',
    what: `The shorter side given for ${path} is shorter than what is cut out of it.`,
    expected: `shortSide of at least ${Math.max(...size)}, the larger side of the input`,
    found: String(shortSide),
    hint: 'Correct input.shortSide or input.size in run.json (or --short-side, --input-size).',
  });
}
