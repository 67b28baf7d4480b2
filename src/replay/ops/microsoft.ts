// ONNX Runtime's own operators that exporters and its optimiser write: fusions of standard ones.
import { floatOf, intOf } from '../../graph/attributes.ts';
import { tf } from '../../tf/tfjs.ts';
import { indices } from '../arrays.ts';
import { unsupported, type Call, type ReplayOp } from '../call.ts';
import { gelu, hardSigmoid, swish } from './activations.ts';
import { clip } from './arithmetic.ts';
import { convolve } from './convolutions.ts';
import { gemm, matMul, times } from './matrices.ts';
import { scaledAndShifted, standardized } from './normalizations.ts';

/** The activation fused into a node, named by its attribute `activation`. */
function activated(call: Call, y: tf.Tensor): tf.Tensor {
  const { activation, activation_params: given } = call.node.attributes;
  const name = activation?.kind === 'string' ? activation.value : '';
  const [first, second] = given?.kind === 'floats' ? given.value : [];
  switch (name) {
    case '':
      return y;
    case 'Relu':
      return tf.relu(y);
    case 'Sigmoid':
      return tf.sigmoid(y);
    case 'Tanh':
      return tf.tanh(y);
    case 'LeakyRelu':
      return tf.leakyRelu(y, first ?? 0.01);
    case 'Clip':
      return clip(y, first, second);
    case 'HardSigmoid':
      return hardSigmoid(y, first ?? 0.2, second ?? 0.5);
    default:
      throw unsupported(call, `activation '${name}' is not covered`);
  }
}

/** Conv, then the sum with another value, then an activation. */
function fusedConv(call: Call): tf.Tensor {
  const y = convolve(call);
  const other = call.optional(3);
  return activated(call, other === undefined ? y : tf.add(y, other));
}

/** alpha * A' B', where the last two axes of either may be transposed. */
function fusedMatMul(call: Call): tf.Tensor {
  const { node } = call;
  if (intOf(node, 'transBatchA', 0) === 1 || intOf(node, 'transBatchB', 0) === 1) {
    throw unsupported(call, 'transposed batches are not covered');
  }
  const a = transposedIf(intOf(node, 'transA', 0) === 1, call.input(0));
  const b = transposedIf(intOf(node, 'transB', 0) === 1, call.input(1));
  return times(matMul(a, b), floatOf(node, 'alpha', 1));
}

function transposedIf(transposed: boolean, x: tf.Tensor): tf.Tensor {
  if (!transposed || x.rank < 2) return x;
  return tf.transpose(x, [...indices(x.rank - 2), x.rank - 1, x.rank - 2]);
}

/** Layer normalisation of x + skip + bias; the sum is the fourth output. */
function skipLayerNormalization(call: Call): tf.Tensor[] {
  const [x, skip, gamma, beta, bias] = [
    call.input(0),
    call.input(1),
    call.input(2),
    call.optional(3),
    call.optional(4),
  ];
  const sum = tf.add(x, skip);
  const total = bias === undefined ? sum : tf.add(sum, bias);
  const { y, mean, inverseDeviation } = standardized(total, [total.rank - 1], floatOf(call.node, 'epsilon', 1e-12));
  return [scaledAndShifted(y, gamma, beta), mean, inverseDeviation, total];
}

/** The tanh form of GELU of x + bias. */
function fastGelu(call: Call): tf.Tensor {
  const bias = call.optional(1);
  return gelu(bias === undefined ? call.input(0) : tf.add(call.input(0), bias), 'tanh');
}

export const microsoft: Record<string, ReplayOp> = {
  'com.microsoft.FusedConv': fusedConv,
  'com.microsoft.FusedGemm': (call) => activated(call, gemm(call)),
  'com.microsoft.FusedMatMul': fusedMatMul,
  'com.microsoft.Gelu': (call) => gelu(call.input(0), 'none'),
  'com.microsoft.FastGelu': fastGelu,
  'com.microsoft.BiasGelu': (call) => gelu(tf.add(call.input(0), call.input(1)), 'none'),
  'com.microsoft.QuickGelu': (call) => swish(call.input(0), floatOf(call.node, 'alpha', 1.702)),
  'com.microsoft.SkipLayerNormalization': skipLayerNormalization,
};
