import { int } from '../../../src/graph/attributes.ts';
import { bool, caseOf, fed, float32, floats, int64 } from '../case.ts';

const x = floats([2, 3, 4]);
const y = floats([3, 1], [-1.9, 1.7], 2);
const positive = floats([3, 1], [0.5, 2], 3);
const a = fed(int64([7, -7, 7, -7, 0]));
const b = fed(int64([2, 2, -2, -2, 3]));
const yes = fed(bool([1, 0, 1, 0]));
const mixed = fed(bool([1, 1, 0, 0]));

export const arithmetic = [
  caseOf('Add', 'broadcast', [x, y]),
  caseOf('Add', 'int64', [a, b], { outputs: ['int64'] }),
  caseOf('Sub', 'broadcast', [x, y]),
  caseOf('Mul', 'broadcast', [x, y]),
  caseOf('Div', 'broadcast', [x, positive]),
  caseOf('Div', 'scalar above', [float32(2), floats([2, 3], [0.5, 2])]),
  caseOf('Div', 'integers towards zero', [a, b], { outputs: ['int64'] }),
  caseOf('Mod', 'integers', [a, b], { outputs: ['int64'] }),
  caseOf('Mod', 'integers as in C', [a, b], { attributes: { fmod: int(1) }, outputs: ['int64'] }),
  caseOf('Mod', 'floats as in C', [floats([2, 4], [-5, 5]), float32(1.7)], { attributes: { fmod: int(1) } }),
  caseOf('Pow', 'square', [x, float32(2)]),
  caseOf('Pow', 'square of zero', [fed(float32([0, 1, 2])), float32(2)]),
  caseOf('Pow', 'cube', [x, float32(3)]),
  caseOf('Pow', 'root', [floats([2, 3], [0.3, 2]), float32(0.5)]),
  caseOf('Pow', 'integer exponent', [x, int64(2)]),
  caseOf('Pow', 'both fed', [floats([2, 3], [0.3, 2]), floats([3], [-1, 2], 2)]),
  caseOf('Max', 'three', [x, y, float32(0.1)]),
  caseOf('Max', 'int64', [a, b], { outputs: ['int64'] }),
  caseOf('Max', 'one', [x]),
  caseOf('Min', 'broadcast', [x, y]),
  caseOf('Sum', 'three', [x, y, x]),
  caseOf('Mean', 'three', [x, y, x]),
  caseOf('Clip', 'both', [x, float32(-0.5), float32(1)]),
  caseOf('Clip', 'low only', [x, float32(-0.5)]),
  caseOf('Clip', 'high only', [x, null, float32(0.5)]),
  caseOf('Clip', 'none', [x]),
  caseOf('Clip', 'crossed', [x, float32(1), float32(-1)], { gradient: false }),
  caseOf('Clip', 'int64', [a, int64(-2), int64(5)], { outputs: ['int64'] }),
  caseOf('Where', 'broadcast', [fed(bool([1, 0, 1, 1], [4])), x, y]),
  caseOf('Where', 'scalar', [fed(bool([1, 0, 1], [3, 1])), x, float32(-1e9)]),
  caseOf('Where', 'int64', [yes, int64([1, 2, 3, 4]), int64(0)], { outputs: ['int64'] }),
  caseOf('Equal', 'int64', [a, b], { outputs: ['bool'] }),
  caseOf('Greater', 'float', [x, y], { outputs: ['bool'] }),
  caseOf('GreaterOrEqual', 'int64', [a, int64(0)], { outputs: ['bool'] }),
  caseOf('Less', 'float', [x, y], { outputs: ['bool'] }),
  caseOf('LessOrEqual', 'int64', [a, int64(0)], { outputs: ['bool'] }),
  caseOf('And', 'bool', [yes, mixed], { outputs: ['bool'] }),
  caseOf('Or', 'bool', [yes, mixed], { outputs: ['bool'] }),
  caseOf('Xor', 'bool', [yes, mixed], { outputs: ['bool'] }),
];
