// Numbers stored as integers, as real ones. The way back rounds, which has no useful gradient, and is not covered.
import { intOf } from '../../graph/attributes.ts';
import { tf } from '../../tf/tfjs.ts';
import { axisOf, indices } from '../arrays.ts';
import { unsupported, type Call, type ReplayOp } from '../call.ts';

/** (x - zero point) * scale, both for the whole tensor or per entry along an axis. */
function dequantizeLinear(call: Call): tf.Tensor {
  if (intOf(call.node, 'block_size', 0) !== 0) throw unsupported(call, 'scales per block are not covered');
  const [x, scale, zeroPoint] = [call.input(0), call.input(1), call.optional(2)];
  const after = indices(x.rank - 1 - axisOf(intOf(call.node, 'axis', 1), x.rank)).map(() => 1);
  const aligned = (values: tf.Tensor): tf.Tensor =>
    values.size === 1 ? tf.reshape(values, []) : tf.reshape(values, [-1, ...after]);
  const centred = zeroPoint === undefined ? x : tf.sub(x, aligned(zeroPoint));
  return tf.mul(tf.cast(centred, 'float32'), aligned(scale));
}

export const quantization: Record<string, ReplayOp> = {
  DequantizeLinear: dequantizeLinear,
};
