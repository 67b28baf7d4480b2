// Pooling in ONNX's terms, shared by every kernel that pools. Values come in as NCHW views, wherever they lie.
import { int, ints } from '../graph/attributes.ts';
import { sizeOf } from '../graph/tensor.ts';
import { divisors, type AveragePoolOptions, type PoolOptions } from '../tf/pool.ts';
import { span } from '../tf/window.ts';
import { repeated } from './algebra.ts';
import { elementwise } from './elementwise.ts';
import { convolved, convolvedInputGrad } from './filters.ts';
import type { Attributes, Recorder } from './recorder.ts';
import { constantValue, filled, type Value } from './value.ts';

export type Pool = PoolOptions;

function attributesOf({ kernel, strides, pads, ceilMode }: Pool): Attributes {
  return { kernel_shape: ints(kernel), strides: ints(strides), pads: ints(pads), ceil_mode: int(ceilMode ? 1 : 0) };
}

function maxAttributes(pool: Pool): Attributes {
  return { ...attributesOf(pool), dilations: ints(pool.dilations) };
}

/** x [batch, channels, h, w] -> `shape`, the greatest value under each window. */
export function maxPooled(recorder: Recorder, x: Value, shape: readonly number[], pool: Pool): Value {
  return recorder.make('MaxPool', [recorder.at(x)], { shape, dtype: 'float32' }, maxAttributes(pool));
}

/** x [batch, channels, h, w] -> `shape`, the mean under each window. */
export function averagePooled(recorder: Recorder, x: Value, shape: readonly number[], pool: AveragePoolOptions): Value {
  // Up to opset 18 the node knows no dilations: a sum by a convolution with ones.
  if (pool.dilations.some((dilation) => dilation !== 1)) return dilatedMean(recorder, x, shape, pool);
  const attributes = { ...attributesOf(pool), count_include_pad: int(pool.countPadding ? 1 : 0) };
  return recorder.make('AveragePool', [recorder.at(x)], { shape, dtype: 'float32' }, attributes);
}

/** The mean under windows with gaps: a sum by a convolution with ones, shared out. */
function dilatedMean(recorder: Recorder, x: Value, shape: readonly number[], pool: AveragePoolOptions): Value {
  const { kernel, strides, dilations, pads } = pool;
  const [, channels, rows, columns] = shape as [number, number, number, number];
  const reach = (axis: 0 | 1): number => (shape[2 + axis]! - 1) * strides[axis] + span(kernel[axis], dilations[axis]);
  const after = (axis: 0 | 1): number => Math.max(0, reach(axis) - pads[axis] - x.shape[2 + axis]!);
  const convolution = { strides, dilations, groups: channels, pads: [pads[0], pads[1], after(0), after(1)] } as const;
  const sums = convolved(recorder, x, ones(channels, kernel), convolution);
  return elementwise(recorder, 'Mul', [sums, shares(divisors(x.shape, pool), rows, columns)]);
}

/** One over the sizes of the windows, [rows, columns]. */
function shares(perWindow: readonly number[], rows: number, columns: number): Value {
  const same = perWindow.every((divisor) => divisor === perWindow[0]);
  if (same) return filled(1 / perWindow[0]!, [], 'float32');
  const elements = Float32Array.from(perWindow, (divisor) => 1 / divisor);
  return constantValue(elements, [rows, columns], 'float32');
}

/** A filter of ones for every channel by itself. */
function ones(channels: number, kernel: readonly [number, number]): Value {
  const elements = new Float32Array(channels * kernel[0] * kernel[1]).fill(1);
  return constantValue(elements, [channels, 1, ...kernel], 'float32');
}

/** dy goes to the greatest cell of each window. Windows may overlap: what meets in a cell adds up. */
export function maxPoolGrad(recorder: Recorder, x: Value, dy: Value, pool: Pool): Value {
  const types = [
    { dtype: 'float32', shape: dy.shape },
    { dtype: 'int64', shape: dy.shape },
  ] as const;
  const cells = recorder.emitAll('MaxPool', [recorder.at(x)], types, maxAttributes(pool))[1]!;
  const [windows, size] = [sizeOf(dy.shape), sizeOf(x.shape)];
  const flatCells = recorder.viewed(cells, dy.shape, [windows], 'int64');
  const flatDy = recorder.at(recorder.reshaped(dy, [windows]));
  const zeros = recorder.at(filled(0, [size], 'float32'));
  const made = { shape: [size], dtype: 'float32' } as const;
  const flat = recorder.make('ScatterElements', [zeros, flatCells, flatDy], made, {
    axis: int(0),
    reduction: { kind: 'string', value: 'add' },
  });
  return recorder.reshaped(flat, x.shape);
}

/**
 * dy, divided by the size of each window, goes to all its cells. `perWindow` are those sizes, [height', width'] row by row.
 * Windows side by side repeat what they get; windows that overlap are a convolution with ones.
 */
export function averagePoolGrad(
  recorder: Recorder,
  dy: Value,
  inputShape: readonly number[],
  perWindow: readonly number[],
  { kernel, strides, pads, dilations }: Pool,
): Value {
  const [, channels, height, width] = inputShape as [number, number, number, number];
  const [batch, , rows, columns] = dy.shape as [number, number, number, number];
  const shared = elementwise(recorder, 'Mul', [dy, shares(perWindow, rows, columns)]);
  const sideBySide = kernel.every((size, axis) => size === strides[axis]) && pads.every((pad) => pad === 0);
  if (sideBySide && rows * kernel[0] === height && columns * kernel[1] === width) {
    const cells = recorder.reshaped(shared, [batch, channels, rows, 1, columns, 1]);
    const wide = repeated(recorder, cells, [batch, channels, rows, kernel[0], columns, kernel[1]]);
    return recorder.reshaped(wide, inputShape);
  }
  return convolvedInputGrad(recorder, shared, ones(channels, kernel), inputShape, {
    strides,
    pads,
    dilations,
    groups: channels,
  });
}
