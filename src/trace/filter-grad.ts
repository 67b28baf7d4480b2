// The gradient of a convolution with respect to its filter: matrix products of dy with what each tap of the filter saw. There
// are several ways to the same sum; which one is fastest in ONNX Runtime depends on the shapes and was measured
// (bench/TRAIN.md): slices of the map cost as much as products, and few rows or columns leave a product slow.
import { int, ints } from '../graph/attributes.ts';
import type { Convolution } from './filters.ts';
import type { Recorder } from './recorder.ts';
import type { Value } from './value.ts';

/** Fewer input channels than this: a product for every tap has too few columns, one takes all taps. */
const FEW = 16;
/** From so many on each tap has a product of its own. */
const MANY = 128;

interface Sizes {
  readonly batch: number;
  readonly out: number;
  /** Input channels of one group. */
  readonly per: number;
  readonly groups: number;
  /** Places of dy: [height, width]. */
  readonly size: readonly [number, number];
  readonly kernel: readonly [number, number];
}

/** x [batch, in, h, w], dy [batch, out, h', w'] -> [out, in / groups, kh, kw] */
export function filterGrad(
  recorder: Recorder,
  x: Value,
  dy: Value,
  filterShape: readonly number[],
  convolution: Convolution,
): Value {
  const [out, per, height, width] = filterShape as [number, number, number, number];
  const [batch, , outHeight, outWidth] = dy.shape as [number, number, number, number];
  const { groups } = convolution;
  const sizes = { batch, out, per, groups, size: [outHeight, outWidth], kernel: [height, width] } as const;
  if (per === 1 && out === groups && height * width > 1) {
    return depthwise(recorder, x, dy, sizes, convolution);
  }
  return isFolded(sizes) ? folded(recorder, x, dy, sizes, convolution) : perImage(recorder, x, dy, sizes, convolution);
}

/**
 * Whether the batch becomes part of the summed axis. Otherwise there is a product for each image, and they are added up: less
 * to move where maps are large and filters small.
 */
function isFolded({ out, per, groups, size, kernel }: Sizes): boolean {
  if (groups > 1) return false;
  const isPoint = kernel[0] * kernel[1] === 1;
  return isPoint ? out * per * 3 > size[0] * size[1] * (out + per) : per >= MANY;
}

/**
 * One filter a channel: the convolution of each image's channel with its dy, as if they were groups, dilated by the stride:
 * [1, batch * channels, h, w] with [batch * channels, 1, h', w']. ONNX Runtime's own kernel for groups is slow at that, its
 * blocked one is not (graph/passes/blocked).
 */
function depthwise(
  recorder: Recorder,
  x: Value,
  dy: Value,
  { batch, out, size, kernel }: Sizes,
  { strides, pads, dilations }: Convolution,
): Value {
  const [, , height, width] = x.shape as [number, number, number, number];
  const planes = batch * out;
  // Rows and columns that the last window leaves over are cut off by the padding.
  const after = ([height, width] as const).map((extent, axis) => {
    const reach = (size[axis]! - 1) * strides[axis]! + (kernel[axis]! - 1) * dilations[axis]! + 1;
    return reach - extent - pads[axis]!;
  });
  const inside = after.map((pad, axis) => (pad < 0 ? x.shape[2 + axis]! + pad : x.shape[2 + axis]!));
  const cropped = cropTo(recorder, x, inside);
  const inputs = [
    recorder.at(recorder.reshaped(cropped, [1, planes, ...inside])),
    recorder.at(recorder.reshaped(dy, [planes, 1, ...size])),
  ];
  const made = { shape: [1, planes, ...kernel], dtype: 'float32' } as const;
  const products = recorder.make('Conv', inputs, made, {
    kernel_shape: ints(size),
    strides: ints(dilations),
    pads: ints([pads[0], pads[1], ...after.map((pad) => Math.max(0, pad))]),
    dilations: ints(strides),
    group: int(planes),
  });
  const summed = sumOverBatch(recorder, recorder.reshaped(products, [batch, out, kernel[0] * kernel[1]]));
  return recorder.reshaped(summed, [out, 1, ...kernel]);
}

/** dy [out, batch * places] times each tap's [in, batch * places], turned. */
function folded(recorder: Recorder, x: Value, dy: Value, sizes: Sizes, convolution: Convolution): Value {
  const { batch, out, per, size, kernel } = sizes;
  const cells = batch * size[0] * size[1];
  const left = recorder.at(recorder.reshaped(byChannel(recorder, dy), [out, cells]));
  const made = { shape: [out, per], dtype: 'float32' } as const;
  const products = tapsOf(recorder, byChannel(recorder, x), sizes, convolution).map((tap) => {
    const right = recorder.at(recorder.reshaped(tap, [per, cells]));
    return recorder.make('Gemm', [left, right], made, { transB: int(1) });
  });
  return fromTaps(recorder, products, [out, per, ...kernel]);
}

/** A product for each image and group, over one or several taps at a time, added up over the batch. */
function perImage(recorder: Recorder, x: Value, dy: Value, sizes: Sizes, convolution: Convolution): Value {
  const { batch, out, per, groups, size, kernel } = sizes;
  const places = size[0] * size[1];
  const left = recorder.at(recorder.reshaped(dy, [batch, groups, out / groups, places]));
  const taps = tapsOf(recorder, x, sizes, convolution);
  const together = per < FEW || groups > 1 ? taps.length : kernel[1];
  const sums: Value[] = [];
  for (let first = 0; first < taps.length; first += together) {
    const some = taps.slice(first, first + together);
    const columns = per * some.length;
    const rows = some.map((tap) => recorder.at(recorder.reshaped(tap, [batch, groups, per, 1, places])));
    const made = { shape: [batch, groups, per, some.length, places], dtype: 'float32' } as const;
    const all = rows.length === 1 ? some[0]! : recorder.make('Concat', rows, made, { axis: int(3) });
    const turned = recorder.transposed(recorder.reshaped(all, [batch, groups, columns, places]), [0, 1, 3, 2]);
    const products = recorder.make('MatMul', [left, recorder.at(turned)], {
      shape: [batch, groups, out / groups, columns],
      dtype: 'float32',
    });
    sums.push(recorder.reshaped(sumOverBatch(recorder, products), [out, per, some.length]));
  }
  if (sums.length === 1) return recorder.reshaped(sums[0]!, [out, per, ...kernel]);
  const made = { shape: [out, per, taps.length], dtype: 'float32' } as const;
  const names = sums.map((sum) => recorder.at(sum));
  return recorder.reshaped(recorder.make('Concat', names, made, { axis: int(2) }), [out, per, ...kernel]);
}

/** [out, in] of every tap -> [out, in, kh, kw], as the filter lies. */
function fromTaps(recorder: Recorder, products: readonly Value[], filterShape: readonly number[]): Value {
  if (products.length === 1) return recorder.reshaped(products[0]!, filterShape);
  const [out, per] = filterShape as [number, number];
  const taps = products.length;
  const names = products.map((product) => recorder.at(recorder.reshaped(product, [1, out * per])));
  const all = recorder.make('Concat', names, { shape: [taps, out * per], dtype: 'float32' }, { axis: int(0) });
  // A transpose by a product with ones: ONNX Runtime would carry a Transpose node on into the optimiser, where it costs more.
  const ones = Float32Array.from({ length: taps * taps }, (_, cell) => (cell % (taps + 1) === 0 ? 1 : 0));
  const inputs = [all.name, recorder.constant(ones, [taps, taps], 'float32')];
  const turned = recorder.make('Gemm', inputs, { shape: [out * per, taps], dtype: 'float32' }, { transA: int(1) });
  return recorder.reshaped(turned, filterShape);
}

/** Brought into logical order now: what follows, optimiser and clipping, would else follow the taps' order. */
const settled = (recorder: Recorder, value: Value): Value => recorder.settled(value);

/** [batch, channels, h, w] -> [channels, batch, h, w] */
const byChannel = (recorder: Recorder, value: Value): Value =>
  settled(recorder, recorder.transposed(value, [1, 0, 2, 3]));

function sumOverBatch(recorder: Recorder, value: Value): Value {
  const shape = value.shape.slice(1);
  const inputs = [recorder.at(value), recorder.integers([0])];
  return recorder.make('ReduceSum', inputs, { shape, dtype: 'float32' }, { keepdims: int(0) });
}

/** What each tap sees of a map whose last two axes are its places, row by row of the kernel. */
function tapsOf(recorder: Recorder, x: Value, { size, kernel }: Sizes, convolution: Convolution): Value[] {
  const { strides, dilations } = convolution;
  const starts = Array.from({ length: kernel[0] * kernel[1] }, (_, tap) => {
    return [Math.floor(tap / kernel[1]) * dilations[0], (tap % kernel[1]) * dilations[1]] as const;
  });
  if (strides[1] !== 2 || starts.length === 1) {
    const padded = paddedPlaces(recorder, x, convolution.pads);
    return starts.map((start) => seenFrom(recorder, padded, start, size, strides));
  }
  const [even, odd] = columnsByParity(recorder, x, convolution.pads);
  return starts.map(([row, column]) =>
    seenFrom(recorder, column % 2 === 0 ? even : odd, [row, column >> 1], size, [strides[0], 1]),
  );
}

/**
 * The padded map's even and odd columns. Slices in steps of two go element by element, a transpose of pairs does not; of what
 * it makes, every tap is a slice of whole rows.
 */
function columnsByParity(
  recorder: Recorder,
  x: Value,
  [top, left, bottom, right]: Convolution['pads'],
): [Value, Value] {
  const odd = (x.shape[3]! + left + right) % 2;
  const padded = paddedPlaces(recorder, x, [top, left, bottom, right + odd]);
  const [first, second, height, width] = padded.shape as [number, number, number, number];
  const pairs = recorder.reshaped(padded, [(first * second * height * width) / 2, 2]);
  const apart = recorder.reshaped(settled(recorder, recorder.transposed(pairs, [1, 0])), [
    2,
    first,
    second,
    height,
    width / 2,
  ]);
  const half = (parity: number): Value => {
    const inputs = [[parity], [parity + 1], [0]].map((numbers) => recorder.integers(numbers));
    const made = { shape: [1, first, second, height, width / 2], dtype: 'float32' } as const;
    const plane = recorder.make('Slice', [recorder.at(apart), ...inputs], made);
    return recorder.reshaped(plane, [first, second, height, width / 2]);
  };
  return [half(0), half(1)];
}

/** x with zeros around its places, or cropped where pads are negative. */
function paddedPlaces(recorder: Recorder, x: Value, [top, left, bottom, right]: Convolution['pads']): Value {
  const [first, second, height, width] = x.shape as [number, number, number, number];
  if (top === 0 && left === 0 && bottom === 0 && right === 0) return x;
  const shape = [first, second, height + top + bottom, width + left + right];
  const pads = recorder.integers([0, 0, top, left, 0, 0, bottom, right]);
  return recorder.make('Pad', [recorder.at(x), pads], { shape, dtype: 'float32' });
}

/** The first rows and columns of x. */
function cropTo(recorder: Recorder, x: Value, size: readonly number[]): Value {
  if (size[0] === x.shape[2] && size[1] === x.shape[3]) return x;
  return seenFrom(recorder, x, [0, 0], [size[0]!, size[1]!], [1, 1]);
}

/** The places of x that one tap sees: from `start` in steps of `strides`, `size` of them. */
function seenFrom(
  recorder: Recorder,
  x: Value,
  start: readonly [number, number],
  size: readonly [number, number],
  strides: readonly [number, number],
): Value {
  const [first, second, height, width] = x.shape as [number, number, number, number];
  const shape = [first, second, ...size];
  if (start[0] === 0 && start[1] === 0 && size[0] === height && size[1] === width) return x;
  const end = [0, 1].map((axis) => start[axis]! + (size[axis]! - 1) * strides[axis]! + 1);
  const inputs = [start, end, [2, 3], strides].map((numbers) => recorder.integers(numbers));
  return recorder.make('Slice', [recorder.at(x), ...inputs], { shape, dtype: 'float32' });
}
