import { string } from '../../graph/attributes.ts';
import { tf } from '../../tf/tfjs.ts';
import { lowering } from '../op.ts';
import type { Value } from '../value.ts';

/** Extents of the result's letters, read off the operands. */
function resultShape(equation: string, operands: readonly Value[]): number[] {
  const [left, right] = equation.replaceAll(/\s/g, '').split('->') as [string, string];
  const extents = new Map<string, number>();
  left.split(',').forEach((letters, index) => {
    [...letters].forEach((letter, axis) => extents.set(letter, operands[index]!.shape[axis]!));
  });
  return [...right].map((letter) => extents.get(letter)!);
}

export const einsum = lowering('Einsum', {
  lower: (recorder, inputs, { equation }: tf.EinsumAttrs) => {
    const operands = Object.values<Value>(inputs);
    const made = { shape: resultShape(equation, operands), dtype: 'float32' } as const;
    const names = operands.map((value) => recorder.at(value));
    return recorder.make('Einsum', names, made, { equation: string(equation) });
  },
  cases: [
    {
      title: 'attention scores',
      inputs: [{ shape: [2, 3, 4, 5] }, { shape: [2, 6, 4, 5] }],
      compute: (q, k) => tf.einsum('bqhd,bkhd->bhqk', q, k),
      gradient: false,
      nodes: ['Einsum'],
    },
  ],
});
