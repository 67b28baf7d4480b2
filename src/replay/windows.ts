// The windows of convolutions and pools: kernel, strides, dilations and pads of a node, in numbers. One-dimensional nodes
// become two-dimensional ones of height 1.
import { intsOf, stringOf } from '../graph/attributes.ts';
import { tf } from '../tf/tfjs.ts';
import { span } from '../tf/window.ts';
import { unsupported, type Call } from './call.ts';

/** Height and width. */
export type Pair = readonly [number, number];

export interface Windows {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  /** [top, left, bottom, right] */
  readonly pads: readonly [number, number, number, number];
}

/** Spatial rank 1 or 2 as 2: [batch, channels, length] -> [batch, channels, 1, length]. */
export function asImages(call: Call, x: tf.Tensor): tf.Tensor4D {
  if (x.rank === 4) return x as tf.Tensor4D;
  const [a = 1, b = 1, length = 1] = x.shape;
  if (x.rank === 3) return tf.reshape(x, [a, b, 1, length]);
  throw unsupported(call, 'only one or two spatial axes are covered');
}

/** The inverse of `asImages` for a result. */
export function likeInput(y: tf.Tensor4D, x: tf.Tensor): tf.Tensor {
  const [batch, channels, height, width] = y.shape;
  return x.rank === 4 ? y : tf.reshape(y, [batch, channels, height * width]);
}

/** `size` is the input's [height, width], which automatic padding depends on. */
export function windowsOf(call: Call, kernel: readonly number[], size: Pair): Windows {
  const { node } = call;
  const pair = (values: readonly number[] | undefined, otherwise: number): Pair =>
    values === undefined ? [otherwise, otherwise] : [values.at(-2) ?? otherwise, values.at(-1) ?? otherwise];
  const kernelPair: Pair = [kernel.at(-2) ?? 1, kernel.at(-1) ?? 1];
  const strides = pair(intsOf(node, 'strides'), 1);
  const dilations = pair(intsOf(node, 'dilations'), 1);
  const automatic = stringOf(node, 'auto_pad', 'NOTSET');
  if (automatic === 'VALID') return { kernel: kernelPair, strides, dilations, pads: [0, 0, 0, 0] };
  if (automatic === 'NOTSET') return { kernel: kernelPair, strides, dilations, pads: padsOf(intsOf(node, 'pads')) };
  const [vertical, horizontal] = [0, 1].map((axis) => {
    const [stride, extent] = [strides[axis] ?? 1, span(kernelPair[axis] ?? 1, dilations[axis] ?? 1)];
    const total = Math.max(0, (Math.ceil((size[axis] ?? 1) / stride) - 1) * stride + extent - (size[axis] ?? 1));
    const less = Math.floor(total / 2);
    return automatic === 'SAME_LOWER' ? [total - less, less] : [less, total - less];
  }) as [[number, number], [number, number]];
  return { kernel: kernelPair, strides, dilations, pads: [vertical[0], horizontal[0], vertical[1], horizontal[1]] };
}

/** Begins then ends, of one axis or of two. */
function padsOf(pads: readonly number[] | undefined): Windows['pads'] {
  if (pads === undefined) return [0, 0, 0, 0];
  const [a = 0, b = 0, c = 0, d = 0] = pads;
  return pads.length === 2 ? [0, a, 0, b] : [a, b, c, d];
}

export const toNhwc = (x: tf.Tensor4D): tf.Tensor4D => tf.transpose(x, [0, 2, 3, 1]);
export const toNchw = (x: tf.Tensor4D): tf.Tensor4D => tf.transpose(x, [0, 3, 1, 2]);

/** Pads as tf's convolutions and pools of [batch, height, width, channels] take them. */
export function explicitPads([top, left, bottom, right]: Windows['pads']): tf.backend_util.ExplicitPadding {
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}
