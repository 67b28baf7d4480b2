// The trained part of a network as TensorFlow.js operations: as it is in training, by the statistics of the batch and with
// values dropped, and as it is when it is used.
import { floatOf } from '../graph/attributes.ts';
import type { Node } from '../graph/graph.ts';
import type { Call, ReplayOp } from '../replay/call.ts';
import { operatorOf, replay } from '../replay/replay.ts';
import { batchNormalize } from '../tf/batch-norm.ts';
import { tf } from '../tf/tfjs.ts';
import type { Trainable } from './network.ts';

/** Share of the batch's statistics in the running ones, as in PyTorch. */
const MOMENTUM = 0.1;

export type Tensors = Readonly<Record<string, tf.Tensor>>;

export interface ForwardInputs {
  readonly inputs: Tensors;
  readonly parameters: Tensors;
  readonly state: Tensors;
}

/** Logits [batch, classes] at inference mode. */
export function inferred(network: Trainable, { inputs, parameters, state }: ForwardInputs): tf.Tensor2D {
  const { graph, nodes, logits, batch, classes } = network;
  const feeds = new Map(Object.entries({ ...inputs, ...parameters, ...state }));
  return tf.reshape(replay(graph, nodes, feeds, [logits]).get(logits)!, [batch, classes]);
}

/** The same in training mode. `masks` by name of the dropped value; `renewed` is given the running statistics after this batch. */
export function trained(
  network: Trainable,
  { inputs, parameters, state, masks }: ForwardInputs & { readonly masks: Tensors },
  renewed: Record<string, tf.Tensor>,
): tf.Tensor2D {
  const { graph, nodes, logits, batch, classes } = network;
  const instead = (node: Node): ReplayOp | undefined => {
    const op = isNormalization(node) ? byBatch(state, renewed) : operatorOf(node);
    const mask = masks[node.outputs[0] ?? ''];
    // A Dropout node is what its mask says.
    if (mask !== undefined) return dropped(node.op === 'Dropout' ? (call) => call.input(0) : op!, mask);
    return op;
  };
  const feeds = new Map(Object.entries({ ...inputs, ...parameters, ...state }));
  return tf.reshape(replay(graph, nodes, feeds, [logits], instead).get(logits)!, [batch, classes]);
}

const isNormalization = (node: Node): boolean => node.op === 'BatchNormalization' && node.domain === '';

function dropped(op: ReplayOp, mask: tf.Tensor): ReplayOp {
  return (call) => {
    const [first, ...others] = [op(call)].flat();
    return [tf.mul(first!, mask), ...others];
  };
}

/**
 * Normalisation by the batch. The running variance takes the unbiased one of the batch (divisor n - 1), the normalisation
 * itself the biased one, as in PyTorch.
 */
function byBatch(state: Tensors, renewed: Record<string, tf.Tensor>): ReplayOp {
  return (call: Call) => {
    const [x, scale, offset] = [0, 1, 2].map((index) => call.input(index)) as [tf.Tensor, tf.Tensor1D, tf.Tensor1D];
    const { y, mean, variance } = batchNormalize(x, scale, offset, floatOf(call.node, 'epsilon', 1e-5));
    const cells = x.size / (x.shape[1] ?? 1);
    const unbiased = tf.mul(variance, cells / Math.max(1, cells - 1));
    for (const [index, now] of [
      [3, mean],
      [4, unbiased],
    ] as const) {
      const name = call.node.inputs[index] ?? '';
      const before = state[name];
      if (before !== undefined) renewed[name] = tf.keep(tf.add(tf.mul(before, 1 - MOMENTUM), tf.mul(now, MOMENTUM)));
    }
    return y;
  };
}
