import { float, int, ints } from '../../../src/graph/attributes.ts';
import { caseOf, fed, floats, float32, known, type Operand } from '../case.ts';

const vector = (size: number, seed: number, low = -1): Operand => floats([size], [low, 1.5], seed);
const statistics = [vector(3, 1), vector(3, 2), vector(3, 3), vector(3, 4, 0.5)];
const map = floats([2, 3, 2, 3]);

export const normalizations = [
  caseOf('BatchNormalization', 'constants', [map, ...statistics.map(known)], { attributes: { epsilon: float(1e-3) } }),
  caseOf('BatchNormalization', 'fed statistics', [map, ...statistics]),
  caseOf('BatchNormalization', 'vectors', [floats([4, 3]), ...statistics.map(known)]),
  caseOf('BatchNormalization', 'sequences', [floats([2, 3, 4]), ...statistics.map(known)]),
  caseOf('BatchNormalization', 'training mode', [floats([1, 3, 8]), ...statistics.map(known)], {
    attributes: { training_mode: int(1), momentum: float(0.7) },
    outputs: ['float32', 'float32', 'float32'],
  }),
  caseOf('LayerNormalization', 'last axis', [floats([2, 3, 4]), vector(4, 1), vector(4, 2)]),
  caseOf('LayerNormalization', 'last two, no bias', [floats([2, 3, 4]), floats([3, 4])], {
    attributes: { axis: int(-2), epsilon: float(1e-3) },
  }),
  caseOf('LayerNormalization', 'mean and deviation', [floats([2, 4]), vector(4, 1)], {
    outputs: ['float32', 'float32', 'float32'],
  }),
  caseOf('RMSNormalization', 'last axis', [floats([2, 3, 4]), vector(4, 1)], { opset: 23 }),
  caseOf('InstanceNormalization', 'map', [map, vector(3, 1), vector(3, 2)], { attributes: { epsilon: float(1e-2) } }),
  caseOf('GroupNormalization', 'opset 21: per channel', [floats([2, 4, 2, 3]), vector(4, 1), vector(4, 2)], {
    attributes: { num_groups: int(2) },
  }),
  caseOf('GroupNormalization', 'opset 18: per group', [floats([2, 4, 2, 3]), vector(2, 1), vector(2, 2)], {
    attributes: { num_groups: int(2) },
    opset: 18,
  }),
  caseOf('MeanVarianceNormalization', 'default axes', [map]),
  caseOf('MeanVarianceNormalization', 'given axes', [map], { attributes: { axes: ints([2, 3]) } }),
  caseOf('LRN', 'odd size', [floats([2, 6, 2, 2])], {
    attributes: { size: int(3), alpha: float(0.3), beta: float(0.6), bias: float(2) },
  }),
  caseOf('LRN', 'wider than the channels', [floats([1, 3, 2, 2])], { attributes: { size: int(5), alpha: float(0.3) } }),
  caseOf('LpNormalization', 'order 2', [floats([2, 3, 4])], { attributes: { axis: int(1) } }),
  caseOf('LpNormalization', 'order 1', [floats([2, 3, 4])], { attributes: { p: int(1) } }),
  caseOf('LpNormalization', 'zeros', [fed(float32([0, 0, 3, 4], [2, 2]))], { gradient: false }),
];
