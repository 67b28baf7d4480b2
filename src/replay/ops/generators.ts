// Values made from shapes and numbers: filled tensors, ranges, one-hot codes, identities. None has a gradient.
import { attributeOf, intOf } from '../../graph/attributes.ts';
import { numbersOf } from '../../graph/tensor.ts';
import { tf } from '../../tf/tfjs.ts';
import { axisOf, constantly, indices } from '../arrays.ts';
import { tensorTypeOf, type Call, type ReplayOp } from '../call.ts';
import { elementType } from './elementary.ts';
import { required } from './rearrangements.ts';

function constantOfShape(call: Call): tf.Tensor {
  const value = attributeOf(call.node, 'value', 'tensor');
  const dtype = tensorTypeOf(value?.dtype ?? 'float32');
  const fill = value === undefined ? 0 : (numbersOf(value)[0] ?? 0);
  return tf.fill([...required(call, 0)], fill, dtype);
}

/** start, start + delta, ... before `limit`, in the type of the inputs. */
function range(call: Call): tf.Tensor {
  const [start = 0, limit = 0, delta = 1] = indices(3).map((index) => required(call, index)[0]);
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  const dtype = call.input(0).dtype === 'int32' ? 'int32' : 'float32';
  return tf.tensor1d(
    indices(count).map((index) => start + index * delta),
    dtype,
  );
}

/** Ones on a diagonal of a matrix of the input's shape. */
function eyeLike(call: Call): tf.Tensor {
  const x = call.input(0);
  const [rows = 1, columns = 1] = x.shape;
  const offset = intOf(call.node, 'k', 0);
  const to = attributeOf(call.node, 'dtype', 'int');
  const ones = indices(rows * columns).map((place) => (place % columns) - Math.floor(place / columns) === offset);
  const dtype = to === undefined ? x.dtype : tensorTypeOf(elementType(call, to));
  return tf.cast(tf.tensor2d(ones, [rows, columns], 'bool'), dtype);
}

/** `on` at the index along a new axis, `off` elsewhere; an index out of range has no `on`. Negative ones count from the end. */
function oneHot(call: Call): tf.Tensor {
  const depth = required(call, 1)[0] ?? 1;
  const [off = 0, on = 1] = required(call, 2);
  const dtype = call.input(2).dtype;
  const x = call.input(0);
  const axis = axisOf(intOf(call.node, 'axis', -1), x.rank + 1);
  return constantly(() => {
    const picked = tf.expandDims(tf.cast(x, 'int32'), axis);
    const places = tf.reshape(tf.range(0, depth, 1, 'int32'), [-1, ...indices(x.rank - axis).map(() => 1)]);
    const hot = tf.logicalOr(tf.equal(picked, places), tf.equal(tf.add(picked, tf.scalar(depth, 'int32')), places));
    return tf.cast(tf.where(hot, tf.scalar(on), tf.scalar(off)), dtype);
  });
}

export const generators: Record<string, ReplayOp> = {
  ConstantOfShape: constantOfShape,
  Range: range,
  EyeLike: eyeLike,
  OneHot: oneHot,
};
