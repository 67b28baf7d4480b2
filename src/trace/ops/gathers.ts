// Kernels that read or write by index.
import { int, string } from '../../graph/attributes.ts';
import { sizeOf } from '../../graph/tensor.ts';
import { tf } from '../../tf/tfjs.ts';
import { elementwise } from '../elementwise.ts';
import { identity } from '../layout.ts';
import { lowering, type CaseInput, type OpLowering } from '../op.ts';
import type { Recorder } from '../recorder.ts';
import { constantValue, filled, type Value } from '../value.ts';

/** Name of an index value in int64, which the nodes that take several indices want. */
function wide(recorder: Recorder, indices: Value): string {
  return recorder.castTo(recorder.at(indices), 'int64', indices.shape);
}

/** x read at `indices` along one axis. */
function gathered(recorder: Recorder, x: Value, indices: Value, axis: number): Value {
  const more = indices.shape.length - 1;
  const place = x.order.indexOf(axis);
  const full = x.extents[axis] === x.shape[axis] ? x : recorder.settled(x);
  const order = full.order.flatMap((from) => {
    if (from === axis) return identity(indices.shape.length).map((index) => axis + index);
    return [from < axis ? from : from + more];
  });
  const shape = x.shape.toSpliced(axis, 1, ...indices.shape);
  const extents = full.extents.toSpliced(axis, 1, ...indices.shape);
  const inputs = [recorder.stored(full, full.order), recorder.at(indices)];
  return recorder.make(
    'Gather',
    inputs,
    { shape, extents, order, dtype: x.dtype },
    { axis: int(full === x ? place : axis) },
  );
}

/** As `gathered`, with as many leading axes of x and indices in common. */
function gatheredInBatches(recorder: Recorder, x: Value, indices: Value, axis: number, batchDims: number): Value {
  const rank = x.shape.length;
  const between = identity(rank).slice(batchDims, axis);
  const after = identity(rank).slice(axis + 1);
  const first = recorder.transposed(x, [...identity(batchDims), axis, ...between, ...after]);
  const own = indices.shape.slice(batchDims);
  const rest = first.shape.slice(batchDims + 1);
  const column = recorder.reshaped(indices, [...indices.shape, 1]);
  const shape = [...indices.shape, ...rest];
  const read = recorder.make(
    'GatherND',
    [recorder.at(first), wide(recorder, column)],
    { shape, dtype: x.dtype },
    { batch_dims: int(batchDims) },
  );
  // [batch, own, between, after] -> [batch, between, own, after]
  const axes = identity(shape.length);
  const cut = [batchDims, batchDims + own.length, batchDims + own.length + between.length] as const;
  return recorder.transposed(read, [
    ...axes.slice(0, cut[0]),
    ...axes.slice(cut[1], cut[2]),
    ...axes.slice(cut[0], cut[1]),
    ...axes.slice(cut[2]),
  ]);
}

/** Updates added up in zeros of `shape`: row k of `indices` says where the k-th of `updates` goes. */
function scattered(recorder: Recorder, indices: Value, updates: Value, shape: readonly number[]): Value {
  const zeros = recorder.at(filled(0, shape, updates.dtype));
  const inputs = [zeros, wide(recorder, indices), recorder.at(updates)];
  return recorder.make('ScatterND', inputs, { shape, dtype: updates.dtype }, { reduction: string('add') });
}

const index = (shape: readonly number[], last: number): CaseInput => ({ shape, dtype: 'int32', range: [0, last] });

export const gathers: readonly OpLowering[] = [
  lowering<'x' | 'indices', tf.GatherV2Attrs>('GatherV2', {
    lower: (recorder, { x, indices }, { axis, batchDims }) => {
      const place = tf.util.parseAxisParam(axis, [...x.shape])[0]!;
      const common = batchDims < 0 ? batchDims + indices.shape.length : batchDims;
      return common === 0
        ? gathered(recorder, x, indices, place)
        : gatheredInBatches(recorder, x, indices, place, common);
    },
    cases: [
      {
        title: 'rows',
        inputs: [{ shape: [4, 3] }, index([5], 3)],
        compute: (x, at) => tf.gather(x, at),
        nodes: ['Gather'],
      },
      {
        title: 'a table of columns',
        inputs: [{ shape: [2, 4, 3] }, index([2, 3], 3)],
        compute: (x, at) => tf.gather(x, at, 1),
        nodes: ['Gather'],
      },
      {
        title: 'channels of an image that lies channels first',
        inputs: [{ shape: [1, 4, 2, 3] }, { ...index([5], 3), constant: true }],
        compute: (x, at) => tf.transpose(tf.gather(tf.transpose(x, [0, 2, 3, 1]), at as tf.Tensor1D, 3), [0, 3, 1, 2]),
        nodes: ['Gather'],
      },
      {
        title: 'an entry of each row',
        inputs: [{ shape: [3, 4] }, index([3, 1], 3)],
        compute: (x, at) => tf.gather(x, at, 1, 1),
      },
      {
        title: 'in batches, an axis between',
        inputs: [{ shape: [2, 3, 4, 2] }, index([2, 5], 3)],
        compute: (x, at) => tf.gather(x, at, 2, 1),
        gradient: false,
      },
      {
        title: 'from a repeated axis',
        inputs: [{ shape: [3, 1] }, index([2], 3)],
        compute: (x, at) => tf.gather(tf.tile(x, [1, 4]), at, 1),
      },
    ],
  }),
  lowering<'params' | 'indices'>('GatherNd', {
    lower: (recorder, { params, indices }) => {
      const depth = indices.shape.at(-1)!;
      const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)];
      return recorder.make('GatherND', [recorder.at(params), wide(recorder, indices)], { shape, dtype: params.dtype });
    },
    cases: [
      {
        title: 'single cells',
        inputs: [{ shape: [3, 3] }, index([4, 2], 2)],
        compute: (x, at) => tf.gatherND(x, at),
        gradient: false,
      },
      {
        title: 'rows',
        inputs: [{ shape: [3, 3, 2] }, index([4, 1], 2)],
        compute: (x, at) => tf.gatherND(x, at),
        gradient: false,
      },
    ],
  }),
  lowering<'indices' | 'updates', tf.ScatterNdAttrs>('ScatterNd', {
    lower: (recorder, { indices, updates }, { shape }) => scattered(recorder, indices, updates, shape),
    cases: [
      {
        title: 'colliding rows',
        inputs: [index([5, 1], 2), { shape: [5, 2] }],
        compute: (at, rows) => tf.scatterND(at, rows, [3, 2]),
        gradient: false,
      },
    ],
  }),
  lowering<'x' | 'segmentIds', tf.UnsortedSegmentSumAttrs>('UnsortedSegmentSum', {
    lower: (recorder, { x, segmentIds }, { numSegments }) => {
      const count = sizeOf(segmentIds.shape);
      const rest = x.shape.slice(segmentIds.shape.length);
      const rows = recorder.reshaped(x, [count, ...rest]);
      return scattered(recorder, recorder.reshaped(segmentIds, [count, 1]), rows, [numSegments, ...rest]);
    },
    cases: [
      {
        title: 'colliding rows',
        inputs: [{ shape: [5, 2] }, index([5], 2)],
        compute: (x, ids) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 4),
      },
    ],
  }),
  // By comparison: an index out of range gives a row without a mark, where ONNX's own counts from the end.
  lowering<'indices', tf.OneHotAttrs>('OneHot', {
    lower: (recorder, { indices }, { depth, onValue, offValue, dtype }) => {
      const column = recorder.reshaped(indices, [...indices.shape, 1]);
      const classes = constantValue(Int32Array.from(identity(depth)), [depth], 'int32');
      const hit = elementwise(recorder, 'Equal', [column, classes], 'bool');
      const type = dtype as 'float32' | 'int32' | 'bool';
      if (onValue === 1 && offValue === 0) return recorder.cast(hit, type);
      return elementwise(recorder, 'Where', [hit, filled(onValue, [], type), filled(offValue, [], type)], type);
    },
    cases: [
      {
        title: 'one out of range',
        inputs: [{ shape: [4], dtype: 'int32', values: [2, 0, -1, 3] }],
        compute: (x) => tf.oneHot(x, 4, 1, 0, 'float32'),
      },
      { title: 'other values', inputs: [index([2, 2], 2)], compute: (x) => tf.oneHot(x, 3, 5, -1, 'float32') },
      { title: 'integers', inputs: [index([3], 2)], compute: (x) => tf.oneHot(x, 3) },
    ],
  }),
];
