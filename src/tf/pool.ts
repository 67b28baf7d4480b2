// Pooling as ONNX means it, where TensorFlow.js falls short: uneven pads, dilations, ceil mode, padding counted or not, and
// gradients that agree with the forward pass at the borders. NCHW, pads [top, left, bottom, right].
import { GradcamError } from '../lib/errors.ts';
import { runOwn, type OwnKernel } from './kernels.ts';
import type { tf } from './tfjs.ts';
import { outputSize, span } from './window.ts';

export interface PoolOptions {
  /** [height, width] of the window. */
  readonly kernel: readonly [number, number];
  /** [height, width] */
  readonly strides: readonly [number, number];
  /** [top, left, bottom, right] */
  readonly pads: readonly [number, number, number, number];
  /** [height, width] */
  readonly dilations: readonly [number, number];
  /** Also take a last window that is only partly inside, as long as it starts inside the input or its leading padding. */
  readonly ceilMode: boolean;
}

export interface AveragePoolOptions extends PoolOptions {
  /** Whether cells of padding count in the divisor (they never do beyond the padding, where ceil mode reaches). */
  readonly countPadding: boolean;
}

/** x [batch, channels, height, width] -> [batch, channels, height', width'], the greatest value under each window. */
export function maxPool2d(x: tf.Tensor4D, options: PoolOptions): tf.Tensor4D {
  pooledInput(x.shape, options);
  return runOwn(windowMax, { x }, { ...options }) as tf.Tensor4D;
}

/** x [batch, channels, height, width] -> [batch, channels, height', width'], the mean under each window. */
export function averagePool2d(x: tf.Tensor4D, options: AveragePoolOptions): tf.Tensor4D {
  pooledInput(x.shape, options);
  return runOwn(windowMean, { x }, { ...options }) as tf.Tensor4D;
}

/** The gradient goes to the first greatest cell of each window, in row order. */
const windowMax: OwnKernel<'x', PoolOptions> = {
  name: 'WindowMax2D',
  compute({ x }, options) {
    const y: number[] = [];
    eachWindow(x.shape, options, (cells) => y.push(x.values[argMax(x.values, cells)]!));
    return { shape: pooledShape(x.shape, options), values: y };
  },
  saved: ['x'],
  gradient: (dy, { x }, options) => ({ x: () => runOwn(windowMaxGrad, { x, dy }, options) }),
};

/** x, dy -> dx. Linear in dy; its own gradient with respect to x is zero and left out. */
const windowMaxGrad: OwnKernel<'x' | 'dy', PoolOptions> = {
  name: 'WindowMax2DGrad',
  compute({ x, dy }, options) {
    const dx = new Float64Array(x.values.length);
    eachWindow(x.shape, options, (cells, window) => {
      dx[argMax(x.values, cells)]! += dy.values[window]!;
    });
    return { shape: x.shape, values: dx };
  },
  saved: [],
  gradient: () => {
    throw new GradcamError({
      code: 'no-gradient',
      what: 'The gradient of max pooling was differentiated again.',
      hint: 'Use a method that needs first derivatives only.',
    });
  },
};

const windowMean: OwnKernel<'x', AveragePoolOptions> = {
  name: 'WindowMean2D',
  compute({ x }, options) {
    const y: number[] = [];
    eachWindow(x.shape, options, (cells, _, divisor) => {
      y.push(cells.reduce((sum, cell) => sum + x.values[cell]!, 0) / divisor);
    });
    return { shape: pooledShape(x.shape, options), values: y };
  },
  saved: ['x'],
  gradient: (dy, { x }, options) => ({ x: () => runOwn(windowMeanGrad, { dy }, { ...options, inputShape: x.shape }) }),
};

/** dy -> dx of shape `inputShape`. */
const windowMeanGrad: OwnKernel<'dy', AveragePoolOptions & { readonly inputShape: readonly number[] }> = {
  name: 'WindowMean2DGrad',
  compute({ dy }, options) {
    const dx = new Float64Array(options.inputShape.reduce((size, dim) => size * dim));
    eachWindow(options.inputShape, options, (cells, window, divisor) => {
      for (const cell of cells) dx[cell]! += dy.values[window]! / divisor;
    });
    return { shape: options.inputShape, values: dx };
  },
  saved: [],
  gradient: (dx, _, options) => ({ dy: () => averagePool2d(dx as tf.Tensor4D, options) }),
};

/** [batch, channels, height', width'] of the pooled map; shared with the kernels' lowerings. */
export function pooledShape(shape: readonly number[], options: PoolOptions): [number, number, number, number] {
  return [shape[0]!, shape[1]!, windowsAlong(shape, options, 0), windowsAlong(shape, options, 1)];
}

/** How many cells the windows at each place are divided by, [height', width'] row by row. */
export function divisors(shape: readonly number[], options: AveragePoolOptions): number[] {
  const [, , rows, columns] = pooledShape(shape, options);
  const along = (axis: 0 | 1, count: number): number[] =>
    Array.from({ length: count }, (_, window) => {
      const { inside, padded } = cellsAlong(shape, options, axis, window);
      return options.countPadding ? padded : inside.length;
    });
  const perColumn = along(1, columns);
  return along(0, rows).flatMap((row) => perColumn.map((column) => row * column));
}

function windowsAlong(shape: readonly number[], options: PoolOptions, axis: 0 | 1): number {
  const size = shape[2 + axis]!;
  const [stride, before, after] = [options.strides[axis], options.pads[axis], options.pads[2 + axis]!];
  const slack = options.ceilMode ? stride - 1 : 0;
  const windows = outputSize(size, options.kernel[axis], stride, options.dilations[axis], before, after + slack);
  return options.ceilMode && (windows - 1) * stride >= size + before ? windows - 1 : windows;
}

/** Indices of one window's cells along one axis that lie inside the input, and how many lie inside input and padding. */
function cellsAlong(
  shape: readonly number[],
  options: PoolOptions,
  axis: 0 | 1,
  window: number,
): { inside: number[]; padded: number } {
  const size = shape[2 + axis]!;
  const start = window * options.strides[axis] - options.pads[axis];
  const cells = Array.from({ length: options.kernel[axis] }, (_, k) => start + k * options.dilations[axis]);
  return {
    inside: cells.filter((cell) => cell >= 0 && cell < size),
    padded: cells.filter((cell) => cell < size + options.pads[2 + axis]!).length,
  };
}

/** Every window in output order: flat indices of its cells inside the input, its own flat index, what a mean divides by. */
function eachWindow(
  shape: readonly number[],
  options: PoolOptions & { readonly countPadding?: boolean },
  visit: (cells: readonly number[], window: number, divisor: number) => void,
): void {
  const [batch, channels, rows, columns] = pooledShape(shape, options);
  const [height, width] = [shape[2]!, shape[3]!];
  const byRow = Array.from({ length: rows }, (_, row) => cellsAlong(shape, options, 0, row));
  const byColumn = Array.from({ length: columns }, (_, column) => cellsAlong(shape, options, 1, column));
  let window = 0;
  for (let plane = 0; plane < batch * channels; plane++) {
    for (const row of byRow) {
      for (const column of byColumn) {
        const cells = row.inside.flatMap((y) => column.inside.map((x) => (plane * height + y) * width + x));
        visit(cells, window++, options.countPadding === true ? row.padded * column.padded : cells.length);
      }
    }
  }
}

function argMax(values: ArrayLike<number>, cells: readonly number[]): number {
  return cells.reduce((best, cell) => (values[cell]! > values[best]! ? cell : best));
}

/** Throws a GradcamError where windows do not fit the input. */
export function pooledInput(shape: readonly number[], options: PoolOptions): void {
  const tooMuchPadding = ([0, 1] as const).some((axis) => {
    const widest = span(options.kernel[axis], options.dilations[axis]);
    return options.pads[axis] >= widest || options.pads[2 + axis]! >= widest;
  });
  if (shape.length !== 4 || tooMuchPadding || pooledShape(shape, options).some((dim) => dim < 1)) {
    throw new GradcamError({
      code: 'pool-shapes',
      what: 'A pooling window does not fit its input.',
      expected: 'a window within the padded input, padding narrower than the window',
      found: `input [${shape.join(', ')}], window [${options.kernel.join(', ')}], pads [${options.pads.join(', ')}]`,
    });
  }
}
