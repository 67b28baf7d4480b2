// Convolution of TensorFlow.js: NHWC (or NCHW) images, HWIO filters; its gradients and its fused form.
import { tf } from '../../tf/tfjs.ts';
import { fused } from '../activation.ts';
import { filterGrad } from '../filter-grad.ts';
import { convolved, convolvedInputGrad, type Convolution } from '../filters.ts';
import { lowering, type CaseInput, type OpCase, type OpLowering } from '../op.ts';
import type { Recorder } from '../recorder.ts';
import type { Value } from '../value.ts';

type Placement = Pick<tf.Conv2DAttrs, 'strides' | 'pad' | 'dataFormat' | 'dimRoundingMode'> & {
  dilations?: tf.Conv2DAttrs['dilations'];
};

interface Described {
  readonly convolution: Convolution;
  /** Axes of the image as batch, channels, height, width; and the way back. */
  readonly toNchw: readonly number[];
  readonly fromNchw: readonly number[];
}

const HWIO_TO_OIHW = [3, 2, 0, 1];
const OIHW_TO_HWIO = [2, 3, 1, 0];

function described(image: readonly number[], filter: readonly number[], placement: Placement): Described {
  const format = tf.backend_util.convertConv2DDataFormat(placement.dataFormat ?? 'NHWC');
  const { strides, pad, dilations, dimRoundingMode } = placement;
  const info = tf.backend_util.computeConv2DInfo(
    image as [number, number, number, number],
    filter as [number, number, number, number],
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    false,
    format,
  );
  const channelsLast = format === 'channelsLast';
  return {
    convolution: {
      strides: [info.strideHeight, info.strideWidth],
      pads: [info.padInfo.top, info.padInfo.left, info.padInfo.bottom, info.padInfo.right],
      dilations: [info.dilationHeight, info.dilationWidth],
      groups: info.inChannels / filter[2]!,
    },
    toNchw: channelsLast ? [0, 3, 1, 2] : [0, 1, 2, 3],
    fromNchw: channelsLast ? [0, 2, 3, 1] : [0, 1, 2, 3],
  };
}

function forward(recorder: Recorder, x: Value, filter: Value, placement: Placement, bias?: Value): Value {
  const { convolution, toNchw, fromNchw } = described(x.shape, filter.shape, placement);
  const flat = bias === undefined ? undefined : recorder.reshaped(bias, [filter.shape[3]!]);
  const oihw = recorder.transposed(filter, HWIO_TO_OIHW);
  const y = convolved(recorder, recorder.transposed(x, toNchw), oihw, convolution, flat);
  return recorder.transposed(y, fromNchw);
}

const plain = { strides: [1, 1] as [number, number], pad: 'same' as const };

function casesOf(
  title: string,
  x: readonly number[],
  filter: readonly number[],
  options: Partial<Placement>,
): OpCase[] {
  const { strides, pad, dilations, dataFormat } = { ...plain, ...options };
  const compute = (a?: tf.Tensor, b?: tf.Tensor): tf.Tensor =>
    tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, pad, dataFormat ?? 'NHWC', dilations ?? 1);
  // TensorFlow.js has no gradient for dilated convolutions nor, on cpu, for NCHW.
  const limits = dilations === undefined && dataFormat === undefined ? {} : { gradient: false as const };
  return [
    { title, inputs: [{ shape: x }, { shape: filter, constant: true }], compute, ...limits },
    { title: `${title}, filter traced`, inputs: [{ shape: x }, { shape: filter }], compute, ...limits },
  ];
}

const image: CaseInput = { shape: [2, 6, 5, 3] };
const filter: CaseInput = { shape: [3, 3, 3, 4], constant: true };

export const conv2D: readonly OpLowering[] = [
  lowering<'x' | 'filter', tf.Conv2DAttrs>('Conv2D', {
    lower: (recorder, { x, filter }, attributes) => forward(recorder, x, filter, attributes),
    cases: [
      ...casesOf('same', [2, 6, 5, 3], [3, 3, 3, 4], {}),
      ...casesOf('valid', [2, 6, 5, 3], [3, 2, 3, 4], { pad: 'valid' }),
      ...casesOf('stride 2, even size padded unevenly', [2, 6, 8, 3], [3, 3, 3, 4], { strides: [2, 2] }),
      ...casesOf('1 x 1, stride 2', [2, 6, 5, 3], [1, 1, 3, 4], { strides: [2, 2] }),
      ...casesOf('explicit padding', [1, 6, 5, 2], [3, 3, 2, 3], { pad: [[0, 0], [1, 2], [0, 1], [0, 0]] }), // prettier-ignore
      ...casesOf('dilated', [1, 9, 9, 2], [3, 3, 2, 3], { dilations: [2, 2] }),
      ...casesOf('channels first', [2, 3, 6, 5], [3, 3, 3, 4], { dataFormat: 'NCHW' }),
      {
        title: 'a chain with its input channels first has no transpose',
        inputs: [{ shape: [1, 3, 6, 6] }, filter, { shape: [4], constant: true }],
        compute: (x, w, bias) => {
          const nhwc = tf.transpose<tf.Tensor4D>(x as tf.Tensor4D, [0, 2, 3, 1]);
          const y = tf.relu(tf.add(tf.conv2d(nhwc, w as tf.Tensor4D, 1, 'same'), bias));
          return tf.transpose(y, [0, 3, 1, 2]);
        },
        nodes: ['Conv', 'Add', 'Relu'],
      },
    ],
  }),
  lowering<'dy' | 'filter', tf.Conv2DBackpropInputAttrs>('Conv2DBackpropInput', {
    lower: (recorder, { dy, filter }, attributes) => {
      const { inputShape } = attributes;
      const { convolution, toNchw, fromNchw } = described(inputShape, filter.shape, attributes);
      const nchw = toNchw.map((axis) => inputShape[axis]!);
      const oihw = recorder.transposed(filter, HWIO_TO_OIHW);
      return recorder.transposed(
        convolvedInputGrad(recorder, recorder.transposed(dy, toNchw), oihw, nchw, convolution),
        fromNchw,
      );
    },
    cases: [
      {
        title: 'a transposed convolution, stride 2',
        inputs: [{ shape: [1, 3, 4, 4] }, filter],
        compute: (x, w) => tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, [1, 6, 8, 3], 2, 'same'),
      },
    ],
  }),
  lowering<'x' | 'dy', tf.Conv2DBackpropFilterAttrs>('Conv2DBackpropFilter', {
    lower: (recorder, { x, dy }, attributes) => {
      const { convolution, toNchw } = described(x.shape, attributes.filterShape, attributes);
      const oihw = HWIO_TO_OIHW.map((axis) => attributes.filterShape[axis]!);
      const grad = filterGrad(
        recorder,
        recorder.transposed(x, toNchw),
        recorder.transposed(dy, toNchw),
        oihw,
        convolution,
      );
      return recorder.transposed(grad, OIHW_TO_HWIO);
    },
    cases: [
      {
        title: 'of a constant image',
        inputs: [{ ...image, constant: true }, { shape: [3, 3, 3, 4] }],
        compute: (x, w) =>
          tf.grad((v: tf.Tensor) => tf.sum(tf.square(tf.conv2d(x as tf.Tensor4D, v as tf.Tensor4D, 2, 'same'))))(w),
        gradient: false,
      },
    ],
  }),
  lowering<'x' | 'filter' | 'bias' | 'preluActivationWeights', tf.FusedConv2DAttrs>('FusedConv2D', {
    lower: (recorder, { x, filter, bias, preluActivationWeights }, attributes) =>
      fused(recorder, forward(recorder, x, filter, attributes, bias), attributes, preluActivationWeights),
    cases: (['linear', 'relu', 'relu6', 'elu', 'leakyrelu', 'sigmoid'] as const).map((activation) => ({
      title: activation,
      inputs: [image, filter, { shape: activation === 'relu' ? [1, 1, 1, 4] : [4], constant: true as const }],
      compute: (x, w, bias) =>
        tf.fused.conv2d({
          x: x as tf.Tensor4D,
          filter: w as tf.Tensor4D,
          bias: bias,
          strides: 1,
          pad: 'same',
          activation,
          leakyreluAlpha: 0.3,
        }),
      gradient: false,
    })),
  }),
];
