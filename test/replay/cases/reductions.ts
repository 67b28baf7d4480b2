import { int } from '../../../src/graph/attributes.ts';
import { caseOf, fed, float32, floats, int64 } from '../case.ts';

const x = floats([2, 3, 4]);
const positive = floats([2, 3, 4], [0.3, 2]);
const ties = fed(float32([1, 3, 3, 2, 3, 1], [2, 3]));

/** Over all axes, one axis, several from the end without keeping them. */
const reductionCases = (op: string, operand = x) => [
  caseOf(op, 'all', [operand]),
  caseOf(op, 'one axis', [operand, int64([1])]),
  caseOf(op, 'several, not kept', [operand, int64([-1, 0])], { attributes: { keepdims: int(0) } }),
];

export const reductions = [
  ...reductionCases('ReduceSum'),
  caseOf('ReduceSum', 'nothing', [x, int64([])], { attributes: { noop_with_empty_axes: int(1) } }),
  caseOf('ReduceSum', 'int64', [fed(int64([1, 2, 3, 4], [2, 2])), int64([0])], { outputs: ['int64'] }),
  ...reductionCases('ReduceMean'),
  ...reductionCases('ReduceMax'),
  caseOf('ReduceMax', 'int64', [fed(int64([1, 7, 3, 4], [2, 2])), int64([0])], { outputs: ['int64'] }),
  ...reductionCases('ReduceMin'),
  ...reductionCases('ReduceProd', positive),
  caseOf('ReduceProd', 'a zero', [fed(float32([2, 0, 3])), int64([0])]),
  caseOf('ReduceProd', 'int64', [fed(int64([2, 3, 4]))], { attributes: { keepdims: int(0) }, outputs: ['int64'] }),
  ...reductionCases('ReduceL1'),
  ...reductionCases('ReduceL2'),
  ...reductionCases('ReduceSumSquare'),
  ...reductionCases('ReduceLogSum', positive),
  ...reductionCases('ReduceLogSumExp'),
  caseOf('ReduceLogSumExp', 'far', [fed(float32([1000, 1001, -1000]))]),
  caseOf('ArgMax', 'first of ties', [ties], { attributes: { axis: int(1) }, outputs: ['int64'] }),
  caseOf('ArgMax', 'last of ties, not kept', [ties], {
    attributes: { axis: int(-1), keepdims: int(0), select_last_index: int(1) },
    outputs: ['int64'],
  }),
  caseOf('ArgMin', 'default axis', [ties], { outputs: ['int64'] }),
  caseOf('CumSum', 'first axis', [x, int64(0)]),
  caseOf('CumSum', 'exclusive, reverse', [x, int64(1)], { attributes: { exclusive: int(1), reverse: int(1) } }),
  caseOf('CumSum', 'int64', [fed(int64([1, 2, 3])), int64(0)], { outputs: ['int64'] }),
];
