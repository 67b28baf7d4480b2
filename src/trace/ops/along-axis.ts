// Kernels that work along one axis and keep the others: wherever the axis lies.
import { float, int } from '../../graph/attributes.ts';
import { tf } from '../../tf/tfjs.ts';
import { withoutAxes } from '../layout.ts';
import { lowering, type CaseInput, type OpLowering } from '../op.ts';
import type { Recorder } from '../recorder.ts';
import type { Value } from '../value.ts';

function extreme(kernel: 'ArgMax' | 'ArgMin', compute: (x: tf.Tensor, axis: number) => tf.Tensor): OpLowering {
  return lowering<'x', tf.ArgMaxAttrs>(kernel, {
    lower: (recorder, { x }, { axis }) => {
      const place = tf.util.parseAxisParam(axis, [...x.shape])[0]!;
      const order = withoutAxes(x.order, [place]);
      const shape = x.shape.toSpliced(place, 1);
      const physical = order.map((left) => shape[left]!);
      const attributes = { axis: int(x.order.indexOf(place)), keepdims: int(0) };
      const found = recorder.emit(kernel, [recorder.at(x, x.order)], { dtype: 'int64', shape: physical }, attributes);
      return recorder.existing(recorder.castTo(found, 'int32', physical), { shape, order, dtype: 'int32' });
    },
    cases: [
      { title: 'last axis', inputs: [cube], compute: (x) => compute(x, -1), gradient: false },
      {
        title: 'channels of an image that lies channels first',
        inputs: [image],
        compute: (x) => compute(tf.transpose(x, [0, 2, 3, 1]), 3),
        gradient: false,
      },
      {
        title: 'the first of equal ones',
        inputs: [{ shape: [2, 3], values: [1, 2, 2, 3, 3, 1] }],
        compute: (x) => compute(x, 1),
        gradient: false,
      },
    ],
  });
}

/** A node of the same shape that takes its axis as an attribute. */
function alongLast(recorder: Recorder, op: string, x: Value, axis: number): Value {
  const made = { shape: x.shape, order: x.order, dtype: x.dtype };
  return recorder.make(op, [recorder.at(x, x.order)], made, { axis: int(x.order.indexOf(axis)) });
}

const cube: CaseInput = { shape: [2, 3, 4] };
const image: CaseInput = { shape: [2, 3, 4, 2] };

export const alongAxis: readonly OpLowering[] = [
  extreme('ArgMax', tf.argMax),
  extreme('ArgMin', tf.argMin),
  lowering<'logits', tf.SoftmaxAttrs>('Softmax', {
    lower: (recorder, { logits }, { dim }) =>
      alongLast(recorder, 'Softmax', logits, tf.util.parseAxisParam(dim, [...logits.shape])[0]!),
    cases: [
      {
        title: 'last axis',
        inputs: [{ shape: [2, 5], range: [-4, 4] }],
        compute: (x) => tf.softmax(x),
        nodes: ['Softmax'],
      },
      { title: 'huge logits', inputs: [{ shape: [2, 5], range: [-1e4, 1e4] }], compute: (x) => tf.softmax(x) },
      {
        title: 'of its logarithm',
        inputs: [{ shape: [2, 5], range: [-4, 4] }],
        compute: (x) => tf.softmax(tf.logSoftmax(x)),
      },
    ],
  }),
  lowering<'x', tf.CumsumAttrs>('Cumsum', {
    lower: (recorder, { x }, { axis, exclusive, reverse }) => {
      const place = tf.util.parseAxisParam(axis, [...x.shape])[0]!;
      const inputs = [recorder.at(x, x.order), recorder.scalar(x.order.indexOf(place), 'int64')];
      const attributes = { exclusive: int(exclusive ? 1 : 0), reverse: int(reverse ? 1 : 0) };
      return recorder.make('CumSum', inputs, { shape: x.shape, order: x.order, dtype: x.dtype }, attributes);
    },
    cases: [
      { title: 'plain', inputs: [cube], compute: (x) => tf.cumsum(x, 1), gradient: false, nodes: ['CumSum'] },
      {
        title: 'exclusive, from the end',
        inputs: [cube],
        compute: (x) => tf.cumsum(x, 2, true, true),
        nodes: ['CumSum'],
      },
    ],
  }),
  lowering<'x', tf.TopKAttrs>('TopK', {
    lower: (recorder, { x }, { k, sorted }) => {
      const shape = [...x.shape.slice(0, -1), k];
      const types = [
        { dtype: x.dtype, shape },
        { dtype: 'int64', shape },
      ] as const;
      const attributes = { axis: int(-1), largest: int(1), sorted: int(sorted ? 1 : 0) };
      const [values, indices] = recorder.emitAll('TopK', [recorder.at(x), recorder.integers([k])], types, attributes);
      return [
        recorder.existing(values!, { shape, dtype: x.dtype }),
        recorder.existing(recorder.castTo(indices!, 'int32', shape), { shape, dtype: 'int32' }),
      ];
    },
    cases: [
      {
        title: 'values and indices',
        inputs: [{ shape: [2, 6] }],
        compute: (x) => {
          const { values, indices } = tf.topk(x, 3);
          return [values, indices];
        },
        gradient: false,
      },
    ],
  }),
  lowering<'x', tf.LRNAttrs>('LRN', {
    lower: (recorder, { x }, { depthRadius, bias, alpha, beta }) => {
      const size = 2 * depthRadius + 1;
      const nchw = recorder.transposed(x, [0, 3, 1, 2]);
      const attributes = { size: int(size), alpha: float(alpha * size), beta: float(beta), bias: float(bias) };
      const y = recorder.make('LRN', [recorder.at(nchw)], { shape: nchw.shape, dtype: 'float32' }, attributes);
      return recorder.transposed(y, [0, 2, 3, 1]);
    },
    cases: [
      {
        title: 'five channels',
        inputs: [{ shape: [1, 2, 3, 8] }],
        compute: (x) => tf.localResponseNormalization(x as tf.Tensor4D, 2, 1, 0.5, 0.75),
        gradient: false,
      },
    ],
  }),
];
