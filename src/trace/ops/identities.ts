// Kernels that only change how a value is seen: shape, order of axes, type. Most record nothing.
import { tf } from '../../tf/tfjs.ts';
import { lowering, type OpLowering } from '../op.ts';

export const identities: readonly OpLowering[] = [
  lowering<'x'>('Identity', {
    constants: 'lower',
    lower: (_, { x }) => x,
    cases: [{ title: 'a clone', inputs: [{ shape: [2, 3] }], compute: (x) => tf.clone(x), nodes: [] }],
  }),
  lowering<'x', tf.CastAttrs>('Cast', {
    constants: 'lower',
    lower: (recorder, { x }, { dtype }) => recorder.cast(x, dtype as 'float32' | 'int32' | 'bool'),
    cases: [
      {
        title: 'truncates',
        inputs: [{ shape: [2, 3], range: [-3, 3] }],
        compute: (x) => tf.cast(x, 'int32'),
        nodes: ['Cast'],
        gradient: false,
      },
      {
        title: 'to truth values',
        inputs: [{ shape: [4], dtype: 'int32', range: [-1, 1] }],
        compute: (x) => tf.cast(x, 'bool'),
        nodes: ['Cast'],
      },
      {
        title: 'from truth values',
        inputs: [{ shape: [4], dtype: 'bool' }],
        compute: (x) => tf.cast(x, 'float32'),
        nodes: ['Cast'],
      },
      { title: 'to its own type', inputs: [{ shape: [4] }], compute: (x) => tf.cast(x, 'float32'), nodes: [] },
    ],
  }),
  lowering<'x', tf.ReshapeAttrs>('Reshape', {
    constants: 'lower',
    lower: (recorder, { x }, { shape }) => {
      const size = tf.util.sizeFromShape([...x.shape]);
      return recorder.reshaped(x, tf.util.inferFromImplicitShape(shape, size));
    },
    cases: [
      { title: 'flatten', inputs: [{ shape: [2, 3, 4] }], compute: (x) => tf.reshape(x, [2, -1]), nodes: ['Reshape'] },
      {
        title: 'a chain is one node',
        inputs: [{ shape: [2, 6] }],
        compute: (x) => tf.reshape(tf.reshape(x, [4, 3]), [12]),
        nodes: ['Reshape'],
      },
      {
        title: 'there and back is none',
        inputs: [{ shape: [2, 6] }],
        compute: (x) => tf.reshape(tf.reshape(x, [4, 3]), [2, 6]),
        nodes: [],
      },
      {
        title: 'places to tokens, channels lying first',
        inputs: [{ shape: [2, 3, 4, 5] }],
        compute: (x) => tf.transpose(tf.reshape(tf.transpose(x, [0, 2, 3, 1]), [2, 20, 3]), [0, 2, 1]),
        nodes: ['Reshape'],
      },
      {
        title: 'merging axes that lie apart moves data first',
        inputs: [{ shape: [2, 3, 4] }],
        compute: (x) => tf.reshape(tf.transpose(x, [0, 2, 1]), [2, 12]),
        nodes: ['Transpose', 'Reshape'],
      },
      { title: 'to a scalar', inputs: [{ shape: [1, 1] }], compute: (x) => tf.reshape(x, []), nodes: ['Reshape'] },
    ],
  }),
  lowering<'input', tf.ExpandDimsAttrs>('ExpandDims', {
    constants: 'lower',
    lower: (recorder, { input }, { dim }) => {
      const place = dim < 0 ? input.shape.length + dim + 1 : dim;
      return recorder.reshaped(input, input.shape.toSpliced(place, 0, 1));
    },
    cases: [
      { title: 'in the middle', inputs: [{ shape: [2, 3] }], compute: (x) => tf.expandDims(x, 1), nodes: ['Reshape'] },
      { title: 'last', inputs: [{ shape: [2, 3] }], compute: (x) => tf.expandDims(x, -1), nodes: ['Reshape'] },
    ],
  }),
  lowering<'x', tf.TransposeAttrs>('Transpose', {
    constants: 'lower',
    lower: (recorder, { x }, { perm }) => recorder.transposed(x, perm),
    cases: [
      {
        title: 'as an output',
        inputs: [{ shape: [2, 3, 4, 5] }],
        compute: (x) => tf.transpose(x, [0, 3, 1, 2]),
        nodes: ['Transpose'],
      },
      {
        title: 'there and back is none',
        inputs: [{ shape: [2, 3, 4] }],
        compute: (x) => tf.transpose(tf.transpose(x, [1, 2, 0]), [2, 0, 1]),
        nodes: [],
      },
      {
        title: 'of axes of one element is a reshape',
        inputs: [{ shape: [2, 1, 3, 1] }],
        compute: (x) => tf.transpose(x, [0, 3, 1, 2]),
        nodes: ['Reshape'],
      },
      {
        title: 'elementwise nodes work where the value lies',
        inputs: [{ shape: [2, 3, 4] }, { shape: [3], constant: true }],
        compute: (x, c) => tf.transpose(tf.relu(tf.add(tf.transpose(x, [0, 2, 1]), c)), [0, 2, 1]),
        nodes: ['Add', 'Relu'],
      },
    ],
  }),
];
