import { int } from '../../../src/graph/attributes.ts';
import { caseOf, fed, float32, tensor } from '../case.ts';

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
];
