// Gradients of gradients. TensorFlow.js loses the dependence of an output that a kernel saves for its own gradient (its tape has
// the saved copy before the kernel), so these kernels save their input instead and compute the output again; under the tracer
// the repeated node is the same one. Depthwise convolutions lack a second gradient altogether.
import { tf } from './tfjs.ts';

const only = (dy: tf.Tensor | tf.Tensor[]): tf.Tensor => (Array.isArray(dy) ? dy[0]! : dy);

/** A kernel of one input `x`: `slope` is its derivative there. */
function unary(kernelName: string, slope: (x: tf.Tensor) => tf.Tensor): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: ['x'],
    gradFunc: (dy, [x]) => ({ x: () => tf.mul(only(dy), slope(x!)) }),
  };
}

const configs: readonly tf.GradConfig[] = [
  unary('Exp', (x) => tf.exp(x)),
  unary('Tanh', (x) => tf.sub(1, tf.square(tf.tanh(x)))),
  unary('Sigmoid', (x) => {
    const y = tf.sigmoid(x);
    return tf.mul(y, tf.sub(1, y));
  }),
  unary('Elu', (x) => tf.where(tf.greater(x, 0), tf.onesLike(x), tf.exp(x))),
  {
    kernelName: 'Softmax',
    inputsToSave: ['logits'],
    gradFunc: (dy, [logits], attrs) => {
      const dim = attrs['dim'] as number;
      const y = tf.softmax(logits!, dim);
      const weighted = tf.mul(only(dy), y);
      return { logits: () => tf.sub(weighted, tf.mul(tf.sum(weighted, dim, true), y)) };
    },
  },
  {
    kernelName: 'DepthwiseConv2dNativeBackpropInput',
    inputsToSave: ['filter'],
    gradFunc: (ddx, [filter], attrs) => {
      const pair = (name: string): [number, number] | number => attrs[name] as [number, number] | number;
      const pad = attrs['pad'] as number | 'same' | 'valid';
      const [image, kernel] = [only(ddx) as tf.Tensor4D, filter as tf.Tensor4D];
      return { dy: () => tf.depthwiseConv2d(image, kernel, pair('strides'), pad, 'NHWC', pair('dilations')) };
    },
  },
];

/** Runs `build`, inside which tf.grad of tf.grad is right; the library's own gradients are back in place afterwards. */
export function withSecondGradients<T>(build: () => T): T {
  const before = configs.map(({ kernelName }) => tf.getGradient(kernelName));
  for (const config of configs) replaceGradient(config);
  try {
    return build();
  } finally {
    for (const [index, config] of configs.entries()) {
      const earlier = before[index];
      if (earlier === undefined) tf.unregisterGradient(config.kernelName);
      else replaceGradient(earlier);
    }
  }
}

function replaceGradient(config: tf.GradConfig): void {
  if (tf.getGradient(config.kernelName) !== undefined) tf.unregisterGradient(config.kernelName);
  tf.registerGradient(config);
}
