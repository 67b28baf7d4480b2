import { tf } from '../../tf/tfjs.ts';
import { elementwise } from '../elementwise.ts';
import { lowering } from '../op.ts';

export const select = lowering<'condition' | 't' | 'e'>('Select', {
  lower: (recorder, { condition, t, e }) => elementwise(recorder, 'Where', [condition, t, e], t.dtype),
  cases: [
    {
      title: 'by comparison',
      inputs: [{ shape: [2, 3] }, { shape: [2, 3] }, { shape: [2, 3] }],
      compute: (a, b, c) => tf.where(tf.greater(a, 0), b, c),
      gradient: [1, 2],
    },
    {
      title: 'against a constant, transposed',
      inputs: [{ shape: [2, 3, 4] }],
      compute: (x) => tf.where(tf.greater(tf.transpose(x, [0, 2, 1]), 0), tf.transpose(x, [0, 2, 1]), tf.scalar(-1)),
      gradient: false,
    },
    {
      title: 'integers',
      inputs: [
        { shape: [3], dtype: 'int32', range: [-2, 2] },
        { shape: [3], dtype: 'int32', range: [5, 9] },
      ],
      compute: (a, b) => tf.where(tf.less(a, 0), b, a),
    },
  ],
});
