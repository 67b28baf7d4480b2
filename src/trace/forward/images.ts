// Operations on batches of images: convolutions, pools, normalisation, sizes.
import { pooledInput, type AveragePoolOptions, type PoolOptions } from '../../tf/pool.ts';
import { convolvedInput, transposedInput, type ConvOptions, type ConvTransposeOptions } from '../../tf/conv.ts';
import type { Value } from '../value.ts';
import { kernel } from './kernel.ts';
import { misfit, reshape } from './shapes.ts';

/** As `conv2d` of src/tf/conv.ts. */
export function conv2d(x: Value, filter: Value, options: ConvOptions): Value {
  convolvedInput(x.shape, filter.shape, options);
  const { strides, pads, dilations, groups } = options;
  return kernel('GroupedConv2D', { x, filter }, { strides, pads, dilations, groups });
}

/** As `convTranspose2d` of src/tf/conv.ts. */
export function convTranspose2d(dy: Value, filter: Value, options: ConvTransposeOptions): Value {
  const inputShape = transposedInput(dy.shape, filter.shape, options);
  const { strides, pads, dilations, groups } = options;
  return kernel('GroupedConv2DInputGrad', { dy, filter }, { strides, pads, dilations, groups, inputShape });
}

/** As `maxPool2d` of src/tf/pool.ts. */
export function maxPool2d(x: Value, options: PoolOptions): Value {
  pooledInput(x.shape, options);
  return kernel('WindowMax2D', { x }, options);
}

/** As `averagePool2d` of src/tf/pool.ts. */
export function averagePool2d(x: Value, options: AveragePoolOptions): Value {
  pooledInput(x.shape, options);
  return kernel('WindowMean2D', { x }, options);
}

interface Statistics {
  readonly mean: Value;
  readonly variance: Value;
  readonly offset?: Value | undefined;
  readonly scale?: Value | undefined;
}

/** (x - mean) / sqrt(variance + epsilon) * scale + offset, statistics per element of the last of up to four axes. */
export function batchNorm(x: Value, { mean, variance, offset, scale }: Statistics, varianceEpsilon: number): Value {
  const channels = x.shape.at(-1) ?? 1;
  const parameters = [mean, variance, offset, scale].filter((value) => value !== undefined);
  const other = parameters.find(({ shape }) => shape.length !== 1 || shape[0] !== channels);
  if (other !== undefined || x.shape.length > 4)
    throw misfit('a normalisation', `${channels} numbers for [${x.shape.join(', ')}]`, `[${(other ?? x).shape.join(', ')}]`); // prettier-ignore
  const wide = reshape(x, [...new Array<number>(4 - x.shape.length).fill(1), ...x.shape]);
  const given = { mean, variance, ...(offset && { offset }), ...(scale && { scale }) };
  return reshape(kernel('FusedBatchNorm', { x: wide, ...given }, { varianceEpsilon }), x.shape);
}

interface Sampling {
  readonly alignCorners?: boolean;
  readonly halfPixelCenters?: boolean;
}

/** [batch, height, width, channels] -> the same of another height and width. */
export function resize(
  images: Value,
  size: readonly [number, number],
  mode: 'bilinear' | 'nearest',
  { alignCorners = false, halfPixelCenters = false }: Sampling = {},
): Value {
  if (images.shape.length !== 4 || !size.every((cells) => Number.isSafeInteger(cells) && cells > 0))
    throw misfit('a resizing', 'an image batch and a size', `[${images.shape.join(', ')}] to [${size.join(', ')}]`);
  const name = mode === 'bilinear' ? 'ResizeBilinear' : 'ResizeNearestNeighbor';
  return kernel(name, { images }, { size: [...size], alignCorners, halfPixelCenters });
}
