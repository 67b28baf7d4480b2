import { int, ints, string } from '../../../src/graph/attributes.ts';
import type { Attribute } from '../../../src/graph/graph.ts';
import { caseOf, floats, known, type Operand } from '../case.ts';

const map = (shape: readonly number[]): Operand => floats(shape, [-1, 1]);
const weights = (shape: readonly number[]): Operand => floats(shape, [-0.5, 0.5], 2);
const conv = (title: string, x: number[], w: number[], attributes: Record<string, Attribute> = {}) =>
  caseOf('Conv', title, [map(x), weights(w), known(floats([w[0]!], [-1, 1], 3))], { attributes });
const transposed = (title: string, x: number[], w: number[], attributes: Record<string, Attribute> = {}) =>
  caseOf('ConvTranspose', title, [map(x), weights(w)], { attributes });
const pads = (...values: number[]) => ({ pads: ints(values) });

export const convolutions = [
  conv('3 x 3', [2, 3, 5, 6], [4, 3, 3, 3], pads(1, 1, 1, 1)),
  conv('1 x 1', [2, 3, 3, 3], [4, 3, 1, 1]),
  conv('strides', [1, 3, 7, 8], [2, 3, 3, 3], { strides: ints([2, 3]), ...pads(1, 1, 1, 1) }),
  conv('uneven pads', [1, 2, 5, 5], [2, 2, 3, 2], { strides: ints([2, 2]), ...pads(0, 1, 2, 0) }),
  conv('dilations', [1, 2, 7, 7], [2, 2, 3, 3], { dilations: ints([2, 3]), ...pads(2, 2, 2, 2) }),
  conv('groups', [2, 4, 5, 5], [6, 2, 3, 3], { group: int(2), ...pads(1, 1, 1, 1), strides: ints([2, 2]) }),
  conv('groups and dilations', [1, 4, 7, 7], [4, 2, 3, 3], {
    group: int(2),
    dilations: ints([2, 2]),
    ...pads(2, 2, 2, 2),
  }),
  conv('depthwise', [2, 3, 5, 5], [3, 1, 3, 3], { group: int(3), ...pads(1, 1, 1, 1) }),
  conv('depthwise with multiplier', [1, 3, 6, 6], [6, 1, 3, 3], {
    group: int(3),
    ...pads(0, 1, 1, 0),
    strides: ints([2, 2]),
  }),
  conv('depthwise, dilated', [1, 3, 7, 7], [3, 1, 3, 3], { group: int(3), dilations: ints([2, 2]) }),
  conv('one channel', [1, 1, 4, 4], [2, 1, 2, 2]),
  conv('same, more at the end', [1, 2, 5, 6], [2, 2, 2, 3], { auto_pad: string('SAME_UPPER'), strides: ints([2, 2]) }),
  conv('same, more at the start', [1, 2, 5, 6], [2, 2, 2, 3], {
    auto_pad: string('SAME_LOWER'),
    strides: ints([2, 2]),
  }),
  conv('valid', [1, 2, 5, 6], [2, 2, 2, 3], { auto_pad: string('VALID') }),
  conv('one axis', [2, 3, 8], [4, 3, 3], { strides: ints([2]), ...pads(1, 2) }),
  conv('one axis, groups, dilations', [2, 4, 9], [4, 2, 3], { group: int(2), dilations: ints([2]), ...pads(1, 1) }),
  caseOf('Conv', 'no bias', [map([1, 2, 3, 3]), weights([1, 2, 3, 3])]),
  transposed('plain', [1, 2, 3, 4], [2, 3, 3, 3]),
  transposed('strides, pads, output padding', [1, 2, 3, 4], [2, 3, 3, 3], {
    strides: ints([2, 2]),
    ...pads(1, 1, 1, 1),
    output_padding: ints([1, 1]),
  }),
  transposed('uneven pads', [1, 2, 4, 4], [2, 1, 3, 3], { strides: ints([2, 1]), ...pads(0, 1, 2, 0) }),
  transposed('groups', [1, 4, 3, 3], [4, 2, 2, 2], { group: int(2), strides: ints([2, 2]) }),
  transposed('dilations', [1, 2, 3, 3], [2, 2, 2, 2], { dilations: ints([2, 2]) }),
  transposed('one axis', [2, 3, 4], [3, 2, 3], { strides: ints([2]), ...pads(1, 0) }),
];
