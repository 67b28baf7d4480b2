import { float, int, string } from '../../../src/graph/attributes.ts';
import { caseOf, floats, type Operand } from '../case.ts';

const matrix = (shape: readonly number[], seed = 1): Operand => floats(shape, [-1, 1], seed);
const einsum = (equation: string, ...shapes: number[][]) =>
  caseOf(
    'Einsum',
    equation,
    shapes.map((shape, index) => matrix(shape, index + 1)),
    { attributes: { equation: string(equation) } },
  );

export const matrices = [
  caseOf('MatMul', 'matrices', [matrix([3, 4]), matrix([4, 2], 2)]),
  caseOf('MatMul', 'tokens by weights', [matrix([2, 3, 4]), matrix([4, 5], 2)]),
  caseOf('MatMul', 'weights by maps', [matrix([3, 4]), matrix([2, 4, 5], 2)]),
  caseOf('MatMul', 'batches', [matrix([2, 2, 3, 4]), matrix([2, 2, 4, 3], 2)]),
  caseOf('MatMul', 'batches that broadcast', [matrix([2, 1, 3, 4]), matrix([3, 4, 2], 2)]),
  caseOf('MatMul', 'vector on the left', [matrix([4]), matrix([2, 4, 3], 2)]),
  caseOf('MatMul', 'vector on the right', [matrix([2, 3, 4]), matrix([4], 2)]),
  caseOf('MatMul', 'vectors', [matrix([4]), matrix([4], 2)]),
  caseOf('Gemm', 'plain', [matrix([3, 4]), matrix([4, 2], 2)]),
  caseOf('Gemm', 'linear layer', [matrix([3, 4]), matrix([2, 4], 2), matrix([2], 3)], {
    attributes: { transB: int(1) },
  }),
  caseOf('Gemm', 'all of it', [matrix([4, 3]), matrix([2, 4], 2), matrix([3, 1], 3)], {
    attributes: { transA: int(1), transB: int(1), alpha: float(0.5), beta: float(2) },
  }),
  einsum('ij,jk->ik', [2, 3], [3, 4]),
  einsum('bhwc,hkc->bhwk', [2, 2, 3, 4], [2, 5, 4]),
  einsum('bij,bjk->bik', [2, 3, 4], [2, 4, 2]),
  einsum('bhid,bhjd->bhij', [2, 2, 3, 4], [2, 2, 5, 4]),
  einsum('nkctv,kvw->nctw', [2, 2, 3, 2, 3], [2, 3, 3]),
  einsum('i,j->ij', [3], [4]),
  einsum('ij,ij->', [2, 3], [2, 3]),
  einsum('bchw->bhwc', [2, 3, 2, 2]),
  einsum('ij->i', [2, 3]),
  einsum('...ij,...jk->...ik', [2, 2, 3, 4], [2, 2, 4, 2]),
  einsum('ij,jk', [2, 3], [3, 4]),
  einsum('ab,bc,cd->ad', [2, 3], [3, 4], [4, 2]),
];
