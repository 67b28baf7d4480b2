import { int, ints, string } from '../../../src/graph/attributes.ts';
import type { Attribute } from '../../../src/graph/graph.ts';
import { caseOf, floats } from '../case.ts';

const pool = (op: string, title: string, shape: number[], attributes: Record<string, Attribute>) =>
  caseOf(op, title, [floats(shape)], { attributes });
const square = (size: number, stride: number) => ({
  kernel_shape: ints([size, size]),
  strides: ints([stride, stride]),
});
const pads = (...values: number[]) => ({ pads: ints(values) });
const ceil = { ceil_mode: int(1) };
const includePad = { count_include_pad: int(1) };

export const pooling = [
  pool('MaxPool', 'plain', [2, 2, 4, 4], square(2, 2)),
  pool('MaxPool', 'overlapping, padded', [1, 2, 6, 6], { ...square(3, 2), ...pads(1, 1, 1, 1) }),
  pool('MaxPool', 'uneven pads', [1, 2, 5, 5], { ...square(3, 2), ...pads(0, 1, 2, 0) }),
  pool('MaxPool', 'ceil_mode', [1, 2, 5, 6], { ...square(2, 2), ...ceil }),
  pool('MaxPool', 'ceil_mode, no last window in the padding', [1, 2, 5, 5], {
    ...square(2, 2),
    ...pads(1, 1, 1, 1),
    ...ceil,
  }),
  pool('MaxPool', 'ceil_mode, size 3', [1, 1, 6, 8], { ...square(3, 2), ...ceil }),
  pool('MaxPool', 'dilations', [1, 2, 7, 7], { ...square(2, 1), dilations: ints([2, 3]) }),
  pool('MaxPool', 'same', [1, 2, 5, 5], { ...square(2, 2), auto_pad: string('SAME_UPPER') }),
  pool('MaxPool', 'leftover rows', [1, 1, 7, 7], { ...square(2, 3) }),
  pool('MaxPool', 'one axis', [1, 2, 7], { kernel_shape: ints([3]), strides: ints([2]), ...pads(1, 1) }),
  ...[{}, ceil].map((mode) =>
    caseOf('MaxPool', `indices${mode === ceil ? ', ceil_mode' : ''}`, [floats([2, 2, 5, 6])], {
      attributes: { ...square(3, 2), ...pads(1, 0, 1, 1), ...mode },
      outputs: ['float32', 'int64'],
    }),
  ),
  caseOf('MaxPool', 'indices, dilations', [floats([1, 2, 7, 7])], {
    attributes: { ...square(3, 2), dilations: ints([2, 2]) },
    outputs: ['float32', 'int64'],
  }),
  pool('AveragePool', 'plain', [2, 2, 4, 4], square(2, 2)),
  pool('AveragePool', 'padding not counted', [1, 2, 5, 5], { ...square(3, 2), ...pads(1, 1, 1, 1) }),
  pool('AveragePool', 'padding counted', [1, 2, 5, 5], { ...square(3, 2), ...pads(1, 1, 1, 1), ...includePad }),
  pool('AveragePool', 'ceil_mode', [1, 2, 5, 6], { ...square(2, 2), ...ceil }),
  pool('AveragePool', 'ceil_mode, padding counted', [1, 2, 6, 6], {
    ...square(3, 2),
    ...pads(1, 1, 1, 1),
    ...ceil,
    ...includePad,
  }),
  pool('AveragePool', 'ceil_mode, uneven pads', [1, 1, 6, 6], { ...square(3, 2), ...pads(0, 1, 1, 0), ...ceil }),
  pool('AveragePool', 'same', [1, 1, 5, 5], { ...square(2, 2), auto_pad: string('SAME_LOWER') }),
  pool('AveragePool', 'dilations', [1, 1, 7, 7], { ...square(2, 2), dilations: ints([2, 2]) }),
  pool('AveragePool', 'one axis', [1, 2, 7], { kernel_shape: ints([3]), strides: ints([2]), ...pads(1, 1) }),
  pool('GlobalAveragePool', 'map', [2, 3, 3, 4], {}),
  pool('GlobalAveragePool', 'sequence', [2, 3, 5], {}),
  pool('GlobalMaxPool', 'map', [2, 3, 3, 4], {}),
];
