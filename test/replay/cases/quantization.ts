import { int, ints } from '../../../src/graph/attributes.ts';
import { caseOf, fed, float32, floats, tensor } from '../case.ts';

export const quantization = [
  caseOf('DequantizeLinear', 'whole tensor', [
    fed(tensor('uint8', [0, 3, 255], [3])),
    float32(0.5),
    tensor('uint8', 3),
  ]),
  caseOf('DequantizeLinear', 'no zero point', [tensor('int8', [-3, 0, 7], [3]), float32(0.1)]),
  caseOf(
    'DequantizeLinear',
    'per channel',
    [tensor('int8', [-3, 0, 7, 5], [2, 2]), float32([0.1, 2]), tensor('int8', [1, -1])],
    {
      attributes: { axis: int(0) },
    },
  ),
  caseOf(
    'QuantizeLinear',
    'halves, and values beyond the type',
    [fed(float32([-9, -1.25, -0.75, 0.25, 0.75, 1.25, 200])), float32(0.5), tensor('int8', -3)],
    { outputs: ['int8'] },
  ),
  caseOf('QuantizeLinear', 'no zero point: uint8', [floats([2, 3], [-1, 300]), float32(1.1)], { outputs: ['uint8'] }),
  caseOf('QuantizeLinear', 'a type by its number', [floats([2, 3], [-9, 9]), float32(1e-3)], {
    attributes: { output_dtype: int(5) },
    outputs: ['int16'],
  }),
  caseOf(
    'QuantizeLinear',
    'per channel',
    [floats([2, 3, 2], [-40, 40]), float32([0.1, 2, 0.5]), tensor('uint8', [10, 20, 30])],
    { outputs: ['uint8'] },
  ),
  caseOf('DynamicQuantizeLinear', 'both signs', [floats([3, 5], [-1, 3])], {
    outputs: ['uint8', 'float32', 'uint8'],
  }),
  caseOf('DynamicQuantizeLinear', 'all positive: zero is in the range', [floats([7], [1, 2])], {
    outputs: ['uint8', 'float32', 'uint8'],
  }),
  caseOf(
    'MatMulInteger',
    'zero points of the whole and per column',
    [
      fed(tensor('uint8', [0, 3, 255, 7, 1, 100], [2, 3])),
      tensor('int8', [-3, 0, 7, 5, -128, 127], [3, 2]),
      tensor('uint8', 3),
      tensor('int8', [1, -1]),
    ],
    { outputs: ['int32'] },
  ),
  caseOf(
    'MatMulInteger',
    'no zero points',
    [fed(tensor('uint8', [0, 3, 255, 7], [2, 2])), tensor('uint8', [3, 0, 7, 5], [2, 2])],
    { outputs: ['int32'] },
  ),
  caseOf(
    'ConvInteger',
    'padded by zero points, strided',
    [
      fed(
        tensor(
          'uint8',
          Array.from({ length: 50 }, (_, at) => (at * 37) % 256),
          [1, 2, 5, 5],
        ),
      ),
      tensor(
        'uint8',
        Array.from({ length: 54 }, (_, at) => (at * 91) % 256),
        [3, 2, 3, 3],
      ),
      tensor('uint8', 128),
      tensor('uint8', 100),
    ],
    { attributes: { pads: ints([1, 1, 1, 1]), strides: ints([2, 2]) }, outputs: ['int32'] },
  ),
];
