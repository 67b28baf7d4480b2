// Reductions, and what sums products or shares.
import { broadcastShape } from '../shapes.ts';
import type { Value } from '../value.ts';
import { cast, kernel, kernelOfMany, matched } from './kernel.ts';
import { exp, log, square, sub } from './elementwise.ts';
import { axisOf, misfit, reshape } from './shapes.ts';

type Axes = number | readonly number[] | undefined;
type Reduction = (x: Value, axes?: Axes, keepDims?: boolean) => Value;

const reduction = (name: string, prepare: (x: Value) => Value = (x) => x): Reduction => {
  return (x, axes, keepDims = false) => {
    const axis = axesOf(x, axes);
    // What the kernel `Max` calls its axes is `reductionIndices`.
    return kernel(name, { x: prepare(x) }, { axis, reductionIndices: axis, keepDims });
  };
};
const counted = (x: Value): Value => (x.dtype === 'bool' ? cast(x, 'int32') : x);

export const sum = reduction('Sum', counted);
export const mean = reduction('Mean', (x) => cast(x, 'float32'));
export const prod = reduction('Prod', counted);
export const max = reduction('Max');
export const min = reduction('Min');
export const all = reduction('All', (x) => cast(x, 'bool'));
export const any = reduction('Any', (x) => cast(x, 'bool'));
export const argMax = (x: Value, axis: number): Value =>
  kernel('ArgMax', { x }, { axis: axisOf(axis, x.shape.length) });
export const argMin = (x: Value, axis: number): Value =>
  kernel('ArgMin', { x }, { axis: axisOf(axis, x.shape.length) });

function axesOf(x: Value, axes: Axes): number[] {
  if (axes === undefined) return x.shape.map((_, axis) => axis);
  return [...new Set([axes].flat().map((axis) => axisOf(axis, x.shape.length)))].sort((a, b) => a - b);
}

/** Mean and variance over these axes. */
export function moments(x: Value, axes: readonly number[], keepDims = false): { mean: Value; variance: Value } {
  const kept = mean(x, axes, true);
  const variance = mean(square(sub(cast(x, 'float32'), kept)), axes, keepDims);
  return { mean: keepDims ? kept : reshape(kept, variance.shape), variance };
}

/** a [..., m, k] times b [..., k, n]; either may come with its last two axes exchanged. */
export function matMul(first: Value, second: Value, transposeA = false, transposeB = false): Value {
  const { a, b } = matched(first, second);
  const inner = [a.shape.at(transposeA ? -2 : -1), b.shape.at(transposeB ? -1 : -2)];
  if (a.shape.length < 2 || b.shape.length < 2 || inner[0] !== inner[1])
    throw misfit('a matrix product', 'rows as long as columns', `[${a.shape.join(', ')}], [${b.shape.join(', ')}]`);
  broadcastShape([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  return kernel('BatchMatMul', { a: cast(a, 'float32'), b: cast(b, 'float32') }, { transposeA, transposeB });
}

/** Sums of products by letters, as in `bhd,bwd->bhw`. */
export function einsum(equation: string, values: readonly Value[]): Value {
  const [left, right, ...more] = equation.replaceAll(/\s/g, '').split('->');
  const operands = left!.split(',');
  const fits =
    right !== undefined && more.length === 0 && /^[a-zA-Z,]*$/.test(left!) && operands.length === values.length;
  const sizes = new Map<string, number>();
  const agrees = operands.every((letters, index) => {
    const { shape } = values[index] ?? { shape: [] };
    return (
      letters.length === shape.length &&
      [...letters].every((letter, axis) => {
        const known = sizes.get(letter) ?? shape[axis]!;
        sizes.set(letter, known);
        return known === shape[axis];
      })
    );
  });
  if (!fits || !agrees || ![...right].every((letter) => sizes.has(letter)))
    throw misfit(`a sum ${equation}`, 'operands of its letters', values.map(({ shape }) => `[${shape.join(', ')}]`).join(', ')); // prettier-ignore
  return kernelOfMany('Einsum', values, { equation });
}

/** Along the last axis. */
export function softmax(logits: Value): Value {
  return kernel('Softmax', { logits: cast(logits, 'float32') }, { dim: axisOf(-1, logits.shape.length) });
}

/** Along the last axis. */
export function logSoftmax(logits: Value): Value {
  const axis = [axisOf(-1, logits.shape.length)];
  const shifted = sub(logits, max(logits, axis, true));
  return sub(shifted, log(sum(exp(shifted), axis, true)));
}
