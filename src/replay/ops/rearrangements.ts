// Shapes asked for and changed: the same elements in another arrangement, or repeated.
import { intOf, intsOf, stringOf } from '../../graph/attributes.ts';
import { sizeOf } from '../../graph/tensor.ts';
import { tf } from '../../tf/tfjs.ts';
import { axisOf, constantly, expand, indices, tile } from '../arrays.ts';
import { unsupported, type Call, type ReplayOp } from '../call.ts';

/** The shape from axis `start` to before `end`, as a constant: shapes are static here. */
function shape(call: Call): tf.Tensor {
  const dims = call.input(0).shape;
  const place = (name: string, otherwise: number): number =>
    Math.min(Math.max(axisOf(intOf(call.node, name, otherwise), dims.length), 0), dims.length);
  return tf.tensor1d(dims.slice(place('start', 0), Math.max(place('start', 0), place('end', dims.length))), 'int32');
}

/** 0 keeps the input's dimension unless `allowzero`, -1 takes what is left. */
function reshape(call: Call): tf.Tensor {
  const x = call.input(0);
  const zeroIsZero = intOf(call.node, 'allowzero', 0) === 1;
  const wanted = required(call, 1).map((dim, axis) => (dim === 0 && !zeroIsZero ? (x.shape[axis] ?? 0) : dim));
  return tf.reshape(x, wanted);
}

/** The numbers of an input that must be there. */
export function required(call: Call, index: number): readonly number[] {
  const numbers = call.numbers(index);
  if (numbers === undefined) throw unsupported(call, `input ${index} is absent`);
  return numbers;
}

/** [axes before `axis`, axes from it on] as one axis each. */
function flatten(call: Call): tf.Tensor {
  const x = call.input(0);
  const rows = sizeOf(x.shape.slice(0, axisOf(intOf(call.node, 'axis', 1), x.rank)));
  return tf.reshape(x, [rows, rows === 0 ? 0 : x.size / rows]);
}

function squeeze(call: Call): tf.Tensor {
  const x = call.input(0);
  const axes = (call.numbers(1) ?? intsOf(call.node, 'axes'))?.map((axis) => axisOf(axis, x.rank));
  return tf.reshape(
    x,
    x.shape.filter((dim, axis) => (axes === undefined ? dim !== 1 : !axes.includes(axis))),
  );
}

function unsqueeze(call: Call): tf.Tensor {
  const x = call.input(0);
  const given = call.numbers(1) ?? intsOf(call.node, 'axes') ?? [];
  const rank = x.rank + given.length;
  const axes = given.map((axis) => axisOf(axis, rank));
  const rest = [...x.shape];
  return tf.reshape(
    x,
    indices(rank).map((axis) => (axes.includes(axis) ? 1 : (rest.shift() ?? 1))),
  );
}

function transpose(call: Call): tf.Tensor {
  const x = call.input(0);
  const perm = intsOf(call.node, 'perm') ?? indices(x.rank).reverse();
  return perm.every((axis, index) => axis === index) ? x : tf.transpose(x, [...perm]);
}

/** [n, c, h, w] -> [n, c / b^2, h * b, w * b]; the block's place is the first or the last part of the channel. */
function depthToSpace(call: Call): tf.Tensor {
  const x = call.input(0);
  const block = intOf(call.node, 'blocksize', 1);
  const [n = 1, c = 1, h = 1, w = 1] = x.shape;
  const left = c / (block * block);
  const depthFirst = stringOf(call.node, 'mode', 'DCR') === 'DCR';
  const split = depthFirst ? [n, block, block, left, h, w] : [n, left, block, block, h, w];
  const perm = depthFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
  return tf.reshape(tf.transpose(tf.reshape(x, split), perm), [n, left, h * block, w * block]);
}

/** [n, c, h, w] -> [n, b * b * c, h / b, w / b] */
function spaceToDepth(call: Call): tf.Tensor {
  const x = call.input(0);
  const block = intOf(call.node, 'blocksize', 1);
  const [n = 1, c = 1, h = 1, w = 1] = x.shape;
  const split = tf.reshape(x, [n, c, h / block, block, w / block, block]);
  return tf.reshape(tf.transpose(split, [0, 3, 5, 1, 2, 4]), [n, c * block * block, h / block, w / block]);
}

/** The triangle above (or below) the k-th diagonal of the last two axes, zeros elsewhere. */
function triangle(call: Call): tf.Tensor {
  const x = call.input(0);
  const offset = call.numbers(1)?.[0] ?? 0;
  const upper = intOf(call.node, 'upper', 1) === 1;
  const [rows = 1, columns = 1] = x.shape.slice(-2);
  const kept = Uint8Array.from(indices(rows * columns), (place) => {
    const distance = (place % columns) - Math.floor(place / columns) - offset;
    return (upper ? distance >= 0 : distance <= 0) ? 1 : 0;
  });
  const mask = tf.tensor2d(kept, [rows, columns], 'bool');
  if (x.dtype === 'bool') return tf.logicalAnd(x, mask);
  return tf.where(
    expand(mask, x.shape),
    x,
    constantly(() => tf.zerosLike(x)),
  );
}

export const rearrangements: Record<string, ReplayOp> = {
  Shape: shape,
  Size: (call) => tf.scalar(call.input(0).size, 'int32'),
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Expand: (call) => expand(call.input(0), required(call, 1)),
  Tile: (call) => tile(call.input(0), required(call, 1)),
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Trilu: triangle,
};
