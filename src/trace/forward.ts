// The operations of a forward pass, on values of the trace under way: what TensorFlow.js offers under the same names, without
// its engine, which takes as long as recording does. What takes gradients is written in TensorFlow.js itself.
export * from './forward/elementwise.ts';
export * from './forward/images.ts';
export {
  cast,
  constant,
  kernel,
  kernelOfMany,
  kernels,
  knownNumbers,
  valueOf,
  type Operand,
} from './forward/kernel.ts';
export * from './forward/shapes.ts';
export * from './forward/sums.ts';
export type { Value, ValueType } from './value.ts';
