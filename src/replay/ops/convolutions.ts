// Convolutions of one and two spatial axes. What tf.conv2d and tf.depthwiseConv2d can do, and differentiate, goes to them;
// groups and dilations go to our own kernel.
import { intOf, intsOf } from '../../graph/attributes.ts';
import { conv2d, convTranspose2d } from '../../tf/conv.ts';
import { tf } from '../../tf/tfjs.ts';
import { unsupported, type Call, type ReplayOp } from '../call.ts';
import { asImages, explicitPads, likeInput, toNchw, toNhwc, windowsOf, type Windows } from '../windows.ts';

/** x [batch, in, h, w] with filter [out, in / groups, kh, kw] -> [batch, out, h', w'] */
export function convolve(call: Call): tf.Tensor {
  const x = asImages(call, call.input(0));
  const filter = asImages(call, call.input(1));
  const [, channels, height, width] = x.shape;
  const groups = intOf(call.node, 'group', 1);
  const windows = windowsOf(call, filter.shape, [height, width]);
  const { strides, dilations, pads } = windows;
  const direct = dilations.every((dilation) => dilation === 1) && pads.every((pad) => pad >= 0);
  const y =
    direct && groups === 1
      ? plain(x, filter, windows)
      : direct && groups === channels
        ? depthwise(x, filter, windows)
        : conv2d(x, filter, { strides, pads, dilations, groups });
  return likeInput(withBias(y, call.optional(2)), call.input(0));
}

function plain(x: tf.Tensor4D, filter: tf.Tensor4D, { strides, pads }: Windows): tf.Tensor4D {
  const filterHwio: tf.Tensor4D = tf.transpose(filter, [2, 3, 1, 0]);
  return toNchw(tf.conv2d(toNhwc(x), filterHwio, [...strides], explicitPads(pads)));
}

/** Filter [channels * multiplier, 1, kh, kw] -> [kh, kw, channels, multiplier] */
function depthwise(x: tf.Tensor4D, filter: tf.Tensor4D, { kernel, strides, pads }: Windows): tf.Tensor4D {
  const channels = x.shape[1];
  const byChannel: tf.Tensor4D = tf.reshape(filter, [channels, filter.shape[0] / channels, ...kernel]);
  const filterHwio: tf.Tensor4D = tf.transpose(byChannel, [2, 3, 0, 1]);
  return toNchw(tf.depthwiseConv2d(toNhwc(x), filterHwio, [...strides], explicitPads(pads)));
}

/** x [batch, in, h, w] with filter [in, out / groups, kh, kw] -> [batch, out, h', w'] */
function convolveTransposed(call: Call): tf.Tensor {
  const x = asImages(call, call.input(0));
  const filter = asImages(call, call.input(1));
  const [, , height, width] = x.shape;
  const windows = windowsOf(call, filter.shape, [height, width]);
  if ('auto_pad' in call.node.attributes && !('pads' in call.node.attributes)) {
    throw unsupported(call, 'automatic padding of a transposed convolution is not covered');
  }
  if (intsOf(call.node, 'output_shape') !== undefined) {
    throw unsupported(call, 'a transposed convolution with output_shape is not covered');
  }
  const given = intsOf(call.node, 'output_padding') ?? [0, 0];
  const outputPadding: [number, number] = [given.at(-2) ?? 0, given.at(-1) ?? 0];
  const { strides, dilations, pads } = windows;
  const y = convTranspose2d(x, filter, {
    strides,
    dilations,
    pads,
    groups: intOf(call.node, 'group', 1),
    outputPadding,
  });
  return likeInput(withBias(y, call.optional(2)), call.input(0));
}

/** Adds one number per channel. */
function withBias(y: tf.Tensor4D, bias: tf.Tensor | undefined): tf.Tensor4D {
  return bias === undefined ? y : tf.add<tf.Tensor4D>(y, tf.reshape(bias, [-1, 1, 1]));
}

export const convolutions: Record<string, ReplayOp> = {
  Conv: convolve,
  ConvTranspose: convolveTransposed,
};
