// Convolution in ONNX's terms, shared by every kernel that convolves: forward, with respect to the input, with respect to the
// filter. Values come in as NCHW and OIHW views, wherever they lie.
import { int, ints } from '../graph/attributes.ts';
import { sizeOf } from '../graph/tensor.ts';
import { outputSize, span } from '../tf/window.ts';
import { scaleOf } from './algebra.ts';
import { like, type Elements } from './elements.ts';
import { identity, sameNumbers } from './layout.ts';
import type { Attributes, Recorder } from './recorder.ts';
import { constantValue, type Value } from './value.ts';

type Pair = readonly [number, number];

export interface Convolution {
  readonly strides: Pair;
  /** [top, left, bottom, right] */
  readonly pads: readonly [number, number, number, number];
  readonly dilations: Pair;
  readonly groups: number;
}

const NCHW = identity(4);

/** x [batch, in, h, w], filter [out, in / groups, kh, kw], bias [out] -> [batch, out, h', w'] */
export function convolved(recorder: Recorder, x: Value, filter: Value, convolution: Convolution, bias?: Value): Value {
  const { strides, pads, dilations } = convolution;
  const size = (axis: 0 | 1): number =>
    outputSize(
      x.shape[2 + axis]!,
      filter.shape[2 + axis]!,
      strides[axis],
      dilations[axis],
      pads[axis],
      pads[2 + axis]!,
    );
  const inputs = [recorder.at(x), recorder.at(filter), ...(bias === undefined ? [] : [recorder.at(bias)])];
  const shape = [x.shape[0]!, filter.shape[0]!, size(0), size(1)];
  return recorder.make('Conv', inputs, { shape, dtype: 'float32' }, attributesOf(filter, convolution));
}

/**
 * The gradient with respect to the input, `inputShape`: a convolution with the turned filter where the stride is 1, since
 * those have the fast kernels; a transposed convolution otherwise. A constant scale of dy's channels moves into the filter.
 */
export function convolvedInputGrad(
  recorder: Recorder,
  scaledDy: Value,
  scaledFilter: Value,
  inputShape: readonly number[],
  convolution: Convolution,
): Value {
  const [dy, filter] = absorbScale(recorder, scaledDy, scaledFilter);
  const { strides, pads, dilations, groups } = convolution;
  const [reachY, reachX] = [span(filter.shape[2]!, dilations[0]) - 1, span(filter.shape[3]!, dilations[1]) - 1];
  const turnedPads = [reachY - pads[0], reachX - pads[1], reachY - pads[2], reachX - pads[3]] as const;
  const isPlain = strides[0] === 1 && strides[1] === 1 && turnedPads.every((pad) => pad >= 0);
  if (isPlain && !isHeavy(filter, dy.shape, inputShape)) {
    return convolved(recorder, dy, turned(recorder, filter, groups), { ...convolution, pads: turnedPads });
  }
  const missing = (axis: 0 | 1): number =>
    inputShape[2 + axis]! -
    ((dy.shape[2 + axis]! - 1) * strides[axis] +
      span(filter.shape[2 + axis]!, dilations[axis]) -
      pads[axis] -
      pads[2 + axis]!);
  const padding = [missing(0), missing(1)];
  const cropped = [pads[0], pads[1], pads[2] - Math.min(0, padding[0]!), pads[3] - Math.min(0, padding[1]!)] as const;
  const attributes = {
    ...attributesOf(filter, { ...convolution, pads: cropped }),
    output_padding: ints(padding.map((cells) => Math.max(0, cells))),
  };
  return recorder.make(
    'ConvTranspose',
    [recorder.at(dy), recorder.at(filter)],
    { shape: inputShape, dtype: 'float32' },
    attributes,
  );
}

/** Whether a filter that is learnt has more elements than the maps: turning it at every step would cost more than it saves. */
function isHeavy(filter: Value, dyShape: readonly number[], inputShape: readonly number[]): boolean {
  const isPoint = filter.shape[2]! * filter.shape[3]! === 1;
  return filter.kind === 'recorded' && !isPoint && sizeOf(filter.shape) > sizeOf(dyShape) + sizeOf(inputShape);
}

function attributesOf(filter: Value, { strides, pads, dilations, groups }: Convolution): Attributes {
  return {
    kernel_shape: ints(filter.shape.slice(2)),
    strides: ints(strides),
    pads: ints(pads),
    dilations: ints(dilations),
    group: int(groups),
  };
}

/** [out, in / groups, kh, kw] -> [in, out / groups, kh, kw] with both places turned round. */
function turned(recorder: Recorder, unturned: Value, groups: number): Value {
  const [, , rows, columns] = unturned.shape as [number, number, number, number];
  const isLearnt = unturned.kind === 'recorded' && rows * columns > 1;
  const filter = isLearnt ? reversedPlaces(recorder, unturned) : unturned;
  const [out, inPerGroup, height, width] = filter.shape as [number, number, number, number];
  const split = recorder.reshaped(filter, [groups, out / groups, inPerGroup, height, width]);
  const exchanged = recorder.transposed(split, [0, 2, 1, 3, 4]);
  const swapped = recorder.reshaped(exchanged, [groups * inPerGroup, out / groups, height, width]);
  return height * width === 1 || isLearnt ? swapped : reversedPlaces(recorder, swapped);
}

/** The last two axes of a filter, both reversed. */
function reversedPlaces(recorder: Recorder, filter: Value): Value {
  const places = filter.shape[2]! * filter.shape[3]!;
  if (filter.kind === 'constant') {
    const elements = recorder.movedOnce(recorder.elements(filter), `turn ${places}`, (from) =>
      turnedRuns(from, places),
    );
    return constantValue(elements, filter.shape, filter.dtype);
  }
  // A product with ones on the other diagonal is several times as fast as a slice with negative steps.
  const rows = recorder.at(recorder.reshaped(filter, [filter.shape[0]! * filter.shape[1]!, places]));
  const ones = Float32Array.from({ length: places * places }, (_, cell) =>
    Math.floor(cell / places) + (cell % places) === places - 1 ? 1 : 0,
  );
  const turner = recorder.constant(ones, [places, places], 'float32');
  const made = { shape: [filter.shape[0]! * filter.shape[1]!, places], dtype: filter.dtype };
  return recorder.reshaped(recorder.make('MatMul', [rows, turner], made), filter.shape);
}

/** Every run of `length` elements reversed. */
function turnedRuns(elements: Elements, length: number): Elements {
  const result = like(elements, elements.length);
  for (let start = 0; start < elements.length; start += length) {
    for (let i = 0; i < length; i++) result[start + i] = elements[start + length - 1 - i]!;
  }
  return result;
}

/** dy = v * scale per channel, filter constant: v, and the filter with the scale in it. Otherwise both as they are. */
function absorbScale(recorder: Recorder, dy: Value, filter: Value): [Value, Value] {
  if (filter.kind !== 'constant' || dy.kind === 'constant' || !sameNumbers(dy.order, NCHW)) return [dy, filter];
  const scaled = scaleOf(recorder, dy);
  const out = filter.shape[0]!;
  const perChannel = scaled !== null && (scaled.elements.length === 1 || sameNumbers(scaled.shape, [out, 1, 1]));
  if (!perChannel) return [dy, filter];
  const { unscaled, elements: scale } = scaled;
  const elements = new Float32Array(recorder.elements(filter));
  const perFilter = elements.length / out;
  for (let channel = 0; channel < out; channel++) {
    const factor = scale.length === 1 ? scale[0]! : scale[channel]!;
    for (let i = channel * perFilter; i < (channel + 1) * perFilter; i++) elements[i]! *= factor;
  }
  return [unscaled, constantValue(elements, filter.shape, 'float32')];
}
