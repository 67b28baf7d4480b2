// Values written or added at places: the transposes of gathers.
import { intOf, stringOf } from '../../graph/attributes.ts';
import { tf } from '../../tf/tfjs.ts';
import { addRows, constantly, type Shape } from '../arrays.ts';
import { unsupported, type Call, type ReplayOp } from '../call.ts';
import { elementPlaces, rowPlaces } from './slicing.ts';

/** `updates` [count, ...] at `places` [count] of `data` [rows, ...]: written over or added to what is there. */
function scattered(call: Call, data: tf.Tensor, places: tf.Tensor1D, updates: tf.Tensor): tf.Tensor {
  const reduction = stringOf(call.node, 'reduction', 'none');
  const sums = (values: tf.Tensor): tf.Tensor => addRows(values, places, data.shape);
  if (reduction === 'add') return tf.add(data, sums(updates));
  if (reduction !== 'none') throw unsupported(call, `reduction '${reduction}' is not covered`);
  const written = constantly(() => tf.greater(sums(tf.ones(updates.shape)), 0));
  return tf.where(written, sums(updates), data);
}

function scatterElements(call: Call): tf.Tensor {
  const [data, picked, updates] = [call.input(0), call.input(1), call.input(2)];
  const places = elementPlaces(data.shape, picked, intOf(call.node, 'axis', 0));
  return tf.reshape(scattered(call, tf.reshape(data, [-1]), places, tf.reshape(updates, [-1])), data.shape);
}

function scatterNd(call: Call): tf.Tensor {
  const [data, picked, updates] = [call.input(0), call.input(1), call.input(2)];
  const row: Shape = data.shape.slice(picked.shape.at(-1) ?? 1);
  const result = scattered(
    call,
    tf.reshape(data, [-1, ...row]),
    rowPlaces(data.shape, picked),
    tf.reshape(updates, [-1, ...row]),
  );
  return tf.reshape(result, data.shape);
}

export const scattering: Record<string, ReplayOp> = {
  ScatterElements: scatterElements,
  ScatterND: scatterNd,
};
