// Pooling layers.
import * as ops from '../../../trace/forward.ts';
import type { Value } from '../../../trace/forward.ts';
import { channelsLast, isChannelsFirst } from '../axes.ts';
import { choiceOf, flagOf, pairOf } from '../config.ts';
import { imageOf, inputOf, unsupported, type LayerCall, type LayerClass } from '../layer.ts';

type Reduce = (x: Value, axes: number[], keepDims: boolean) => Value;
const mean: Reduce = (x, axes, keepDims) => ops.mean(x, axes, keepDims);
const max: Reduce = (x, axes, keepDims) => ops.max(x, axes, keepDims);

export const poolingLayers: Readonly<Record<string, LayerClass>> = {
  MaxPooling2D: { apply: (call) => pool(call, 'MaxPool') },
  AveragePooling2D: { apply: (call) => pool(call, 'AvgPool') },
  GlobalAveragePooling2D: { apply: (call) => overall(call, mean, 4) },
  GlobalMaxPooling2D: { apply: (call) => overall(call, max, 4) },
  GlobalAveragePooling1D: { apply: (call) => overall(call, mean, 3) },
  GlobalMaxPooling1D: { apply: (call) => overall(call, max, 3) },
};

function pool(call: LayerCall, kernel: 'MaxPool' | 'AvgPool'): Value {
  const filterSize = pairOf(call, 'pool_size', 2);
  const strides = (call.config.strides ?? null) === null ? filterSize : pairOf(call, 'strides', null);
  const pad = choiceOf(call, 'padding', ['valid', 'same'], 'valid');
  return channelsLast(call, imageOf(call), (x) => ops.kernel(kernel, { x }, { filterSize, strides, pad }));
}

/** Reduces every axis between batch and channels. */
function overall(call: LayerCall, reduce: Reduce, rank: 3 | 4): Value {
  const x = inputOf(call);
  if (x.shape.length !== rank) throw unsupported(call, `an input of ${rank} axes`, `shape [${x.shape.join(', ')}]`);
  const first = isChannelsFirst(call) ? 2 : 1;
  const axes = rank === 4 ? [first, first + 1] : [first];
  return reduce(x, axes, flagOf(call, 'keepdims', false));
}
