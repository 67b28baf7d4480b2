// Activation functions. Each is ONNX's formula; where a branch could overflow, its argument is clipped first, so that
// neither the value nor the gradient of the other branch becomes NaN.
import { floatOf, intOf, stringOf } from '../../graph/attributes.ts';
import type { Node } from '../../graph/graph.ts';
import { tf } from '../../tf/tfjs.ts';
import { axisOf, constantly, inverse, movedLast } from '../arrays.ts';
import type { Call, ReplayOp } from '../call.ts';

/** Lifts a function of one tensor and the node's attributes. */
const activation =
  (compute: (x: tf.Tensor, node: Node) => tf.Tensor): ReplayOp =>
  (call) =>
    compute(call.input(0), call.node);

/** x where x > 0, else alpha * (exp(x / width) - 1). */
function exponential(x: tf.Tensor, alpha: number, width: number): tf.Tensor {
  const curve = tf.mul(tf.sub(tf.exp(tf.div(tf.minimum(x, 0), width)), 1), alpha);
  return tf.add(tf.relu(x), curve);
}

/** max(0, min(1, alpha * x + beta)) */
export const hardSigmoid = (x: tf.Tensor, alpha: number, beta: number): tf.Tensor =>
  tf.clipByValue(tf.add(tf.mul(x, alpha), beta), 0, 1);

export function gelu(x: tf.Tensor, approximation: string): tf.Tensor {
  if (approximation === 'tanh') {
    const cubic = tf.add(x, tf.mul(tf.mul(x, tf.mul(x, x)), 0.044715));
    return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(tf.mul(cubic, Math.sqrt(2 / Math.PI))), 1));
  }
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

/** x * sigmoid(alpha * x) */
export const swish = (x: tf.Tensor, alpha: number): tf.Tensor =>
  tf.mul(x, tf.sigmoid(alpha === 1 ? x : tf.mul(x, alpha)));

/** Along any axis: TensorFlow.js's own only takes the last one. */
function softmax(x: tf.Tensor, axis: number): tf.Tensor {
  return alongLast(x, axis, (last) => tf.softmax(last));
}

function alongLast(x: tf.Tensor, axis: number, compute: (x: tf.Tensor) => tf.Tensor): tf.Tensor {
  const perm = movedLast(x.rank, [axisOf(axis, x.rank)]);
  if (axisOf(axis, x.rank) === x.rank - 1) return compute(x);
  return tf.transpose(compute(tf.transpose(x, perm)), inverse(perm));
}

/** One where the first largest element stands, without gradient. */
function hardmax(x: tf.Tensor, axis: number): tf.Tensor {
  return constantly(() =>
    alongLast(x, axis, (last) => tf.cast(tf.oneHot(tf.argMax(last, -1), last.shape.at(-1) ?? 1), 'float32')),
  );
}

function thresholdedRelu(x: tf.Tensor, node: Node): tf.Tensor {
  const above = constantly(() => tf.cast(tf.greater(x, floatOf(node, 'alpha', 1)), 'float32'));
  return tf.mul(x, above);
}

/** x where x > 0, else slope * x; the slope broadcasts. */
function prelu(call: Call): tf.Tensor {
  const x = call.input(0);
  return tf.add(tf.relu(x), tf.mul(call.input(1), tf.minimum(x, 0)));
}

const SELU_ALPHA = 1.6732631921768188;
const SELU_GAMMA = 1.0507010221481323;

export const activations: Record<string, ReplayOp> = {
  Relu: activation(tf.relu),
  LeakyRelu: activation((x, node) => tf.leakyRelu(x, floatOf(node, 'alpha', 0.01))),
  PRelu: prelu,
  ThresholdedRelu: activation(thresholdedRelu),
  Elu: activation((x, node) => exponential(x, floatOf(node, 'alpha', 1), 1)),
  Celu: activation((x, node) => exponential(x, floatOf(node, 'alpha', 1), floatOf(node, 'alpha', 1))),
  Selu: activation((x, node) =>
    tf.mul(exponential(x, floatOf(node, 'alpha', SELU_ALPHA), 1), floatOf(node, 'gamma', SELU_GAMMA)),
  ),
  Sigmoid: activation(tf.sigmoid),
  Tanh: activation(tf.tanh),
  Softplus: activation(tf.softplus),
  Softsign: activation((x) => tf.div(x, tf.add(tf.abs(x), 1))),
  HardSigmoid: activation((x, node) => hardSigmoid(x, floatOf(node, 'alpha', 0.2), floatOf(node, 'beta', 0.5))),
  HardSwish: activation((x) => tf.mul(x, hardSigmoid(x, 1 / 6, 0.5))),
  Mish: activation((x) => tf.mul(x, tf.tanh(tf.softplus(x)))),
  Gelu: activation((x, node) => gelu(x, stringOf(node, 'approximate', 'none'))),
  Swish: activation((x, node) => swish(x, floatOf(node, 'alpha', 1))),
  Softmax: activation((x, node) => softmax(x, intOf(node, 'axis', -1))),
  LogSoftmax: activation((x, node) => alongLast(x, intOf(node, 'axis', -1), (last) => tf.logSoftmax(last))),
  Hardmax: activation((x, node) => hardmax(x, intOf(node, 'axis', -1))),
};
