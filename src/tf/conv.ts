// Convolution with groups, dilations, strides and pads in any combination, its transpose and all their gradients:
// three kernels that TensorFlow.js lacks, closed under differentiation. Layout and meaning are ONNX's: NCHW, filters
// [out, in / groups, height, width], pads [top, left, bottom, right].
import { GradcamError } from '../lib/errors.ts';
import { runOwn, type OwnKernel } from './kernels.ts';
import type { tf } from './tfjs.ts';
import { outputSize, span } from './window.ts';

export interface ConvOptions {
  /** [height, width] */
  readonly strides: readonly [number, number];
  /** [top, left, bottom, right]; negative ones crop. */
  readonly pads: readonly [number, number, number, number];
  /** [height, width] */
  readonly dilations: readonly [number, number];
  readonly groups: number;
}

export interface ConvTransposeOptions extends ConvOptions {
  /** Rows and columns added at the bottom and the right of the result: [height, width]. */
  readonly outputPadding: readonly [number, number];
}

export interface ConvInputGradOptions extends ConvOptions {
  /** Shape of the convolution's input, which the gradient has too. */
  readonly inputShape: readonly [number, number, number, number];
}

export interface ConvFilterGradOptions extends ConvOptions {
  /** Shape of the convolution's filter, which the gradient has too. */
  readonly filterShape: readonly [number, number, number, number];
}

/**
 * x [batch, in, height, width], filter [out, in / groups, kernel height, kernel width] -> [batch, out, height', width'],
 * float32. Throws a GradcamError when channels and groups do not fit, or the window does not fit the padded input.
 */
export function conv2d(x: tf.Tensor4D, filter: tf.Tensor4D, options: ConvOptions): tf.Tensor4D {
  convolvedInput(x.shape, filter.shape, options);
  const { strides, pads, dilations, groups } = options;
  return runOwn(groupedConv, { x, filter }, { strides, pads, dilations, groups }) as tf.Tensor4D;
}

/**
 * The transpose of `conv2d` (ONNX ConvTranspose): x [batch, in, height, width],
 * filter [in, out / groups, kernel height, kernel width] -> [batch, out, height', width'] with
 * height' = (height - 1) * stride - pads + dilation * (kernel height - 1) + 1 + outputPadding.
 */
export function convTranspose2d(x: tf.Tensor4D, filter: tf.Tensor4D, options: ConvTransposeOptions): tf.Tensor4D {
  const { strides, pads, dilations, groups } = options;
  const inputShape = transposedInput(x.shape, filter.shape, options);
  return convInputGrad(x, filter, { strides, pads, dilations, groups, inputShape });
}

/** Shape of what a transposed convolution gives. Throws a GradcamError where it does not fit its input. */
export function transposedInput(
  shape: readonly number[],
  filter: readonly number[],
  options: ConvTransposeOptions,
): [number, number, number, number] {
  const { strides, pads, dilations, groups, outputPadding } = options;
  const size = (axis: 0 | 1): number =>
    (shape[2 + axis]! - 1) * strides[axis] -
    (pads[axis] + pads[2 + axis]!) +
    span(filter[2 + axis]!, dilations[axis]) +
    outputPadding[axis];
  const inputShape: [number, number, number, number] = [shape[0]!, filter[1]! * groups, size(0), size(1)];
  const { outHeight, outWidth, out } = convolvedInput(inputShape, filter, options);
  if (shape[1] !== out || shape[2] !== outHeight || shape[3] !== outWidth) {
    throw misfit(
      'transposed convolution',
      shape,
      filter,
      'as many channels as filters, output padding below the stride',
    );
  }
  return inputShape;
}

/** Gradient of `conv2d` with respect to its input: dy [batch, out, height', width'] -> `inputShape`. */
export function convInputGrad(dy: tf.Tensor4D, filter: tf.Tensor4D, options: ConvInputGradOptions): tf.Tensor4D {
  return runOwn(groupedConvInputGrad, { dy, filter }, options) as tf.Tensor4D;
}

/** Gradient of `conv2d` with respect to its filter: x [batch, in, height, width], dy [batch, out, height', width'] -> `filterShape`. */
export function convFilterGrad(x: tf.Tensor4D, dy: tf.Tensor4D, options: ConvFilterGradOptions): tf.Tensor4D {
  return runOwn(groupedConvFilterGrad, { x, dy }, options) as tf.Tensor4D;
}

/** y[n, o, p] = sum over i, k of filter[o, i, k] * x[n, i, p * stride - pad + k * dilation] */
const groupedConv: OwnKernel<'x' | 'filter', ConvOptions> = {
  name: 'GroupedConv2D',
  compute({ x, filter }, options) {
    const geometry = geometryOf(x.shape, filter.shape, options);
    const y = new Float64Array(geometry.batch * geometry.out * geometry.outHeight * geometry.outWidth);
    eachRow(geometry, (input, output, weight, count, step) => {
      const w = filter.values[weight]!;
      for (let k = 0, i = input; k < count; k++, i += step) y[output + k]! += w * x.values[i]!;
    });
    return { shape: [geometry.batch, geometry.out, geometry.outHeight, geometry.outWidth], values: y };
  },
  saved: ['x', 'filter'],
  gradient: (dy, { x, filter }, options) => ({
    x: () =>
      convInputGrad(dy as tf.Tensor4D, filter as tf.Tensor4D, { ...options, inputShape: (x as tf.Tensor4D).shape }),
    filter: () =>
      convFilterGrad(x as tf.Tensor4D, dy as tf.Tensor4D, { ...options, filterShape: (filter as tf.Tensor4D).shape }),
  }),
};

/** dx: every product of `groupedConv` sent back along the way it came. */
const groupedConvInputGrad: OwnKernel<'dy' | 'filter', ConvInputGradOptions> = {
  name: 'GroupedConv2DInputGrad',
  compute({ dy, filter }, options) {
    const geometry = geometryOf(options.inputShape, filter.shape, options);
    const dx = new Float64Array(options.inputShape.reduce((size, dim) => size * dim));
    eachRow(geometry, (input, output, weight, count, step) => {
      const w = filter.values[weight]!;
      for (let k = 0, i = input; k < count; k++, i += step) dx[i]! += w * dy.values[output + k]!;
    });
    return { shape: options.inputShape, values: dx };
  },
  saved: ['dy', 'filter'],
  gradient: (dx, { dy, filter }, options) => ({
    dy: () => conv2d(dx as tf.Tensor4D, filter as tf.Tensor4D, options),
    filter: () =>
      convFilterGrad(dx as tf.Tensor4D, dy as tf.Tensor4D, { ...options, filterShape: (filter as tf.Tensor4D).shape }),
  }),
};

/** dfilter: for every weight, the sum of what it was multiplied with times what came back for the product. */
const groupedConvFilterGrad: OwnKernel<'x' | 'dy', ConvFilterGradOptions> = {
  name: 'GroupedConv2DFilterGrad',
  compute({ x, dy }, options) {
    const geometry = geometryOf(x.shape, options.filterShape, options);
    const dfilter = new Float64Array(options.filterShape.reduce((size, dim) => size * dim));
    eachRow(geometry, (input, output, weight, count, step) => {
      let sum = 0;
      for (let k = 0, i = input; k < count; k++, i += step) sum += x.values[i]! * dy.values[output + k]!;
      dfilter[weight]! += sum;
    });
    return { shape: options.filterShape, values: dfilter };
  },
  saved: ['x', 'dy'],
  gradient: (dw, { x, dy }, options) => ({
    x: () => convInputGrad(dy as tf.Tensor4D, dw as tf.Tensor4D, { ...options, inputShape: (x as tf.Tensor4D).shape }),
    dy: () => conv2d(x as tf.Tensor4D, dw as tf.Tensor4D, options),
  }),
};

interface ConvGeometry extends ConvOptions {
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly out: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
}

function geometryOf(inputShape: readonly number[], filterShape: readonly number[], options: ConvOptions): ConvGeometry {
  const [batch = 0, channels = 0, height = 0, width = 0] = inputShape;
  const [out = 0, , kernelHeight = 0, kernelWidth = 0] = filterShape;
  const { strides, pads, dilations } = options;
  const outHeight = outputSize(height, kernelHeight, strides[0], dilations[0], pads[0], pads[2]);
  const outWidth = outputSize(width, kernelWidth, strides[1], dilations[1], pads[1], pads[3]);
  return { ...options, batch, channels, height, width, out, outHeight, outWidth, kernelHeight, kernelWidth };
}

/** What a convolution is over. Throws a GradcamError where channels or window do not fit the input. */
export function convolvedInput(
  input: readonly number[],
  filter: readonly number[],
  options: ConvOptions,
): ConvGeometry {
  const { groups } = options;
  if (input.length !== 4 || filter.length !== 4 || filter[1]! * groups !== input[1] || filter[0]! % groups !== 0) {
    throw misfit('convolution', input, filter, `channels that ${groups} group(s) share out evenly`);
  }
  const geometry = geometryOf(input, filter, options);
  if (geometry.outHeight < 1 || geometry.outWidth < 1) {
    throw misfit('convolution', input, filter, 'a window within the padded input');
  }
  return geometry;
}

function misfit(what: string, input: readonly number[], filter: readonly number[], expected: string): GradcamError {
  const found = `input [${input.join(', ')}], filter [${filter.join(', ')}]`;
  return new GradcamError({ code: 'conv-shapes', what: `A ${what} does not fit its input.`, expected, found });
}

/** Products of one weight along one output row: `count` of them, from flat index `input` in steps of `step`, and from `output`. */
type RowVisit = (input: number, output: number, weight: number, count: number, step: number) => void;

/** Every product of the convolution, row by row; positions outside the input are left out. */
function eachRow(geometry: ConvGeometry, visit: RowVisit): void {
  const { batch, channels, height, width, out, outHeight, outWidth, kernelHeight, kernelWidth, groups } = geometry;
  const { strides, dilations, pads } = geometry;
  const inPerGroup = channels / groups;
  const outPerGroup = out / groups;
  for (let kx = 0; kx < kernelWidth; kx++) {
    // Output columns whose input column x = ox * stride + shift lies in [0, width).
    const shift = kx * dilations[1] - pads[1];
    const first = Math.max(0, Math.ceil(-shift / strides[1]));
    const count = Math.min(outWidth, Math.floor((width - 1 - shift) / strides[1]) + 1) - first;
    if (count <= 0) continue;
    for (let n = 0; n < batch; n++) {
      for (let o = 0; o < out; o++) {
        const group = Math.floor(o / outPerGroup);
        for (let i = 0; i < inPerGroup; i++) {
          const inputPlane = (n * channels + group * inPerGroup + i) * height;
          const outputPlane = (n * out + o) * outHeight;
          for (let ky = 0; ky < kernelHeight; ky++) {
            const weight = ((o * inPerGroup + i) * kernelHeight + ky) * kernelWidth + kx;
            for (let oy = 0; oy < outHeight; oy++) {
              const y = oy * strides[0] + ky * dilations[0] - pads[0];
              if (y < 0 || y >= height) continue;
              const input = (inputPlane + y) * width + first * strides[1] + shift;
              visit(input, (outputPlane + oy) * outWidth + first, weight, count, strides[1]);
            }
          }
        }
      }
    }
  }
}
