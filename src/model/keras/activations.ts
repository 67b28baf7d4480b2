// Activation functions by the names that Keras and TensorFlow.js save them under, as plain TensorFlow.js operations.
// Two names mean different functions in Keras 2 and 3; the rest is one table.
import { tf } from '../../tf/tfjs.ts';
import { badField, isFields, type Configured } from './config.ts';
import type { Generation } from './topology.ts';

export type Activation = (x: tf.Tensor) => tf.Tensor;

const common: Readonly<Record<string, Activation>> = {
  linear: (x) => x,
  relu: (x) => tf.relu(x),
  relu6: (x) => tf.relu6(x),
  leaky_relu: (x) => tf.leakyRelu(x, 0.2),
  elu: (x) => tf.elu(x),
  selu: (x) => tf.selu(x),
  celu: (x) => tf.add(tf.relu(x), tf.expm1(tf.minimum(x, 0))),
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
  swish: (x) => tf.mul(x, tf.sigmoid(x)),
  gelu: (x) => gelu(x, false),
  gelu_new: (x) => gelu(x, true),
  mish: (x) => tf.mul(x, tf.tanh(tf.softplus(x))),
  sigmoid: (x) => tf.sigmoid(x),
  log_sigmoid: (x) => tf.neg(tf.softplus(tf.neg(x))),
  tanh: (x) => tf.tanh(x),
  hard_tanh: (x) => tf.clipByValue(x, -1, 1),
  tanh_shrink: (x) => tf.sub(x, tf.tanh(x)),
  softplus: (x) => tf.softplus(x),
  softsign: (x) => tf.div(x, tf.add(tf.abs(x), 1)),
  squareplus: (x) => tf.div(tf.add(x, tf.sqrt(tf.add(tf.square(x), 4))), 2),
  exponential: (x) => tf.exp(x),
  hard_silu: (x) => tf.mul(x, hardSigmoid(x)),
  hard_swish: (x) => tf.mul(x, hardSigmoid(x)),
  softmax: (x) => softmax(x, -1),
  log_softmax: (x) => tf.logSoftmax(x),
};

/** The slope of `hard_sigmoid` is 0.2 in Keras 2 and TensorFlow.js, 1/6 in Keras 3. */
const ofGeneration: Readonly<Record<Generation, Readonly<Record<string, Activation>>>> = {
  2: { hard_sigmoid: (x) => tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1) },
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
      return (x) => tf.leakyRelu(x, number(['negative_slope', 'alpha'], 0.3));
    case 'ELU': {
      const alpha = number(['alpha'], 1);
      return (x) => (alpha === 1 ? tf.elu(x) : tf.add(tf.relu(x), tf.mul(tf.expm1(tf.minimum(x, 0)), alpha)));
    }
    case 'ThresholdedReLU': {
      const theta = number(['theta'], 1);
      return (x) => tf.mul(x, tf.cast(tf.greater(x, theta), 'float32'));
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
function relu(x: tf.Tensor, { slope, threshold, maximum }: ReluOptions): tf.Tensor {
  if (threshold === 0 && maximum === null) return slope === 0 ? tf.relu(x) : tf.leakyRelu(x, slope);
  let above: tf.Tensor;
  if (threshold !== 0) above = tf.mul(x, tf.cast(tf.greater(x, threshold), 'float32'));
  else above = maximum === 6 ? tf.relu6(x) : tf.relu(x);
  if (maximum !== null && !(threshold === 0 && maximum === 6)) above = tf.clipByValue(above, 0, maximum);
  return slope === 0 ? above : tf.sub(above, tf.mul(tf.relu(tf.sub(threshold, x)), slope));
}

export function gelu(x: tf.Tensor, approximate: boolean): tf.Tensor {
  const gate = approximate
    ? tf.tanh(tf.mul(tf.add(x, tf.mul(tf.mul(x, tf.square(x)), 0.044715)), Math.sqrt(2 / Math.PI)))
    : tf.erf(tf.mul(x, Math.SQRT1_2));
  return tf.mul(tf.mul(x, 0.5), tf.add(gate, 1));
}

/** Along any axis; TensorFlow.js knows the last one only. */
export function softmax(x: tf.Tensor, axis: number): tf.Tensor {
  const last = x.rank - 1;
  const wanted = axis < 0 ? axis + x.rank : axis;
  if (wanted === last) return tf.softmax(x);
  const swap = x.shape.map((_, index) => (index === wanted ? last : index === last ? wanted : index));
  return tf.transpose(tf.softmax(tf.transpose(x, swap)), swap);
}

function hardSigmoid(x: tf.Tensor): tf.Tensor {
  return tf.div(tf.relu6(tf.add(x, 3)), 6);
}
