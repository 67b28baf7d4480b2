import { int, string } from '../../../src/graph/attributes.ts';
import { bool, caseOf, fed, float32, floats, int64 } from '../case.ts';

const x = floats([4, 5]);
const END = 2 ** 63;

export const slicing = [
  caseOf('Slice', 'two axes', [x, int64([1, 0]), int64([3, 4])]),
  caseOf('Slice', 'to the end', [x, int64([2]), int64([END]), int64([1])]),
  caseOf('Slice', 'from the end', [x, int64([-3]), int64([-1]), int64([-1])]),
  caseOf('Slice', 'every other', [x, int64([1]), int64([END]), int64([1]), int64([2])]),
  caseOf('Slice', 'every third of both', [x, int64([0, 1]), int64([END, END]), int64([0, 1]), int64([3, 3])]),
  caseOf('Slice', 'backwards', [x, int64([-1]), int64([-END]), int64([0]), int64([-1])]),
  caseOf('Slice', 'backwards by two', [x, int64([3]), int64([0]), int64([1]), int64([-2])]),
  caseOf('Slice', 'past the end', [x, int64([2]), int64([100]), int64([0])]),
  caseOf('Slice', 'empty', [x, int64([3]), int64([2]), int64([0])], { gradient: false }),
  caseOf('Slice', 'int64', [fed(int64([1, 2, 3, 4])), int64([1]), int64([3])], { outputs: ['int64'] }),
  caseOf('Slice', 'bool by two', [fed(bool([1, 1, 0, 0, 1])), int64([0]), int64([5]), int64([0]), int64([2])], {
    outputs: ['bool'],
  }),
  caseOf('Split', 'sizes', [x, int64([2, 3])], { attributes: { axis: int(1) }, outputs: ['float32', 'float32'] }),
  caseOf('Split', 'equal', [x], { attributes: { num_outputs: int(2) }, outputs: ['float32', 'float32'] }),
  caseOf('Split', 'last one smaller', [x], {
    attributes: { axis: int(-1), num_outputs: int(3) },
    outputs: ['float32', 'float32', 'float32'],
  }),
  caseOf('Concat', 'three', [x, floats([4, 2]), floats([4, 1])], { attributes: { axis: int(-1) } }),
  caseOf('Concat', 'one', [x], { attributes: { axis: int(0) } }),
  caseOf('Concat', 'int64', [fed(int64([1])), int64([2, 3])], { attributes: { axis: int(0) }, outputs: ['int64'] }),
  caseOf('Gather', 'one index', [floats([2, 5, 3]), int64(0)], { attributes: { axis: int(1) } }),
  caseOf('Gather', 'last index', [x, int64(-1)], { attributes: { axis: int(1) } }),
  caseOf('Gather', 'neighbours', [x, int64([1, 2, 3])], { attributes: { axis: int(0) } }),
  caseOf('Gather', 'matrix of indices', [x, int64([3, 0, -1, 0], [2, 2])], { attributes: { axis: int(0) } }),
  caseOf('Gather', 'middle axis', [floats([2, 5, 3]), int64([4, 1, 1])], { attributes: { axis: int(1) } }),
  caseOf('Gather', 'fed indices', [x, fed(int64([3, -4]))], { attributes: { axis: int(1) } }),
  caseOf('Gather', 'int64', [fed(int64([5, 6, 7])), int64([2, 0])], { outputs: ['int64'] }),
  caseOf('GatherElements', 'last axis', [floats([2, 4]), int64([3, 0, -1, 1], [2, 2])], {
    attributes: { axis: int(1) },
  }),
  caseOf('GatherElements', 'first axis', [floats([3, 2]), int64([2, 0, 0, 1], [2, 2])]),
  caseOf('GatherND', 'elements', [x, int64([0, 1, -1, 2], [2, 2])]),
  caseOf('GatherND', 'rows', [floats([2, 3, 4]), int64([1, 0, 1], [3, 1])]),
  caseOf('GatherND', 'batches', [floats([2, 3, 4]), int64([1, 2, 0, -1], [2, 2, 1])], {
    attributes: { batch_dims: int(1) },
  }),
  caseOf('TopK', 'largest', [x, int64([3])], { outputs: ['float32', 'int64'] }),
  caseOf('TopK', 'smallest along the first axis', [x, int64([2])], {
    attributes: { axis: int(0), largest: int(0) },
    outputs: ['float32', 'int64'],
  }),
  caseOf('Pad', 'constant', [x, int64([1, 0, 2, 3]), float32(0.5)]),
  caseOf('Pad', 'zero by default', [x, int64([0, 2, 0, 0])]),
  caseOf('Pad', 'axes', [floats([1, 2, 3, 3]), int64([1, 2, 0, 1]), null, int64([2, -1])]),
  caseOf('Pad', 'negative', [x, int64([-1, 2, 0, -2])]),
  caseOf('Pad', 'reflect', [x, int64([2, 1, 0, 3])], { attributes: { mode: string('reflect') } }),
  caseOf('Pad', 'edge', [x, int64([2, 1, 0, 3])], { attributes: { mode: string('edge') } }),
  caseOf('Pad', 'wrap', [x, int64([2, 1, 0, 3])], { attributes: { mode: string('wrap') } }),
];
