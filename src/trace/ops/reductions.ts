// Reductions over axes, wherever they lie.
import { int } from '../../graph/attributes.ts';
import { tf } from '../../tf/tfjs.ts';
import { elementwise } from '../elementwise.ts';
import { inverse } from '../layout.ts';
import { lowering, type CaseInput, type OpCase, type OpLowering } from '../op.ts';
import type { Recorder } from '../recorder.ts';
import { filled, type Value } from '../value.ts';

type Reduction = 'Sum' | 'Mean' | 'Max' | 'Min' | 'Prod';

function reduced(recorder: Recorder, kind: Reduction, x: Value, axes: readonly number[], keepDims: boolean): Value {
  // Along an axis that repeats: nothing to compare or average, and a sum is a product.
  const pending = axes.filter((axis) => x.extents[axis] !== x.shape[axis]);
  if (pending.length > 0 && kind === 'Prod') return reduced(recorder, kind, recorder.settled(x), axes, keepDims);
  const once: Value = { ...x, shape: x.shape.map((extent, axis) => (pending.includes(axis) ? 1 : extent)) };
  const times = pending.reduce((product, axis) => product * x.shape[axis]!, 1);
  const value = overStored(recorder, kind, once, axes, keepDims);
  return kind === 'Sum' && times > 1 ? elementwise(recorder, 'Mul', [value, filled(times, [], value.dtype)]) : value;
}

/** Recorded with the axes kept: gradients bring them back, and then there is nothing to reshape. */
function overStored(recorder: Recorder, kind: Reduction, x: Value, axes: readonly number[], keepDims: boolean): Value {
  const reduced = (sizes: readonly number[]): number[] => sizes.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const dropped = x.shape.filter((_, axis) => !axes.includes(axis));
  if (axes.every((axis) => x.shape[axis] === 1)) return keepDims ? x : recorder.reshaped(x, dropped);
  const places = inverse(x.order);
  const physical = axes.map((axis) => places[axis]!).sort((a, b) => a - b);
  const inputs = [recorder.stored(x, x.order), recorder.integers(physical)];
  const made = { shape: reduced(x.shape), extents: reduced(x.extents), order: x.order, dtype: x.dtype };
  const kept = recorder.make(`Reduce${kind}`, inputs, made, { keepdims: int(1) });
  return keepDims ? kept : recorder.reshaped(kept, dropped);
}

interface ReductionAttributes {
  readonly axis: number | number[];
  /** What `Max` calls its axes. */
  readonly reductionIndices?: number | number[];
  readonly keepDims: boolean;
}

const image: CaseInput = { shape: [2, 3, 4, 2] };

function casesOf(
  compute: (x: tf.Tensor, axis: number[], keepDims: boolean) => tf.Tensor,
  input: CaseInput,
  differentiable: boolean,
): OpCase[] {
  const shared = differentiable ? {} : { gradient: false as const };
  return [
    { title: 'places', inputs: [input], compute: (x) => compute(x, [1, 2], false), ...shared },
    { title: 'places kept', inputs: [input], compute: (x) => compute(x, [1, 2], true), ...shared },
    {
      title: 'places of an image that lies channels first',
      inputs: [input],
      compute: (x) => compute(tf.transpose(x, [0, 2, 3, 1]), [1, 2], false),
      ...shared,
    },
    {
      title: 'channels of an image that lies channels first',
      inputs: [input],
      compute: (x) => compute(tf.transpose(x, [0, 2, 3, 1]), [3], false),
      ...shared,
    },
    { title: 'all', inputs: [input], compute: (x) => compute(x, [0, 1, 2, 3], false), ...shared },
    {
      title: 'along a repeated axis',
      inputs: [{ ...input, shape: [2, 1, 3, 1] }],
      compute: (x) => compute(tf.tile(x, [1, 2, 1, 2]), [1, 2], false),
      ...shared,
    },
  ];
}

function reduction(
  kernel: Reduction,
  compute: (x: tf.Tensor, axis: number[], keepDims: boolean) => tf.Tensor,
): OpLowering {
  return lowering<'x', ReductionAttributes>(kernel, {
    lower: (recorder, { x }, { axis, reductionIndices, keepDims }) => {
      const axes = tf.util.parseAxisParam(reductionIndices ?? axis, [...x.shape]);
      // A mean of integers is a float.
      return reduced(recorder, kernel, kernel === 'Mean' ? recorder.cast(x, 'float32') : x, axes, keepDims);
    },
    // The gradient of a product takes a cumulative product, which ONNX lacks.
    cases: [
      ...casesOf(compute, image, kernel !== 'Prod'),
      {
        title: 'integers',
        inputs: [{ shape: [3, 4], dtype: 'int32', range: [-9, 9] }],
        compute: (x) => compute(x, [1], false),
      },
    ],
  });
}

/** All and Any: the least and the greatest of truth values read as integers. */
function quantifier(
  kernel: 'All' | 'Any',
  compute: (x: tf.Tensor, axis: number[], keepDims: boolean) => tf.Tensor,
): OpLowering {
  return lowering<'x', { axis: number | number[]; keepDims: boolean }>(kernel, {
    lower: (recorder, { x }, { axis, keepDims }) => {
      const axes = tf.util.parseAxisParam(axis, [...x.shape]);
      const kind = kernel === 'All' ? 'Min' : 'Max';
      return recorder.cast(reduced(recorder, kind, recorder.cast(x, 'int32'), axes, keepDims), 'bool');
    },
    cases: casesOf(compute, { ...image, dtype: 'bool' }, false),
  });
}

export const reductions: readonly OpLowering[] = [
  reduction('Sum', tf.sum),
  reduction('Mean', tf.mean),
  reduction('Max', tf.max),
  reduction('Min', tf.min),
  reduction('Prod', tf.prod),
  quantifier('All', tf.all),
  quantifier('Any', tf.any),
];
