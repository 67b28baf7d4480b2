// Where the channels are: Keras layers take channels last or first, operations here mostly channels last. Transposes cost
// nothing: only the order of axes is noted.
import * as ops from '../../trace/forward.ts';
import type { Value } from '../../trace/forward.ts';
import type { Image } from './layer.ts';
import { choiceOf, type Configured } from './config.ts';

export function isChannelsFirst(layer: Configured): boolean {
  return choiceOf(layer, 'data_format', ['channels_last', 'channels_first'], 'channels_last') === 'channels_first';
}

/** Runs `compute` on [batch, height, width, channels], whatever order the layer's input and output have. */
export function channelsLast(layer: Configured, x: Image, compute: (nhwc: Image) => Value): Value {
  if (!isChannelsFirst(layer)) return compute(x);
  return toNchw(compute(toNhwc(x) as Image));
}

export function toNchw(nhwc: Value): Value {
  return ops.transpose(nhwc, [0, 3, 1, 2]);
}

export function toNhwc(nchw: Value): Value {
  return ops.transpose(nchw, [0, 2, 3, 1]);
}

/** The axis counted from 0. */
export function fromZero(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
