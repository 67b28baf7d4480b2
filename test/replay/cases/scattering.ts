import { int, string } from '../../../src/graph/attributes.ts';
import { caseOf, fed, floats, int64 } from '../case.ts';

const data = floats([3, 4]);
const add = { reduction: string('add') };

export const scattering = [
  caseOf('ScatterElements', 'written', [data, int64([1, 0, 2, 3], [2, 2]), floats([2, 2])], {
    attributes: { axis: int(1) },
  }),
  caseOf('ScatterElements', 'added, twice at one place', [data, int64([1, 1, 2, -1], [2, 2]), floats([2, 2])], {
    attributes: { axis: int(1), ...add },
  }),
  caseOf('ScatterElements', 'first axis, fed indices', [data, fed(int64([2, 0, 1], [1, 3])), floats([1, 3])], {
    attributes: add,
  }),
  caseOf('ScatterND', 'rows written', [data, int64([2, 0], [2, 1]), floats([2, 4])]),
  caseOf('ScatterND', 'elements added', [data, int64([0, 1, 0, 1, 2, -1], [3, 2]), floats([3])], { attributes: add }),
];
