// What need not be recorded, or can be part of something that is there anyway. Every rule is exact but for rounding.
import { float } from '../graph/attributes.ts';
import { elementwise } from './elementwise.ts';
import { repeat, type Elements } from './elements.ts';
import { padRank, sameNumbers, trimmed } from './layout.ts';
import type { Recorder } from './recorder.ts';
import { broadcastShape } from './shapes.ts';
import { storedShape, type RecordedValue, type Value } from './value.ts';

/** Factors of more elements than this stay separate: they are no scales of channels. */
const SCALES = 1 << 16;

/** Least float32 with all its digits. */
const LEAST_NORMAL = 2 ** -126;

/** A result of an arithmetic kernel that takes fewer nodes than the kernel's own, if there is one. */
export function simplified(recorder: Recorder, kernel: string, a: Value, b: Value): Value | null {
  const rule = rules[kernel];
  return withoutNeutral(recorder, kernel, a, b) ?? (rule === undefined ? null : rule(recorder, a, b));
}

type Rule = (recorder: Recorder, a: Value, b: Value) => Value | null;

const rules: Readonly<Record<string, Rule>> = {
  Add: swishGradient,
  Sub: complement,
  Multiply: scaledOnce,
  RealDiv: reciprocal,
};

/** x + 0, x - 0, x * 1, x / 1: x itself, repeated to the shape that both broadcast to. Null where nothing is neutral. */
function withoutNeutral(recorder: Recorder, kernel: string, a: Value, b: Value): Value | null {
  const neutral = { Add: 0, Sub: 0, Multiply: 1, RealDiv: 1 }[kernel];
  if (neutral === undefined) return null;
  const commutes = kernel === 'Add' || kernel === 'Multiply';
  const kept = isFilledWith(b, neutral) ? a : commutes && isFilledWith(a, neutral) ? b : null;
  return kept === null ? null : repeated(recorder, kept, broadcastShape([a.shape, b.shape]));
}

/** (x * c) * d with constants c and d: x * (c * d). Gradients of normalisations scale twice. */
function scaledOnce(recorder: Recorder, a: Value, b: Value): Value | null {
  const [x, factor] = a.kind === 'constant' ? [b, a] : [a, b];
  if (x.kind === 'constant' || factor.kind !== 'constant' || factor.shape.length > x.shape.length) return null;
  const earlier = scaleOf(recorder, x);
  if (earlier === null) return null;
  const rank = x.shape.length;
  const placed = recorder.constantIn(factor, x.order);
  const shapes = [padRank(placed.shape, rank), padRank(earlier.shape, rank)];
  const shape = broadcastShape(shapes);
  if (shape.reduce((size, dim) => size * dim, 1) > SCALES) return null;
  // The result must not be larger than x: a factor may repeat it.
  if (!shape.every((extent, place) => extent === 1 || extent === storedShape(x)[place])) return null;
  const [c, d] = [repeat(placed.elements, shapes[0]!, shape), repeat(earlier.elements, shapes[1]!, shape)];
  const product = Float32Array.from(c, (value, index) => value * d[index]!);
  const scale = recorder.constant(product, trimmed(shape), 'float32');
  return recorder.make('Mul', [earlier.unscaled.name, scale], { ...x, shape: broadcastShape([a.shape, b.shape]) });
}

/** x / c with a constant c of one number: x * (1 / c), which is several times as fast and can join other scales. */
function reciprocal(recorder: Recorder, a: Value, b: Value): Value | null {
  if (a.kind === 'constant' || b.kind !== 'constant' || a.dtype !== 'float32' || b.elements.length !== 1) return null;
  const inverse = Math.fround(1 / b.elements[0]!);
  if (!Number.isFinite(inverse) || Math.abs(inverse) < LEAST_NORMAL) return null;
  const factor = { ...b, elements: Float32Array.of(inverse) };
  return scaledOnce(recorder, a, factor) ?? elementwise(recorder, 'Mul', [a, factor]);
}

/**
 * 1 - s of a sigmoid s, as the hard sigmoid of slope -1 through 1: ONNX Runtime does that in the blocked layout of its
 * convolutions, where a subtraction would first bring s, and what it meets next, out of it.
 */
function complement(recorder: Recorder, a: Value, b: Value): Value | null {
  if (b.kind === 'constant' || !isFilledWith(a, 1) || a.shape.length > b.shape.length) return null;
  if (recorder.producerOf(b.name)?.op !== 'Sigmoid' || broadcastShape([a.shape, b.shape]).join() !== b.shape.join())
    return null;
  return recorder.make('HardSigmoid', [b.name], b, { alpha: float(-1), beta: float(1) });
}

/**
 * The gradient of y = x * s, s = sigmoid(x), arrives as dy * s + (dy * x) * (s * (1 - s)) and leaves as
 * dy * (s + y * (1 - s)): two passes less, and the factor does not wait for dy.
 */
function swishGradient(recorder: Recorder, a: Value, b: Value): Value | null {
  if (a.kind === 'constant' || b.kind === 'constant' || !sameNumbers(a.order, b.order)) return null;
  if (!sameNumbers(storedShape(a), storedShape(b)) || !sameNumbers(a.shape, b.shape)) return null;
  const factors = (name: string): readonly string[] | null => {
    const producer = recorder.producerOf(name);
    return producer?.op === 'Mul' ? producer.inputs : null;
  };
  const [dy, s] = factors(a.name) ?? [];
  const [dyX, slope] = factors(b.name) ?? [];
  if (dy === undefined || s === undefined || dyX === undefined || slope === undefined) return null;
  const [alsoDy, x] = factors(dyX) ?? [];
  const [alsoS, rest] = factors(slope) ?? [];
  if (x === undefined || rest === undefined || alsoDy !== dy || alsoS !== s) return null;
  const y = recorder.recordedOutput('Mul', [x, s]) ?? recorder.recordedOutput('Mul', [s, x]);
  const isSwish = recorder.recordedOutput('Sigmoid', [x]) === s && recorder.producerOf(rest)?.op === 'HardSigmoid';
  if (y === undefined || !isSwish || recorder.producerOf(rest)!.inputs[0] !== s) return null;
  const type = { dtype: 'float32', shape: recorder.shapeOf(y) } as const;
  const derivative = recorder.emit('Add', [s, recorder.emit('Mul', [y, rest], type)], type);
  return recorder.make('Mul', [dy, derivative], a);
}

/** A value that is another one times a constant. */
export interface Scaled {
  /** Lies as the scaled value lies. */
  readonly unscaled: RecordedValue;
  readonly elements: Elements;
  /** Of the constant, in physical order; leading axes of extent 1 are missing. */
  readonly shape: readonly number[];
}

/** Takes apart a float value that was recorded as a product with a constant; null for every other. */
export function scaleOf(recorder: Recorder, value: Value): Scaled | null {
  if (value.kind === 'constant' || value.dtype !== 'float32') return null;
  const producer = recorder.producerOf(value.name);
  if (producer?.op !== 'Mul') return null;
  for (const [kept, factor] of [producer.inputs, producer.inputs.toReversed()]) {
    const constant = recorder.constantNamed(factor!);
    if (constant === undefined || recorder.constantNamed(kept!) !== undefined) continue;
    if (!sameNumbers(recorder.shapeOf(kept!), storedShape(value))) continue;
    return { unscaled: { ...value, name: kept! }, ...constant };
  }
  return null;
}

/** The value repeated to a shape that it broadcasts to; the repetition stays pending. */
export function repeated(recorder: Recorder, value: Value, shape: readonly number[]): Value {
  if (sameNumbers(value.shape, shape)) return value;
  return { ...recorder.reshaped(value, padRank(value.shape, shape.length)), shape };
}

function isFilledWith(value: Value, number: number): boolean {
  if (value.kind !== 'constant') return false;
  return value.elements[0] === number && value.elements.every((element) => element === number);
}
