// Resizing of images, NHWC. It is linear and separate in height and width, so its gradient is a product with one constant
// matrix on either side.
import { string } from '../../graph/attributes.ts';
import { tf } from '../../tf/tfjs.ts';
import { identity } from '../layout.ts';
import { lowering, type OpCase, type OpLowering } from '../op.ts';
import type { Recorder } from '../recorder.ts';
import { constantValue, type Value } from '../value.ts';

const TO_NCHW = [0, 3, 1, 2];
const TO_NHWC = [0, 2, 3, 1];

interface Sampling {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}
type Mode = 'linear' | 'nearest';

function resized(
  recorder: Recorder,
  images: Value,
  size: readonly [number, number],
  mode: Mode,
  sampling: Sampling,
): Value {
  const nchw = recorder.transposed(images, TO_NCHW);
  const shape = [...nchw.shape.slice(0, 2), ...size];
  const { alignCorners, halfPixelCenters } = sampling;
  const attributes = {
    mode: string(mode),
    coordinate_transformation_mode: string(
      alignCorners ? 'align_corners' : halfPixelCenters ? 'half_pixel' : 'asymmetric',
    ),
    nearest_mode: string(alignCorners || halfPixelCenters ? 'round_prefer_ceil' : 'floor'),
  };
  const inputs = [recorder.at(nchw), '', '', recorder.integers(shape)];
  return recorder.transposed(recorder.make('Resize', inputs, { shape, dtype: images.dtype }, attributes), TO_NHWC);
}

/** Weight of every cell of the source for every cell of the result, [source, result]. */
function weights(source: number, result: number, mode: Mode, { alignCorners, halfPixelCenters }: Sampling): Value {
  const scale = alignCorners && result > 1 ? (source - 1) / (result - 1) : source / result;
  const matrix = new Float32Array(source * result);
  for (const cell of identity(result)) {
    const half = halfPixelCenters && !alignCorners;
    const nearest = alignCorners ? Math.round(cell * scale) : Math.floor((cell + (half ? 0.5 : 0)) * scale);
    const exact = half ? (cell + 0.5) * scale - 0.5 : cell * scale;
    const place = Math.min(source - 1, Math.max(0, mode === 'nearest' ? nearest : exact));
    const below = Math.floor(place);
    const above = Math.min(source - 1, below + 1);
    matrix[below * result + cell]! += 1 - (place - below);
    matrix[above * result + cell]! += place - below;
  }
  return constantValue(matrix, [source, result], 'float32');
}

/** dy [batch, h', w', channels] -> [batch, h, w, channels]: weights of height times dy times weights of width. */
function resizeGrad(recorder: Recorder, images: Value, dy: Value, mode: Mode, sampling: Sampling): Value {
  const [, height, width] = images.shape as [number, number, number, number];
  const [batch, rows, columns, channels] = dy.shape as [number, number, number, number];
  const nchw = recorder.at(recorder.transposed(dy, TO_NCHW));
  const across = recorder.at(recorder.transposed(weights(width, columns, mode, sampling), [1, 0]));
  const wide = { dtype: 'float32', shape: [batch, channels, rows, width] } as const;
  const half = recorder.emit('MatMul', [nchw, across], wide);
  const down = recorder.at(weights(height, rows, mode, sampling));
  const made = { dtype: 'float32', shape: [batch, channels, height, width] } as const;
  return recorder.transposed(recorder.make('MatMul', [down, half], made), TO_NHWC);
}

function casesOf(resize: typeof tf.image.resizeBilinear): OpCase[] {
  const of = (title: string, size: [number, number], align: boolean, half: boolean): OpCase => ({
    title,
    inputs: [{ shape: [1, 3, 3, 2] }],
    compute: (x) => resize(x as tf.Tensor4D, size, align, half),
    // TensorFlow.js forgets half pixels in the gradient, and mixes up height and width where they differ.
    ...(half ? { gradient: false as const } : {}),
  });
  return [
    of('up', [6, 9], false, false),
    of('down', [2, 2], false, false),
    of('corners aligned', [5, 7], true, false),
    of('half pixels', [7, 5], false, true),
  ];
}

const gradientCases = (resize: typeof tf.image.resizeBilinear): OpCase[] =>
  casesOf(resize)
    .filter((entry) => entry.gradient !== false)
    .map((entry) => ({
      ...entry,
      compute: (x) => tf.grad((a: tf.Tensor) => tf.sum(tf.square(entry.compute(a) as tf.Tensor)))(x),
      gradient: false,
    }));

export const resizes: readonly OpLowering[] = [
  lowering<'images', tf.ResizeBilinearAttrs>('ResizeBilinear', {
    lower: (recorder, { images }, { size, ...sampling }) => resized(recorder, images, size, 'linear', sampling),
    cases: casesOf(tf.image.resizeBilinear),
  }),
  lowering<'images' | 'dy', Sampling>('ResizeBilinearGrad', {
    lower: (recorder, { images, dy }, sampling) => resizeGrad(recorder, images, dy, 'linear', sampling),
    cases: gradientCases(tf.image.resizeBilinear),
  }),
  lowering<'images', tf.ResizeNearestNeighborAttrs>('ResizeNearestNeighbor', {
    lower: (recorder, { images }, { size, ...sampling }) => resized(recorder, images, size, 'nearest', sampling),
    cases: casesOf(tf.image.resizeNearestNeighbor),
  }),
  lowering<'images' | 'dy', Sampling>('ResizeNearestNeighborGrad', {
    lower: (recorder, { images, dy }, sampling) => resizeGrad(recorder, images, dy, 'nearest', sampling),
    cases: gradientCases(tf.image.resizeNearestNeighbor),
  }),
];
