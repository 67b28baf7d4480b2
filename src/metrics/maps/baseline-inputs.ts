// Inputs without the picture: what deleted pixels become and what insertion starts from.

/** zero: 0 after normalisation, the mean colour of training. mean: the picture's own mean colour. blur: the picture blurred. */
export type Baseline = 'zero' | 'mean' | 'blur';

export interface InputShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly layout: 'nchw' | 'nhwc';
}

/** Standard deviation of the blur as a share of the longer side: 10 pixels of 224. */
const BLUR = 10 / 224;

/** Float32 in the layout of `input`. */
export function baselineOf(kind: Baseline, input: Float32Array, shape: InputShape): Float32Array {
  switch (kind) {
    case 'zero':
      return new Float32Array(input.length);
    case 'mean':
      return meanColour(input, shape);
    case 'blur':
      return blurred(input, shape, BLUR * Math.max(shape.height, shape.width));
  }
}

function meanColour(input: Float32Array, { height, width, channels, layout }: InputShape): Float32Array {
  const size = height * width;
  const sums = new Float64Array(channels);
  const channelOf = (i: number): number => (layout === 'nchw' ? Math.floor(i / size) : i % channels);
  for (const [i, value] of input.entries()) sums[channelOf(i)]! += value;
  return input.map((_, i) => sums[channelOf(i)]! / size);
}

/**
 * Gaussian blur along rows, then columns, cut at two standard deviations (`sigma`, in pixels); at the borders the weights
 * of the pixels that are there sum to one.
 */
function blurred(input: Float32Array, shape: InputShape, sigma: number): Float32Array {
  const { height, width, channels, layout } = shape;
  const radius = Math.max(1, Math.round(2 * sigma));
  const weights = Float64Array.from({ length: radius + 1 }, (_, d) => Math.exp(-(d * d) / (2 * sigma * sigma)));
  const [stepX, stepY] = layout === 'nchw' ? [1, width] : [channels, width * channels];
  const plane = layout === 'nchw' ? height * width : 1;
  let from = input;
  for (const [count, step, others, otherStep] of [
    [width, stepX, height, stepY],
    [height, stepY, width, stepX],
  ] as const) {
    const to = new Float32Array(input.length);
    for (let channel = 0; channel < channels; channel++)
      for (let line = 0; line < others; line++)
        blurLine(from, to, { start: channel * plane + line * otherStep, step, count }, weights);
    from = to;
  }
  return from;
}

interface Line {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

function blurLine(from: Float32Array, to: Float32Array, { start, step, count }: Line, weights: Float64Array): void {
  const radius = weights.length - 1;
  for (let i = 0; i < count; i++) {
    let [sum, total] = [0, 0];
    for (let j = Math.max(0, i - radius); j <= Math.min(count - 1, i + radius); j++) {
      const weight = weights[Math.abs(i - j)]!;
      sum += weight * from[start + j * step]!;
      total += weight;
    }
    to[start + i * step] = sum / total;
  }
}
