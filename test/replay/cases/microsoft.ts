import { float, floats as floatList, int, ints, string } from '../../../src/graph/attributes.ts';
import { caseOf, floats, known } from '../case.ts';

const x = floats([2, 3, 4]);
const map = floats([1, 2, 4, 4], [-1, 1]);
const filter = known(floats([2, 2, 3, 3], [-0.5, 0.5]));
const padded = { pads: ints([1, 1, 1, 1]) };

export const microsoft = [
  ...(
    [
      ['Relu', undefined],
      ['Sigmoid', undefined],
      ['Tanh', undefined],
      ['LeakyRelu', [0.2]],
      ['Clip', [-0.3, 0.6]],
      ['HardSigmoid', [0.3, 0.4]],
    ] as const
  ).map(([activation, parameters]) =>
    caseOf('com.microsoft.FusedConv', activation, [map, filter, known(floats([2]))], {
      attributes: {
        ...padded,
        activation: string(activation),
        ...(parameters === undefined ? {} : { activation_params: floatList(parameters) }),
      },
    }),
  ),
  caseOf('com.microsoft.FusedConv', 'with a sum', [map, filter, known(floats([2])), floats([1, 2, 4, 4], [-1, 1], 3)], {
    attributes: { ...padded, activation: string('Relu') },
  }),
  caseOf('com.microsoft.FusedGemm', 'Relu', [floats([2, 3]), floats([4, 3], [-1, 1]), floats([4])], {
    attributes: { transB: int(1), activation: string('Relu') },
  }),
  caseOf('com.microsoft.FusedMatMul', 'scores of attention', [x, floats([2, 5, 4], [-1, 1])], {
    attributes: { transB: int(1), alpha: float(0.5) },
  }),
  caseOf('com.microsoft.FusedMatMul', 'left transposed', [x, floats([2, 3, 2], [-1, 1])], {
    attributes: { transA: int(1) },
  }),
  caseOf('com.microsoft.Gelu', 'float', [x]),
  caseOf('com.microsoft.FastGelu', 'with bias', [x, floats([4])]),
  caseOf('com.microsoft.FastGelu', 'no bias', [x]),
  caseOf('com.microsoft.BiasGelu', 'float', [x, floats([4])]),
  caseOf('com.microsoft.QuickGelu', 'default', [x]),
  caseOf('com.microsoft.QuickGelu', 'alpha', [x], { attributes: { alpha: float(1) } }),
  caseOf(
    'com.microsoft.SkipLayerNormalization',
    'all of it',
    [x, floats([2, 3, 4], [-1, 1], 2), floats([4]), floats([4], [-1, 1], 3), floats([4], [-1, 1], 4)],
    {
      attributes: { epsilon: float(1e-5) },
      outputs: ['float32', '', '', 'float32'],
    },
  ),
  caseOf('com.microsoft.SkipLayerNormalization', 'no bias', [x, floats([2, 3, 4], [-1, 1], 2), floats([4])]),
];
