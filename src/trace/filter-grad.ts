// The gradient of a convolution with respect to its filter: one matrix product of dy with what each tap of the filter saw.
import { int } from '../graph/attributes.ts';
import type { Convolution } from './filters.ts';
import type { Recorder } from './recorder.ts';
import type { Value } from './value.ts';

/** x [batch, in, h, w], dy [batch, out, h', w'] -> [out, in / groups, kh, kw] */
export function filterGrad(
  recorder: Recorder,
  x: Value,
  dy: Value,
  filterShape: readonly number[],
  { strides, pads, dilations, groups }: Convolution,
): Value {
  const [out, inPerGroup, height, width] = filterShape as [number, number, number, number];
  const [batch, , outHeight, outWidth] = dy.shape as [number, number, number, number];
  const places = outHeight * outWidth;
  const padded = paddedPlaces(recorder, x, pads);
  const taps: Value[] = [];
  for (let ky = 0; ky < height; ky++) {
    for (let kx = 0; kx < width; kx++) {
      const start = [ky * dilations[0], kx * dilations[1]] as const;
      const seen = seenFrom(recorder, padded, start, [outHeight, outWidth], strides);
      taps.push(recorder.reshaped(seen, [batch, groups, inPerGroup, places]));
    }
  }
  const columns = taps.length * inPerGroup;
  const dtype = 'float32' as const;
  const shape = [batch, groups, columns, places];
  const rows =
    taps.length === 1
      ? taps[0]!
      : recorder.make('Concat', taps.map((tap) => recorder.at(tap)), { shape, dtype }, { axis: int(2) }); // prettier-ignore
  const left = recorder.at(recorder.reshaped(dy, [batch, groups, out / groups, places]));
  const right = recorder.at(recorder.transposed(rows, [0, 1, 3, 2]));
  const products = recorder.make('MatMul', [left, right], { shape: [batch, groups, out / groups, columns], dtype });
  const summed = recorder.make(
    'ReduceSum',
    [products.name, recorder.integers([0])],
    { shape: [groups, out / groups, columns], dtype },
    { keepdims: int(0) },
  );
  const byTap = recorder.reshaped(summed, [out, height * width, inPerGroup]);
  return recorder.reshaped(recorder.transposed(byTap, [0, 2, 1]), filterShape);
}

/** x [batch, channels, h, w] with zeros around its places, or cropped where pads are negative. */
function paddedPlaces(recorder: Recorder, x: Value, [top, left, bottom, right]: Convolution['pads']): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  if (top === 0 && left === 0 && bottom === 0 && right === 0) return x;
  const shape = [batch, channels, height + top + bottom, width + left + right];
  const pads = recorder.integers([0, 0, top, left, 0, 0, bottom, right]);
  return recorder.make('Pad', [recorder.at(x), pads], { shape, dtype: 'float32' });
}

/** The places of x that one tap sees: from `start` in steps of `strides`, `size` of them. */
function seenFrom(
  recorder: Recorder,
  x: Value,
  start: readonly [number, number],
  size: readonly [number, number],
  strides: readonly [number, number],
): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const shape = [batch, channels, ...size];
  if (start[0] === 0 && start[1] === 0 && size[0] === height && size[1] === width) return x;
  const end = [0, 1].map((axis) => start[axis]! + (size[axis]! - 1) * strides[axis]! + 1);
  const inputs = [start, end, [2, 3], strides].map((numbers) => recorder.integers(numbers));
  return recorder.make('Slice', [recorder.at(x), ...inputs], { shape, dtype: 'float32' });
}
