// Pools of one and two spatial axes. What TensorFlow.js's pools can do, and differentiate rightly, goes to them; dilations,
// ceil_mode and padded means go to our own kernels.
import { intOf, intsOf } from '../../graph/attributes.ts';
import { sizeOf } from '../../graph/tensor.ts';
import { averagePool2d, maxPool2d, pooledShape, type PoolOptions } from '../../tf/pool.ts';
import { tf } from '../../tf/tfjs.ts';
import { constantly, everyNth, indices } from '../arrays.ts';
import { unsupported, type Call, type ReplayOp } from '../call.ts';
import { asImages, explicitPads, likeInput, toNchw, toNhwc, windowsOf } from '../windows.ts';

function poolOf(call: Call, x: tf.Tensor4D): PoolOptions {
  const windows = windowsOf(call, intsOf(call.node, 'kernel_shape') ?? [], [x.shape[2], x.shape[3]]);
  return { ...windows, ceilMode: intOf(call.node, 'ceil_mode', 0) === 1 };
}

/** The values, and where they stood if the node has a second output. */
function maxPool(call: Call): tf.Tensor | tf.Tensor[] {
  const source = call.input(0);
  const x = asImages(call, source);
  const pool = poolOf(call, x);
  const values = likeInput(greatest(x, pool), source);
  if ((call.node.outputs[1] ?? '') === '') return values;
  if (intOf(call.node, 'storage_order', 0) !== 0)
    throw unsupported(call, 'indices in column-major order are not covered');
  return [
    values,
    likeInput(
      constantly(() => places(x, pool)),
      source,
    ),
  ];
}

function greatest(x: tf.Tensor4D, pool: PoolOptions): tf.Tensor4D {
  const { kernel, strides, pads, dilations, ceilMode } = pool;
  if (ceilMode || dilations.some((dilation) => dilation !== 1)) return maxPool2d(x, pool);
  return toNchw(tf.maxPool(toNhwc(x), [...kernel], [...strides], explicitPads(pads)));
}

/** Where the first greatest cell of every window is, as an offset into the whole input, int32. */
function places(x: tf.Tensor4D, pool: PoolOptions): tf.Tensor4D {
  const { kernel, strides, dilations, pads } = pool;
  const [batch, channels, height, width] = x.shape;
  const [, , outHeight, outWidth] = pooledShape(x.shape, pool);
  const int = (values: number[], shape = [values.length]): tf.Tensor => tf.tensor(Int32Array.from(values), shape);
  const tap = tf.cast(tf.argMax(taps(x, pool), 4), 'int32');
  const cells = indices(sizeOf(kernel));
  const rowOf = int(cells.map((cell) => Math.floor(cell / kernel[1]) * dilations[0]));
  const columnOf = int(cells.map((cell) => (cell % kernel[1]) * dilations[1]));
  const rows = int(
    indices(outHeight).map((row) => row * strides[0] - pads[0]),
    [outHeight, 1],
  );
  const columns = int(indices(outWidth).map((column) => column * strides[1] - pads[1]));
  const planes = int(
    indices(batch * channels).map((plane) => plane * height * width),
    [batch, channels, 1, 1],
  );
  const inRow = tf.add(tf.gather(columnOf, tap), columns);
  const row = tf.add(tf.gather(rowOf, tap), rows);
  return tf.add(planes, tf.add(tf.mul(row, int([width], [])), inRow));
}

/** What each cell of the kernel sees from every window: [batch, channels, height', width', cells], -Infinity in padding. */
function taps(x: tf.Tensor4D, pool: PoolOptions): tf.Tensor {
  const { kernel, strides, dilations, pads } = pool;
  const [, , height, width] = pooledShape(x.shape, pool);
  // Enough rows and columns at the end for what overhangs in ceil mode too.
  const end = ([0, 1] as const).map((axis) => pads[axis + 2]! + strides[axis]) as [number, number];
  const padded = tf.pad(
    x,
    [
      [0, 0],
      [0, 0],
      [pads[0], end[0]],
      [pads[1], end[1]],
    ],
    -Infinity,
  );
  const seen = indices(sizeOf(kernel)).map((cell) => {
    const [row, column] = [Math.floor(cell / kernel[1]) * dilations[0], (cell % kernel[1]) * dilations[1]];
    const rows = everyNth(padded, 2, row, height, strides[0]);
    const view = everyNth(rows, 3, column, width, strides[1]);
    return tf.reshape(view, [...view.shape, 1]);
  });
  return tf.concat(seen, 4);
}

/** The mean over a window's cells; padding counts only where count_include_pad says so, what overhangs it never. */
function averagePool(call: Call): tf.Tensor {
  const source = call.input(0);
  const x = asImages(call, source);
  const pool = poolOf(call, x);
  const { kernel, strides, pads, dilations, ceilMode } = pool;
  // With pads the gradient of tf.avgPool divides by the whole window everywhere, unlike its forward pass.
  const direct = !ceilMode && [...dilations, ...pads].every((value, index) => value === (index < 2 ? 1 : 0));
  const y = direct
    ? toNchw(tf.avgPool(toNhwc(x), [...kernel], [...strides], 'valid'))
    : averagePool2d(x, { ...pool, countPadding: intOf(call.node, 'count_include_pad', 0) === 1 });
  return likeInput(y, source);
}

const spatialAxes = (x: tf.Tensor): number[] => indices(x.rank).slice(2);

export const pooling: Record<string, ReplayOp> = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: (call) => tf.mean(call.input(0), spatialAxes(call.input(0)), true),
  GlobalMaxPool: (call) => tf.max(call.input(0), spatialAxes(call.input(0)), true),
};
