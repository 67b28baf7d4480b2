import { float, int } from '../../../src/graph/attributes.ts';
import { bool, caseOf, fed, float32, floats, int64 } from '../case.ts';

const x = floats([2, 3, 4]);
const positive = floats([2, 3, 4], [0.2, 3]);
const inside = floats([2, 3, 4], [-0.9, 0.9]);
const odd = fed(float32([-Infinity, -1.5, -0.5, 0, 0.5, 1.5, 2.5, Infinity, NaN]));
const finite = fed(float32([-2.7, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 3.2]));

export const elementary = [
  caseOf('Identity', 'float', [x]),
  caseOf('Dropout', 'with mask', [x], { outputs: ['float32', 'bool'] }),
  caseOf('Dropout', 'with ratio', [x, float32(0.3)]),
  caseOf('Cast', 'float to int64 truncates', [finite], { attributes: { to: int(7) }, outputs: ['int64'] }),
  caseOf('Cast', 'float to bool', [finite], { attributes: { to: int(9) }, outputs: ['bool'] }),
  caseOf('Cast', 'int64 to float', [fed(int64([-3, 0, 5]))], { attributes: { to: int(1) } }),
  caseOf('Cast', 'float to float', [x], { attributes: { to: int(1) } }),
  caseOf('CastLike', 'int64 to float', [fed(int64([-3, 0, 5])), float32(0)]),
  caseOf('CastLike', 'float to bool', [finite, bool(1)], { outputs: ['bool'] }),
  caseOf('Abs', 'float', [x]),
  caseOf('Abs', 'int64', [fed(int64([-3, 0, 5]))], { outputs: ['int64'] }),
  caseOf('Neg', 'float', [x]),
  caseOf('Reciprocal', 'float', [positive]),
  caseOf('Sqrt', 'float', [positive]),
  caseOf('Exp', 'float', [x]),
  caseOf('Log', 'float', [positive]),
  caseOf('Erf', 'float', [x]),
  caseOf('Sin', 'float', [x]),
  caseOf('Cos', 'float', [x]),
  caseOf('Tan', 'float', [inside]),
  caseOf('Asin', 'float', [inside]),
  caseOf('Acos', 'float', [inside]),
  caseOf('Atan', 'float', [x]),
  caseOf('Sinh', 'float', [x]),
  caseOf('Cosh', 'float', [x]),
  caseOf('Asinh', 'float', [x]),
  caseOf('Acosh', 'float', [floats([2, 3], [1.2, 4])]),
  caseOf('Atanh', 'float', [inside]),
  caseOf('Shrink', 'soft', [x], { attributes: { lambd: float(0.7), bias: float(0.2) } }),
  caseOf('Floor', 'float', [finite], { gradient: false }),
  caseOf('Ceil', 'float', [finite], { gradient: false }),
  caseOf('Round', 'halves to even', [finite], { gradient: false }),
  caseOf('Sign', 'float', [finite], { gradient: false }),
  caseOf('Not', 'bool', [fed(bool([0, 1, 1]))], { outputs: ['bool'] }),
  caseOf('IsNaN', 'float', [odd], { outputs: ['bool'] }),
  caseOf('IsInf', 'both', [odd], { outputs: ['bool'] }),
  caseOf('IsInf', 'negative only', [odd], { attributes: { detect_positive: int(0) }, outputs: ['bool'] }),
];
