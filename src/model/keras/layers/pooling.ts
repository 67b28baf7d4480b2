// Pooling layers.
import { tf } from '../../../tf/tfjs.ts';
import { channelsLast, isChannelsFirst } from '../axes.ts';
import { choiceOf, flagOf, pairOf } from '../config.ts';
import { imageOf, inputOf, unsupported, type LayerCall, type LayerClass } from '../layer.ts';

type Reduce = (x: tf.Tensor, axes: number[], keepDims: boolean) => tf.Tensor;
const mean: Reduce = (x, axes, keepDims) => tf.mean(x, axes, keepDims);
const max: Reduce = (x, axes, keepDims) => tf.max(x, axes, keepDims);

export const poolingLayers: Readonly<Record<string, LayerClass>> = {
  MaxPooling2D: { apply: (call) => pool(call, tf.maxPool) },
  AveragePooling2D: { apply: (call) => pool(call, tf.avgPool) },
  GlobalAveragePooling2D: { apply: (call) => overall(call, mean, 4) },
  GlobalMaxPooling2D: { apply: (call) => overall(call, max, 4) },
  GlobalAveragePooling1D: { apply: (call) => overall(call, mean, 3) },
  GlobalMaxPooling1D: { apply: (call) => overall(call, max, 3) },
};

function pool(call: LayerCall, kernel: typeof tf.maxPool): tf.Tensor {
  const size = pairOf(call, 'pool_size', 2);
  const strides = (call.config.strides ?? null) === null ? size : pairOf(call, 'strides', null);
  const padding = choiceOf(call, 'padding', ['valid', 'same'], 'valid');
  return channelsLast(call, imageOf(call), (x) => kernel(x, size, strides, padding));
}

/** Reduces every axis between batch and channels. */
function overall(call: LayerCall, reduce: Reduce, rank: 3 | 4): tf.Tensor {
  const x = inputOf(call);
  if (x.rank !== rank) throw unsupported(call, `an input of ${rank} axes`, `shape [${x.shape.join(', ')}]`);
  const first = isChannelsFirst(call) ? 2 : 1;
  const axes = rank === 4 ? [first, first + 1] : [first];
  return reduce(x, axes, flagOf(call, 'keepdims', false));
}
