// Activation functions by the names that Keras and TensorFlow.js save them under, as plain TensorFlow.js operations.
// Two names mean different functions in Keras 2 and 3; the rest is one table.
import * as ops from '../../trace/forward.ts';
import type { Value } from '../../trace/forward.ts';
import { badField, isFields, type Configured } from './config.ts';
import type { Generation } from './topology.ts';

export type Activation = (x: Value) => Value;

const common: Readonly<Record<string, Activation>> = {
  linear: (x) => x,
  relu: (x) => ops.relu(x),
  relu6: (x) => ops.relu6(x),
  leaky_relu: (x) => ops.leakyRelu(x, 0.2),
  elu: (x) => ops.elu(x),
  selu: (x) => ops.selu(x),
  celu: (x) => ops.add(ops.relu(x), ops.expm1(ops.minimum(x, 0))),
  silu: (x) => ops.mul(x, ops.sigmoid(x)),
  swish: (x) => ops.mul(x, ops.sigmoid(x)),
  gelu: (x) => gelu(x, false),
  gelu_new: (x) => gelu(x, true),
  mish: (x) => ops.mul(x, ops.tanh(ops.softplus(x))),
  sigmoid: (x) => ops.sigmoid(x),
  log_sigmoid: (x) => ops.neg(ops.softplus(ops.neg(x))),
  tanh: (x) => ops.tanh(x),
  hard_tanh: (x) => ops.clipByValue(x, -1, 1),
  tanh_shrink: (x) => ops.sub(x, ops.tanh(x)),
  softplus: (x) => ops.softplus(x),
  softsign: (x) => ops.div(x, ops.add(ops.abs(x), 1)),
  squareplus: (x) => ops.div(ops.add(x, ops.sqrt(ops.add(ops.square(x), 4))), 2),
  exponential: (x) => ops.exp(x),
  hard_silu: (x) => ops.mul(x, hardSigmoid(x)),
  hard_swish: (x) => ops.mul(x, hardSigmoid(x)),
  softmax: (x) => softmax(x, -1),
  log_softmax: (x) => ops.logSoftmax(x),
};

/** The slope of `hard_sigmoid` is 0.2 in Keras 2 and TensorFlow.js, 1/6 in Keras 3. */
const ofGeneration: Readonly<Record<Generation, Readonly<Record<string, Activation>>>> = {
  2: { hard_sigmoid: (x) => ops.clipByValue(ops.add(ops.mul(x, 0.2), 0.5), 0, 1) },
  3: { hard_sigmoid: hardSigmoid },
};

/** The function of that name, `hardSigmoid` being `hard_sigmoid`; null where there is none. */
export function activationNamed(name: string, generation: Generation): Activation | null {
  const key = name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
  const table = ofGeneration[generation];
  if (Object.hasOwn(table, key)) return table[key]!;
  return Object.hasOwn(common, key) ? common[key]! : null;
}

/** Every name that `activationNamed` knows. */
const activationNames: readonly string[] = [...Object.keys(common), 'hard_sigmoid'];

/**
 * The activation that a layer's configuration names: a string, a function `{class_name: 'function', config: 'relu6'}`, or
 * an activation layer without variables. Absent or null is `linear`. Throws GradcamError `keras-config`.
 */
export function activationOf(layer: Configured & { generation: Generation }, field = 'activation'): Activation {
  const value = layer.config[field] ?? 'linear';
  const name = isFields(value) && typeof value.config === 'string' ? value.config : value;
  if (typeof name === 'string') {
    const found = activationNamed(name.replace(/^.*>/, ''), layer.generation);
    if (found !== null && !name.includes('>')) return found;
  } else if (isFields(value) && typeof value.class_name === 'string' && isFields(value.config)) {
    const { class_name: className, config } = value;
    const made = activationLayer({ path: layer.path, className, config });
    if (made !== null) return made;
  }
  throw badField(layer, field, `one of: ${activationNames.join(', ')}`);
}

/** What an activation layer without variables computes; null for other layers. */
export function activationLayer(layer: Configured): Activation | null {
  const { config } = layer;
  const number = (names: readonly string[], fallback: number): number => {
    for (const name of names) {
      const value = config[name];
      if (typeof value === 'number') return value;
      if (value !== undefined && value !== null) throw badField(layer, name, 'a number');
    }
    return fallback;
  };
  switch (layer.className) {
    case 'ReLU': {
      const limit = config.max_value ?? null;
      const maximum = limit === null ? null : number(['max_value'], 0);
      return (x) => relu(x, { slope: number(['negative_slope'], 0), threshold: number(['threshold'], 0), maximum });
    }
    case 'LeakyReLU':
      return (x) => ops.leakyRelu(x, number(['negative_slope', 'alpha'], 0.3));
    case 'ELU': {
      const alpha = number(['alpha'], 1);
      return (x) => (alpha === 1 ? ops.elu(x) : ops.add(ops.relu(x), ops.mul(ops.expm1(ops.minimum(x, 0)), alpha)));
    }
    case 'ThresholdedReLU': {
      const theta = number(['theta'], 1);
      return (x) => ops.mul(x, ops.cast(ops.greater(x, theta), 'float32'));
    }
    default:
      return null;
  }
}

interface ReluOptions {
  readonly slope: number;
  readonly threshold: number;
  readonly maximum: number | null;
}

/** f(x) = maximum for x >= maximum, x for threshold <= x < maximum, slope * (x - threshold) below. */
function relu(x: Value, { slope, threshold, maximum }: ReluOptions): Value {
  if (threshold === 0 && maximum === null) return slope === 0 ? ops.relu(x) : ops.leakyRelu(x, slope);
  let above: Value;
  if (threshold !== 0) above = ops.mul(x, ops.cast(ops.greater(x, threshold), 'float32'));
  else above = maximum === 6 ? ops.relu6(x) : ops.relu(x);
  if (maximum !== null && !(threshold === 0 && maximum === 6)) above = ops.clipByValue(above, 0, maximum);
  return slope === 0 ? above : ops.sub(above, ops.mul(ops.relu(ops.sub(threshold, x)), slope));
}

export function gelu(x: Value, approximate: boolean): Value {
  const gate = approximate
    ? ops.tanh(ops.mul(ops.add(x, ops.mul(ops.mul(x, ops.square(x)), 0.044715)), Math.sqrt(2 / Math.PI)))
    : ops.erf(ops.mul(x, Math.SQRT1_2));
  return ops.mul(ops.mul(x, 0.5), ops.add(gate, 1));
}

/** Along any axis; TensorFlow.js knows the last one only. */
export function softmax(x: Value, axis: number): Value {
  const last = x.shape.length - 1;
  const wanted = axis < 0 ? axis + x.shape.length : axis;
  if (wanted === last) return ops.softmax(x);
  const swap = x.shape.map((_, index) => (index === wanted ? last : index === last ? wanted : index));
  return ops.transpose(ops.softmax(ops.transpose(x, swap)), swap);
}

function hardSigmoid(x: Value): Value {
  return ops.div(ops.relu6(ops.add(x, 3)), 6);
}
