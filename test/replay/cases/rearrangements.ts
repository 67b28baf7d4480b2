import { int, ints, string } from '../../../src/graph/attributes.ts';
import { bool, caseOf, fed, floats, int64 } from '../case.ts';

const x = floats([2, 3, 4]);

export const rearrangements = [
  caseOf('Shape', 'whole', [x], { outputs: ['int64'] }),
  caseOf('Shape', 'part', [x], { attributes: { start: int(-2), end: int(3) }, outputs: ['int64'] }),
  caseOf('Shape', 'empty part', [x], { attributes: { start: int(2), end: int(1) }, outputs: ['int64'] }),
  caseOf('Size', 'whole', [x], { outputs: ['int64'] }),
  caseOf('Reshape', 'given', [x, int64([6, 4])]),
  caseOf('Reshape', 'kept and inferred', [x, int64([0, -1])]),
  caseOf('Reshape', 'to a scalar', [floats([1]), int64([], [0])]),
  caseOf('Flatten', 'default', [x]),
  caseOf('Flatten', 'everything', [x], { attributes: { axis: int(0) } }),
  caseOf('Flatten', 'from the end', [x], { attributes: { axis: int(-1) } }),
  caseOf('Squeeze', 'given', [floats([1, 3, 1, 2]), int64([0, -2])]),
  caseOf('Squeeze', 'all', [floats([1, 3, 1, 2])]),
  caseOf('Unsqueeze', 'given', [x, int64([0, -1])]),
  caseOf('Unsqueeze', 'unsorted', [x, int64([3, 1])]),
  caseOf('Transpose', 'reversed', [x]),
  caseOf('Transpose', 'given', [floats([2, 3, 4, 2])], { attributes: { perm: ints([0, 2, 3, 1]) } }),
  caseOf('Expand', 'new axes', [floats([3, 1]), int64([2, 1, 4])]),
  caseOf('Expand', 'class token', [floats([1, 1, 3]), int64([2, -1, 3].map((dim) => Math.abs(dim)))]),
  caseOf('Expand', 'smaller than the input', [floats([3, 2]), int64([1, 1])]),
  caseOf('Expand', 'bool', [fed(bool([1, 0], [2, 1])), int64([2, 3])], { outputs: ['bool'] }),
  caseOf('Expand', 'int64', [fed(int64([1, 5], [2, 1])), int64([2, 3])], { outputs: ['int64'] }),
  caseOf('Tile', 'two axes', [floats([2, 1, 3]), int64([2, 3, 1])]),
  caseOf('Tile', 'last axis', [floats([2, 3]), int64([1, 2])]),
  caseOf('DepthToSpace', 'depth first', [floats([1, 8, 2, 3])], { attributes: { blocksize: int(2) } }),
  caseOf('DepthToSpace', 'column first', [floats([1, 8, 2, 3])], {
    attributes: { blocksize: int(2), mode: string('CRD') },
  }),
  caseOf('SpaceToDepth', 'map', [floats([1, 2, 4, 6])], { attributes: { blocksize: int(2) } }),
  caseOf('Trilu', 'upper', [floats([2, 3, 4])]),
  caseOf('Trilu', 'lower, shifted', [floats([3, 4]), int64(1)], { attributes: { upper: int(0) } }),
  caseOf('Trilu', 'int64', [fed(int64([1, 2, 3, 4], [2, 2])), int64(-1)], { outputs: ['int64'] }),
];
