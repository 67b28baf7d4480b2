// Resize as one product with a constant matrix per axis: exact for every mode and coordinate transformation, and so is the
// gradient, where TensorFlow.js's resize kernels know two of the transformations and their gradients fewer.
import { floatOf, intOf, intsOf, stringOf } from '../../graph/attributes.ts';
import { tf } from '../../tf/tfjs.ts';
import { axisOf, indices, inverse, movedLast } from '../arrays.ts';
import { unsupported, type Call, type ReplayOp } from '../call.ts';
import { matMul } from './matrices.ts';

/** One axis to resize. */
interface Length {
  readonly from: number;
  readonly to: number;
  /** to / from as the node has it: where a scale is given, `to` is rounded down. */
  readonly scale: number;
}

function resize(call: Call): tf.Tensor {
  const x = call.input(0);
  const axes = (intsOf(call.node, 'axes') ?? indices(x.rank)).map((axis) => axisOf(axis, x.rank));
  const lengths = lengthsOf(
    call,
    axes.map((axis) => x.shape[axis] ?? 1),
  );
  return axes.reduce<tf.Tensor>((part, axis, index) => {
    const length = lengths[index];
    return length === undefined || (length.to === length.from && length.scale === 1)
      ? part
      : along(call, part, axis, length);
  }, x);
}

/** Sizes, or scales when there are none. An empty tensor stands for an absent one. */
function lengthsOf(call: Call, from: readonly number[]): Length[] {
  const sizes = call.numbers(3) ?? [];
  const scales = call.numbers(2) ?? [];
  if (sizes.length > 0) {
    const ratios = from.map((dim, index) => (sizes[index] ?? dim) / dim);
    const policy = stringOf(call.node, 'keep_aspect_ratio_policy', 'stretch');
    if (policy === 'stretch') {
      return from.map((dim, index) => ({ from: dim, to: sizes[index] ?? dim, scale: ratios[index] ?? 1 }));
    }
    const scale = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
    return from.map((dim) => ({ from: dim, to: Math.round(dim * scale), scale }));
  }
  if (scales.length !== from.length) throw unsupported(call, 'it has neither sizes nor scales');
  return from.map((dim, index) => ({
    from: dim,
    to: Math.floor(dim * (scales[index] ?? 1)),
    scale: scales[index] ?? 1,
  }));
}

function along(call: Call, x: tf.Tensor, axis: number, length: Length): tf.Tensor {
  const perm = movedLast(x.rank, [axis]);
  const weights = tf.tensor2d(weightsOf(call, length), [length.from, length.to]);
  if (axis === x.rank - 1) return matMul(x, weights);
  return tf.transpose(matMul(tf.transpose(x, perm), weights), inverse(perm));
}

/** Matrix [from, to]: what each input element contributes to each output element. */
function weightsOf(call: Call, length: Length): Float32Array {
  const { from, to } = length;
  const matrix = new Float32Array(from * to);
  for (let place = 0; place < to; place++) {
    for (const [index, weight] of contributions(call, sourceOf(call, length, place), length)) {
      const inside = Math.min(Math.max(index, 0), from - 1);
      matrix[inside * to + place] = (matrix[inside * to + place] ?? 0) + weight;
    }
  }
  return matrix;
}

/** Where an output element lies among the input's, by ONNX's coordinate_transformation_mode. */
function sourceOf(call: Call, { from, to, scale }: Length, place: number): number {
  const mode = stringOf(call.node, 'coordinate_transformation_mode', 'half_pixel');
  const half = (place + 0.5) / scale - 0.5;
  switch (mode) {
    case 'half_pixel':
      return half;
    case 'pytorch_half_pixel':
      return to > 1 ? half : 0;
    case 'half_pixel_symmetric': {
      const adjustment = to / (scale * from);
      return (from / 2) * (1 - adjustment) + half;
    }
    case 'asymmetric':
      return place / scale;
    case 'align_corners':
      return to === 1 ? 0 : (place * (from - 1)) / (to - 1);
    case 'tf_half_pixel_for_nn':
      return (place + 0.5) / scale;
    default:
      throw unsupported(call, `coordinates by '${mode}' are not covered`);
  }
}

/** Pairs of input place, possibly outside, and weight. */
function contributions(call: Call, source: number, { from, scale }: Length): [number, number][] {
  const mode = stringOf(call.node, 'mode', 'nearest');
  if (mode === 'nearest') return [[nearest(call, source), 1]];
  // Antialiasing widens the filter when making smaller, so that every input element counts.
  const stretch = intOf(call.node, 'antialias', 0) === 1 ? Math.min(scale, 1) : 1;
  const coefficient = floatOf(call.node, 'cubic_coeff_a', -0.75);
  const filter = mode === 'cubic' ? (distance: number) => cubic(distance, coefficient) : triangle;
  const reach = (mode === 'cubic' ? 2 : 1) / stretch;
  const first = Math.floor(source - reach) + 1;
  const places = indices(Math.ceil(source + reach) - first).map((index) => first + index);
  const excluding = intOf(call.node, 'exclude_outside', 0) === 1;
  const kept = excluding ? places.filter((index) => index >= 0 && index < from) : places;
  const weights = kept.map((index) => filter((index - source) * stretch));
  const total = excluding || stretch < 1 ? weights.reduce((sum, weight) => sum + weight, 0) : 1;
  return kept.map((index, order) => [index, (weights[order] ?? 0) / total]);
}

const triangle = (distance: number): number => Math.max(0, 1 - Math.abs(distance));

/** Keys' cubic convolution kernel with parameter a: R. G. Keys, IEEE Trans. ASSP 29(6), 1981, eq. 4 generalised. */
function cubic(distance: number, a: number): number {
  const d = Math.abs(distance);
  if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
  return d < 2 ? a * (d ** 3 - 5 * d ** 2 + 8 * d - 4) : 0;
}

function nearest(call: Call, source: number): number {
  const mode = stringOf(call.node, 'nearest_mode', 'round_prefer_floor');
  switch (mode) {
    case 'round_prefer_floor':
      return Math.ceil(source - 0.5);
    case 'round_prefer_ceil':
      return Math.floor(source + 0.5);
    case 'floor':
      return Math.floor(source);
    case 'ceil':
      return Math.ceil(source);
    default:
      throw unsupported(call, `rounding by '${mode}' is not covered`);
  }
}

export const resizing: Record<string, ReplayOp> = {
  Resize: resize,
};
