// Kernels that exchange places for channels or samples.
import { int, string } from '../../graph/attributes.ts';
import { tf } from '../../tf/tfjs.ts';
import { lowering, type OpLowering } from '../op.ts';
import type { Recorder } from '../recorder.ts';
import type { Value } from '../value.ts';
import { sliced } from './slices.ts';

/** Zeros around a value's axes. */
function padded(recorder: Recorder, x: Value, paddings: readonly (readonly [number, number])[]): Value {
  if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
  const shape = x.shape.map((extent, axis) => paddings[axis]![0] + extent + paddings[axis]![1]);
  const list = recorder.integers([...paddings.map((pair) => pair[0]), ...paddings.map((pair) => pair[1])]);
  return recorder.make('Pad', [recorder.at(x), list], { shape, dtype: x.dtype });
}

export const blocks: readonly OpLowering[] = [
  lowering<'x', tf.DepthToSpaceAttrs>('DepthToSpace', {
    lower: (recorder, { x }, { blockSize, dataFormat }) => {
      const channelsLast = dataFormat === 'NHWC';
      const nchw = channelsLast ? recorder.transposed(x, [0, 3, 1, 2]) : x;
      const [batch, channels, height, width] = nchw.shape as [number, number, number, number];
      const shape = [batch, channels / blockSize ** 2, height * blockSize, width * blockSize];
      const attributes = { blocksize: int(blockSize), mode: string('DCR') };
      const y = recorder.make('DepthToSpace', [recorder.at(nchw)], { shape, dtype: x.dtype }, attributes);
      return channelsLast ? recorder.transposed(y, [0, 2, 3, 1]) : y;
    },
    cases: [
      {
        title: 'channels last',
        inputs: [{ shape: [2, 2, 3, 8] }],
        compute: (x) => tf.depthToSpace(x as tf.Tensor4D, 2),
        gradient: false,
      },
    ],
  }),
  lowering<'x', tf.SpaceToBatchNDAttrs>('SpaceToBatchND', {
    lower: (recorder, { x }, { blockShape, paddings }) => {
      const count = tf.util.sizeFromShape(blockShape);
      const spatial = blockShape.length;
      const all = x.shape.map(
        (_, axis) => (axis >= 1 && axis <= spatial ? paddings[axis - 1]! : [0, 0]) as [number, number],
      );
      const wide = padded(recorder, x, all);
      const shape = [...wide.shape];
      const split = tf.backend_util.getReshaped(shape, blockShape, count, false);
      const moved = recorder.transposed(
        recorder.reshaped(wide, split),
        tf.backend_util.getPermuted(split.length, spatial, false),
      );
      return recorder.reshaped(moved, tf.backend_util.getReshapedPermuted(shape, blockShape, count, false));
    },
    cases: [
      {
        title: 'a dilated pool',
        inputs: [{ shape: [1, 6, 7, 2] }],
        compute: (x) => tf.pool(x as tf.Tensor4D, 2, 'avg', 'valid', [2, 2]),
      },
    ],
  }),
  lowering<'x', tf.BatchToSpaceNDAttrs>('BatchToSpaceND', {
    lower: (recorder, { x }, { blockShape, crops }) => {
      const count = tf.util.sizeFromShape(blockShape);
      const spatial = blockShape.length;
      const split = tf.backend_util.getReshaped([...x.shape], blockShape, count);
      const moved = recorder.transposed(
        recorder.reshaped(x, split),
        tf.backend_util.getPermuted(split.length, spatial),
      );
      const wide = recorder.reshaped(moved, tf.backend_util.getReshapedPermuted([...x.shape], blockShape, count));
      const parts = crops.map(([before, after], index) => {
        const axis = index + 1;
        return { axis, start: before!, size: wide.shape[axis]! - before! - after!, step: 1 };
      });
      return sliced(recorder, wide, parts);
    },
    cases: [
      {
        title: 'back from a dilated pool, cropped',
        inputs: [{ shape: [4, 3, 4, 2] }],
        compute: (x) => tf.batchToSpaceND(x, [2, 2], [[0, 1], [1, 0]]), // prettier-ignore
      },
    ],
  }),
];
