// Kernels of our own for every computing backend: values are read, computed in JavaScript, written back. They are registered
// with the backend that is current when an operation first runs on it, so importing registers nothing.
import { tf } from './tfjs.ts';

/** A tensor read out of its backend, C order. */
export interface Operand {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface OwnKernel<I extends string = string, A = tf.NamedAttrMap> {
  /** Unique among TensorFlow.js's kernel names. */
  readonly name: string;
  /** The kernel itself, obviously right; the result is stored as float32. */
  compute(inputs: Readonly<Record<I, Operand>>, attributes: A): { shape: readonly number[]; values: ArrayLike<number> };
  /** Inputs that the gradient reads, and the gradient with respect to each input, in TensorFlow.js operations. */
  readonly saved: readonly I[];
  gradient(
    dy: tf.Tensor,
    saved: Readonly<Record<I, tf.Tensor>>,
    attributes: A,
  ): Readonly<Partial<Record<I, () => tf.Tensor>>>;
}

/** Runs one of our kernels on the current backend, registering it there and its gradient when it is met for the first time. */
export function runOwn<I extends string, A extends object>(
  kernel: OwnKernel<I, A>,
  inputs: Readonly<Record<I, tf.Tensor>>,
  attributes: A,
): tf.Tensor {
  const backend = tf.getBackend();
  if (tf.getKernel(kernel.name, backend) === undefined) {
    tf.registerKernel({ kernelName: kernel.name, backendName: backend, kernelFunc: computing(kernel) });
  }
  if (tf.getGradient(kernel.name) === undefined) tf.registerGradient(gradientOf(kernel));
  return tf.engine().runKernel(kernel.name, inputs, attributes as tf.NamedAttrMap);
}

function computing<I extends string, A>(kernel: OwnKernel<I, A>): tf.KernelFunc {
  return ({ inputs, attrs, backend }) => {
    const storage = backend as tf.KernelBackend;
    const operands = Object.entries(inputs).map(([name, info]) => {
      if (info === undefined) throw new TypeError(`${kernel.name}: input ${name} is missing`);
      return [name, { shape: info.shape, values: storage.readSync(info.dataId) as Float32Array }];
    });
    const { shape, values } = kernel.compute(Object.fromEntries(operands) as Record<I, Operand>, attrs as A);
    const dataId = storage.write(Float32Array.from(values), [...shape], 'float32');
    return { dataId, shape: [...shape], dtype: 'float32' };
  };
}

function gradientOf<I extends string, A>(kernel: OwnKernel<I, A>): tf.GradConfig {
  return {
    kernelName: kernel.name,
    inputsToSave: [...kernel.saved],
    gradFunc: (dy, saved, attrs) => {
      const named = Object.fromEntries(kernel.saved.map((name, i) => [name, saved[i]])) as Record<I, tf.Tensor>;
      return kernel.gradient(Array.isArray(dy) ? dy[0]! : dy, named, attrs as A) as ReturnType<tf.GradFunc>;
    },
  };
}
