import { float, int, string } from '../../../src/graph/attributes.ts';
import { caseOf, fed, float32, floats } from '../case.ts';

const x = floats([2, 3, 4], [-4, 4]);
const far = fed(float32([-100, -20, 20, 100]));

export const activations = [
  caseOf('Relu', 'float', [x]),
  caseOf('LeakyRelu', 'default', [x]),
  caseOf('LeakyRelu', 'alpha', [x], { attributes: { alpha: float(0.3) } }),
  caseOf('PRelu', 'slope per channel', [x, floats([3, 1], [0.1, 0.9])]),
  caseOf('PRelu', 'one slope', [x, floats([1], [0.1, 0.9])]),
  caseOf('ThresholdedRelu', 'alpha', [x], { attributes: { alpha: float(0.7) } }),
  caseOf('Elu', 'default', [x]),
  caseOf('Elu', 'alpha', [x], { attributes: { alpha: float(0.6) } }),
  caseOf('Elu', 'far', [far], { gradient: false }),
  caseOf('Celu', 'alpha', [x], { attributes: { alpha: float(0.6) }, opset: 18 }),
  caseOf('Selu', 'default', [x]),
  caseOf('Selu', 'given', [x], { attributes: { alpha: float(1.2), gamma: float(0.8) } }),
  caseOf('Sigmoid', 'float', [x]),
  caseOf('Sigmoid', 'far', [far], { gradient: false }),
  caseOf('Tanh', 'float', [x]),
  caseOf('Softplus', 'float', [x]),
  caseOf('Softplus', 'far', [far]),
  caseOf('Softsign', 'float', [x]),
  caseOf('HardSigmoid', 'default', [x]),
  caseOf('HardSigmoid', 'as exported', [x], { attributes: { alpha: float(1 / 6), beta: float(0.5) } }),
  caseOf('HardSwish', 'float', [x]),
  caseOf('Mish', 'float', [x]),
  caseOf('Gelu', 'exact', [x]),
  caseOf('Gelu', 'tanh', [x], { attributes: { approximate: string('tanh') } }),
  caseOf('Swish', 'alpha', [x], { attributes: { alpha: float(1.5) }, opset: 24 }),
  caseOf('Softmax', 'last axis', [x]),
  caseOf('Softmax', 'channels', [floats([2, 3, 2, 2])], { attributes: { axis: int(1) } }),
  caseOf('Softmax', 'far', [far]),
  caseOf('LogSoftmax', 'last axis', [x]),
  caseOf('LogSoftmax', 'first axis', [x], { attributes: { axis: int(0) } }),
  caseOf('Hardmax', 'middle axis', [x], { attributes: { axis: int(1) }, gradient: false }),
];
