// Our own convolution kernels (src/tf/conv.ts), which are ONNX's already.
import {
  conv2d,
  convFilterGrad,
  convTranspose2d,
  type ConvFilterGradOptions,
  type ConvInputGradOptions,
  type ConvOptions,
} from '../../tf/conv.ts';
import { tf } from '../../tf/tfjs.ts';
import { filterGrad } from '../filter-grad.ts';
import { convolved, convolvedInputGrad } from '../filters.ts';
import { lowering, type OpCase, type OpLowering } from '../op.ts';

const plain: ConvOptions = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 };

/** The convolution and, by its gradient, the other two kernels; once with a filter known beforehand, once without. */
function casesOf(title: string, x: readonly number[], filter: readonly number[], options: ConvOptions): OpCase[] {
  const compute = (a?: tf.Tensor, b?: tf.Tensor): tf.Tensor => conv2d(a as tf.Tensor4D, b as tf.Tensor4D, options);
  return [
    { title, inputs: [{ shape: x }, { shape: filter, constant: true }], compute, nodes: ['Conv'] },
    { title: `${title}, filter traced`, inputs: [{ shape: x }, { shape: filter }], compute, nodes: ['Conv'] },
  ];
}

export const groupedConv2D: readonly OpLowering[] = [
  lowering<'x' | 'filter', ConvOptions>('GroupedConv2D', {
    lower: (recorder, { x, filter }, options) => convolved(recorder, x, filter, options),
    cases: [
      ...casesOf('3 x 3', [2, 3, 6, 7], [4, 3, 3, 3], { ...plain, pads: [1, 1, 1, 1] }),
      ...casesOf('groups', [1, 6, 6, 7], [4, 3, 3, 3], { ...plain, groups: 2 }),
      ...casesOf('strides', [2, 4, 9, 8], [6, 4, 3, 3], { ...plain, strides: [2, 2], pads: [1, 1, 1, 1] }),
      ...casesOf('1 x 1, stride 2', [2, 4, 7, 8], [6, 4, 1, 1], { ...plain, strides: [2, 2] }),
      ...casesOf('dilations', [1, 2, 9, 9], [3, 2, 3, 2], { ...plain, dilations: [2, 3], pads: [2, 1, 0, 3] }),
      ...casesOf('one filter per channel', [2, 4, 7, 7], [4, 1, 3, 3], { ...plain, groups: 4, pads: [1, 1, 1, 1] }),
      ...casesOf('everything', [2, 4, 9, 10], [6, 2, 3, 2], {
        strides: [2, 3],
        pads: [1, 2, 0, 1],
        dilations: [2, 1],
        groups: 2,
      }),
      ...casesOf('more padding than the window reaches', [1, 2, 4, 4], [2, 2, 1, 1], { ...plain, pads: [1, 0, 2, 1] }),
    ],
  }),
  lowering<'dy' | 'filter', ConvInputGradOptions>('GroupedConv2DInputGrad', {
    lower: (recorder, { dy, filter }, options) => convolvedInputGrad(recorder, dy, filter, options.inputShape, options),
    cases: [
      {
        title: 'a transposed convolution, output padded, in groups',
        inputs: [{ shape: [2, 4, 5, 4] }, { shape: [4, 3, 3, 3], constant: true }],
        compute: (x, filter) =>
          convTranspose2d(x as tf.Tensor4D, filter as tf.Tensor4D, {
            strides: [2, 3],
            pads: [1, 0, 1, 2],
            dilations: [1, 2],
            groups: 2,
            outputPadding: [1, 2],
          }),
        nodes: ['ConvTranspose'],
      },
      {
        title: 'a scale of the channels moves into the filter',
        inputs: [
          { shape: [2, 3, 5, 5] },
          { shape: [3, 2, 3, 3], constant: true },
          { shape: [3, 1, 1], constant: true },
        ],
        compute: (x, filter, scale) =>
          convTranspose2d(tf.mul(x, scale), filter as tf.Tensor4D, { ...plain, outputPadding: [0, 0] }),
        nodes: ['Conv'],
      },
    ],
  }),
  lowering<'x' | 'dy', ConvFilterGradOptions>('GroupedConv2DFilterGrad', {
    lower: (recorder, { x, dy }, options) => filterGrad(recorder, x, dy, options.filterShape, options),
    cases: [
      {
        title: 'directly',
        inputs: [{ shape: [2, 4, 6, 6] }, { shape: [2, 6, 4, 4] }],
        compute: (x, dy) =>
          convFilterGrad(x as tf.Tensor4D, dy as tf.Tensor4D, { ...plain, groups: 2, filterShape: [6, 2, 3, 3] }),
      },
    ],
  }),
];
