// Depthwise convolution of TensorFlow.js: filters [height, width, channels, multiplier]; its gradients and its fused form.
import { tf } from '../../tf/tfjs.ts';
import { fused } from '../activation.ts';
import { filterGrad } from '../filter-grad.ts';
import { convolved, convolvedInputGrad, type Convolution } from '../filters.ts';
import { lowering, type CaseInput, type OpCase, type OpLowering } from '../op.ts';
import type { Recorder } from '../recorder.ts';
import type { Value } from '../value.ts';

type Placement = Pick<tf.DepthwiseConv2dNativeAttrs, 'strides' | 'pad' | 'dimRoundingMode'> & {
  dilations?: tf.DepthwiseConv2dNativeAttrs['dilations'];
};
type Shape4D = [number, number, number, number];

const TO_NCHW = [0, 3, 1, 2];
const TO_NHWC = [0, 2, 3, 1];

function convolutionOf(image: readonly number[], filter: readonly number[], placement: Placement): Convolution {
  const { strides, pad, dilations, dimRoundingMode } = placement;
  const info = tf.backend_util.computeConv2DInfo(
    image as Shape4D,
    filter as Shape4D,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    true,
  );
  return {
    strides: [info.strideHeight, info.strideWidth],
    pads: [info.padInfo.top, info.padInfo.left, info.padInfo.bottom, info.padInfo.right],
    dilations: [info.dilationHeight, info.dilationWidth],
    groups: info.inChannels,
  };
}

/** [height, width, channels, multiplier] -> [channels * multiplier, 1, height, width] */
function grouped(recorder: Recorder, filter: Value): Value {
  const [height, width, channels, multiplier] = filter.shape as Shape4D;
  return recorder.reshaped(recorder.transposed(filter, [2, 3, 0, 1]), [channels * multiplier, 1, height, width]);
}

function forward(recorder: Recorder, x: Value, filter: Value, placement: Placement, bias?: Value): Value {
  const convolution = convolutionOf(x.shape, filter.shape, placement);
  const flat = bias === undefined ? undefined : recorder.reshaped(bias, [filter.shape[2]! * filter.shape[3]!]);
  const y = convolved(recorder, recorder.transposed(x, TO_NCHW), grouped(recorder, filter), convolution, flat);
  return recorder.transposed(y, TO_NHWC);
}

function casesOf(
  title: string,
  x: readonly number[],
  filter: readonly number[],
  strides: number,
  dilations = 1,
): OpCase[] {
  const compute = (a?: tf.Tensor, b?: tf.Tensor): tf.Tensor =>
    tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, 'same', 'NHWC', dilations);
  const limits = dilations === 1 ? {} : { gradient: false as const };
  return [
    {
      title,
      inputs: [{ shape: x }, { shape: filter, constant: true }],
      compute,
      nodes: ['Transpose', 'Conv', 'Transpose'],
      ...limits,
    },
    { title: `${title}, filter traced`, inputs: [{ shape: x }, { shape: filter }], compute, ...limits },
  ];
}

const image: CaseInput = { shape: [2, 6, 5, 3] };
const filter: CaseInput = { shape: [3, 3, 3, 2], constant: true };

export const depthwiseConv2D: readonly OpLowering[] = [
  lowering<'x' | 'filter', tf.DepthwiseConv2dNativeAttrs>('DepthwiseConv2dNative', {
    lower: (recorder, { x, filter }, attributes) => forward(recorder, x, filter, attributes),
    cases: [
      ...casesOf('multiplier 1', [2, 6, 5, 3], [3, 3, 3, 1], 1),
      ...casesOf('multiplier 2', [2, 6, 5, 3], [3, 3, 3, 2], 1),
      ...casesOf('5 x 5, stride 2', [2, 8, 8, 3], [5, 5, 3, 1], 2),
      ...casesOf('dilated', [1, 9, 9, 2], [3, 3, 2, 1], 1, 2),
    ],
  }),
  lowering<'dy' | 'filter', tf.DepthwiseConv2dNativeBackpropInputAttrs>('DepthwiseConv2dNativeBackpropInput', {
    lower: (recorder, { dy, filter }, attributes) => {
      const { inputShape } = attributes;
      const convolution = convolutionOf(inputShape, filter.shape, attributes);
      const nchw = TO_NCHW.map((axis) => inputShape[axis]!);
      const view = recorder.transposed(dy, TO_NCHW);
      return recorder.transposed(
        convolvedInputGrad(recorder, view, grouped(recorder, filter), nchw, convolution),
        TO_NHWC,
      );
    },
    cases: [
      {
        title: 'stride 2',
        inputs: [image, filter],
        compute: (x, w) =>
          tf.grad((a: tf.Tensor) =>
            tf.sum(tf.square(tf.depthwiseConv2d(a as tf.Tensor4D, w as tf.Tensor4D, 2, 'same'))),
          )(x),
        gradient: false,
      },
    ],
  }),
  lowering<'x' | 'dy', tf.DepthwiseConv2dNativeBackpropFilterAttrs>('DepthwiseConv2dNativeBackpropFilter', {
    lower: (recorder, { x, dy }, attributes) => {
      const [height, width, channels, multiplier] = attributes.filterShape;
      const convolution = convolutionOf(x.shape, attributes.filterShape, attributes);
      const shape = [channels * multiplier, 1, height, width];
      const grad = filterGrad(
        recorder,
        recorder.transposed(x, TO_NCHW),
        recorder.transposed(dy, TO_NCHW),
        shape,
        convolution,
      );
      return recorder.transposed(recorder.reshaped(grad, [channels, multiplier, height, width]), [2, 3, 0, 1]);
    },
    cases: [
      {
        title: 'of a constant image',
        inputs: [{ ...image, constant: true }, { shape: [3, 3, 3, 2] }],
        compute: (x, w) =>
          tf.grad((v: tf.Tensor) =>
            tf.sum(tf.square(tf.depthwiseConv2d(x as tf.Tensor4D, v as tf.Tensor4D, 1, 'same'))),
          )(w),
        gradient: false,
      },
    ],
  }),
  lowering<'x' | 'filter' | 'bias' | 'preluActivationWeights', tf.FusedDepthwiseConv2DAttrs>('FusedDepthwiseConv2D', {
    lower: (recorder, { x, filter, bias, preluActivationWeights }, attributes) =>
      fused(recorder, forward(recorder, x, filter, attributes, bias), attributes, preluActivationWeights),
    cases: (['linear', 'relu6', 'prelu'] as const).map((activation) => ({
      title: activation,
      inputs: [image, filter, { shape: [6], constant: true as const }, { shape: [6], range: [0.1, 0.4] as const }],
      compute: (x, w, bias, slope) =>
        tf.fused.depthwiseConv2d({
          x: x as tf.Tensor4D,
          filter: w as tf.Tensor4D,
          bias: bias,
          strides: 1,
          pad: 'same',
          activation,
          ...(activation === 'prelu' ? { preluActivationWeights: slope } : {}),
        }),
      gradient: false,
    })),
  }),
];
