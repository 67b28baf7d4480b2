// Where the channels are: Keras layers take channels last or first, TensorFlow.js operations mostly channels last.
// Transposes cost nothing under the tracer, which only notes the order of axes.
import { tf } from '../../tf/tfjs.ts';
import { choiceOf, type Configured } from './config.ts';

export function isChannelsFirst(layer: Configured): boolean {
  return choiceOf(layer, 'data_format', ['channels_last', 'channels_first'], 'channels_last') === 'channels_first';
}

/** Runs `compute` on [batch, height, width, channels], whatever order the layer's input and output have. */
export function channelsLast(
  layer: Configured,
  x: tf.Tensor4D,
  compute: (nhwc: tf.Tensor4D) => tf.Tensor4D,
): tf.Tensor4D {
  if (!isChannelsFirst(layer)) return compute(x);
  return toNchw(compute(toNhwc(x)));
}

export function toNchw(nhwc: tf.Tensor4D): tf.Tensor4D {
  return tf.transpose(nhwc, [0, 3, 1, 2]);
}

export function toNhwc(nchw: tf.Tensor4D): tf.Tensor4D {
  return tf.transpose(nchw, [0, 2, 3, 1]);
}

/** The axis counted from 0. */
export function fromZero(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
