import { tf } from '../../tf/tfjs.ts';
import { aligned } from '../elementwise.ts';
import { lowering } from '../op.ts';

export const addN = lowering('AddN', {
  constants: 'fold-stored',
  lower: (recorder, inputs) => {
    const { names, ...placed } = aligned(recorder, Object.values(inputs));
    return recorder.make('Sum', names, { ...placed, dtype: 'float32' });
  },
  cases: [
    {
      title: 'three images, one of them constant',
      inputs: [{ shape: [2, 3, 2] }, { shape: [2, 3, 2] }, { shape: [2, 3, 2], constant: true }],
      compute: (...images) => tf.addN(images),
      nodes: ['Sum'],
    },
  ],
});
