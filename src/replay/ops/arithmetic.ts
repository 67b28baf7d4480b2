// Arithmetic of two or more values with broadcasting, and the choice between values.
import { intOf } from '../../graph/attributes.ts';
import { tf } from '../../tf/tfjs.ts';
import { broadcastShape, constantly, expand } from '../arrays.ts';
import type { Call, ReplayOp } from '../call.ts';

type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const binary =
  (compute: Binary): ReplayOp =>
  (call) =>
    compute(call.input(0), call.input(1));

/**
 * Folds an operation that picks one of two over any number of inputs. They get their common shape first, but for constants:
 * the gradients of tf.maximum and tf.minimum do not sum over broadcast axes.
 */
const extreme =
  (compute: Binary): ReplayOp =>
  (call) => {
    const inputs = call.inputs();
    const shape = broadcastShape(...inputs.map((x) => x.shape));
    const expanded = inputs.map((x, index) => (call.constant(index) === undefined ? expand(x, shape) : x));
    return expanded.reduce((result, x) => compute(result, x));
  };

const sum = (call: Call): tf.Tensor => call.inputs().reduce((total, x) => tf.add(total, x));

/** A comparison or a logical operation: bool, without gradient. */
const predicate =
  (compute: Binary): ReplayOp =>
  (call) =>
    constantly(() => compute(call.input(0), call.input(1)));

function divide(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return a.dtype === 'int32' ? truncatedQuotient(a, b) : tf.div(a, b);
}

/** Integers divide towards zero; tf.floorDiv goes down. */
function truncatedQuotient(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return tf.mul(tf.mul(tf.sign(a), tf.sign(b)), tf.floorDiv(tf.abs(a), tf.abs(b)));
}

/** The remainder has the sign of the divisor, or with fmod=1 that of the dividend, as in C. */
function modulo(call: Call): tf.Tensor {
  const [a, b] = [call.input(0), call.input(1)];
  if (intOf(call.node, 'fmod', 0) === 0) return tf.mod(a, b);
  const quotient = constantly(() => {
    const ratio = tf.div(tf.cast(a, 'float32'), tf.cast(b, 'float32'));
    const whole = tf.mul(tf.sign(ratio), tf.floor(tf.abs(ratio)));
    return a.dtype === 'int32' ? truncatedQuotient(a, b) : whole;
  });
  return tf.sub(a, tf.mul(quotient, b));
}

function power(call: Call): tf.Tensor {
  const [base, exponent] = [call.input(0), call.input(1)];
  return base.dtype === exponent.dtype
    ? tf.pow(base, exponent)
    : tf.cast(tf.pow(tf.cast(base, 'float32'), tf.cast(exponent, 'float32')), base.dtype);
}

/** Values are expanded first: inside tf.where they would be by tf.tile, whose gradient is a slice per repetition. */
function where(call: Call): tf.Tensor {
  const [condition, a, b] = [call.input(0), call.input(1), call.input(2)];
  const shape = broadcastShape(condition.shape, a.shape, b.shape);
  return tf.where(expand(condition, shape), expand(a, shape), expand(b, shape));
}

/** Bounds are optional; where they cross, the upper one wins. */
export function clip(x: tf.Tensor, low: number | undefined, high: number | undefined): tf.Tensor {
  if (low === undefined && high === undefined) return x;
  if (low !== undefined && high !== undefined && low <= high) return tf.clipByValue(x, low, high);
  const raised = low === undefined ? x : tf.maximum(x, tf.scalar(low, x.dtype as 'float32'));
  return high === undefined ? raised : tf.minimum(raised, tf.scalar(high, x.dtype as 'float32'));
}

function bounded(call: Call): tf.Tensor {
  return clip(call.input(0), call.numbers(1)?.[0], call.numbers(2)?.[0]);
}

function mean(call: Call): tf.Tensor {
  return tf.div(sum(call), call.node.inputs.length);
}

function exclusiveOr(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return tf.logicalAnd(tf.logicalOr(a, b), tf.logicalNot(tf.logicalAnd(a, b)));
}

export const arithmetic: Record<string, ReplayOp> = {
  Add: binary(tf.add),
  Sub: binary(tf.sub),
  Mul: binary(tf.mul),
  Div: binary(divide),
  Mod: modulo,
  Pow: power,
  Max: extreme(tf.maximum),
  Min: extreme(tf.minimum),
  Sum: sum,
  Mean: mean,
  Clip: bounded,
  Where: where,
  Equal: predicate(tf.equal),
  Greater: predicate(tf.greater),
  GreaterOrEqual: predicate(tf.greaterEqual),
  Less: predicate(tf.less),
  LessOrEqual: predicate(tf.lessEqual),
  And: predicate(tf.logicalAnd),
  Or: predicate(tf.logicalOr),
  Xor: predicate(exclusiveOr),
};
