import { tf } from '../../tf/tfjs.ts';
import { aligned, elementwise } from '../elementwise.ts';
import { lowering } from '../op.ts';
import type { Value } from '../value.ts';

export const addN = lowering('AddN', {
  constants: 'fold-stored',
  lower: (recorder, inputs) => {
    const values = Object.values<Value>(inputs);
    // ONNX sums floats only.
    if (values[0]!.dtype !== 'float32') return values.reduce((a, b) => elementwise(recorder, 'Add', [a, b]));
    const { names, ...placed } = aligned(recorder, values);
    return recorder.make('Sum', names, { ...placed, dtype: 'float32' });
  },
  cases: [
    {
      title: 'three images, one of them constant',
      inputs: [{ shape: [2, 3, 2] }, { shape: [2, 3, 2] }, { shape: [2, 3, 2], constant: true }],
      compute: (...images) => tf.addN(images),
      nodes: ['Sum'],
    },
    {
      title: 'integers',
      inputs: [1, 2, 3].map(() => ({ shape: [4], dtype: 'int32' as const, range: [-9, 9] as const })),
      compute: (...lists) => tf.addN(lists),
      nodes: ['Add', 'Add'],
    },
  ],
});
