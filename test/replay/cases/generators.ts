import { int, tensor as tensorAttribute } from '../../../src/graph/attributes.ts';
import { constantOf } from '../../../src/graph/tensor.ts';
import { caseOf, fed, float32, floats, int64 } from '../case.ts';

export const generators = [
  caseOf('ConstantOfShape', 'default', [int64([2, 3])]),
  caseOf('ConstantOfShape', 'int64', [int64([2])], {
    attributes: { value: tensorAttribute(constantOf('int64', [1], [7])) },
    outputs: ['int64'],
  }),
  caseOf('ConstantOfShape', 'scalar', [int64([], [0])]),
  caseOf('Range', 'int64', [int64(1), int64(8), int64(3)], { outputs: ['int64'] }),
  caseOf('Range', 'float, down', [float32(2), float32(0), float32(-0.5)]),
  caseOf('Range', 'empty', [int64(3), int64(1), int64(1)], { outputs: ['int64'] }),
  caseOf('EyeLike', 'shifted', [floats([3, 4])], { attributes: { k: int(1) }, gradient: false }),
  caseOf('EyeLike', 'int64', [floats([2, 2])], { attributes: { dtype: int(7) }, outputs: ['int64'] }),
  caseOf('OneHot', 'last axis', [fed(int64([0, 2, -1, 9])), int64(3), float32([0.5, 2])]),
  caseOf('OneHot', 'first axis', [fed(int64([0, 2, 1, 1], [2, 2])), int64([3]), int64([0, 1])], {
    attributes: { axis: int(0) },
    outputs: ['int64'],
  }),
];
