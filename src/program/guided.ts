// Guided backpropagation: the tail as it is, except that its ReLUs let only positive gradients back.
//   R_l = [x_l > 0] [R_{l+1} > 0] R_{l+1}                   (Springenberg et al. 2014, arXiv 1412.6806, section 3.4)
import type { Graph, Node } from '../graph/graph.ts';
import { string } from '../graph/attributes.ts';
import { numbersOf } from '../graph/tensor.ts';
import { GradcamError } from '../lib/errors.ts';
import type { ReplayOp } from '../replay/call.ts';
import { operatorOf } from '../replay/replay.ts';
import { tf } from '../tf/tfjs.ts';

/**
 * What a node is to do instead of what it does, undefined where it is no ReLU: ReLU, ReLU6 (a clip to 0..6) and ReLUs fused
 * into convolutions. Nothing else is changed: an ELU, a SiLU, a GELU keeps its own gradient.
 * Throws GradcamError `no-rectifiers` where `nodes` have none.
 */
export function guidedRectifiers(
  graph: Graph,
  nodes: readonly Node[],
  model: string,
): (node: Node) => ReplayOp | undefined {
  const instead = (node: Node): ReplayOp | undefined => guided(graph, node);
  if (nodes.some((node) => instead(node) !== undefined)) return instead;
  throw new GradcamError({
    code: 'no-rectifiers',
    what: `Guided backpropagation changes how gradients pass through ReLUs, and ${model} has none.`,
    expected: 'a ReLU or ReLU6 between the picture and the logits',
    found: [...new Set(nodes.map(({ op }) => op))].sort().join(', '),
    hint: 'Take gradient, smoothgrad or integrated-gradients instead.',
  });
}

function guided(graph: Graph, node: Node): ReplayOp | undefined {
  if (node.domain === '') {
    if (node.op === 'Relu') return (call) => onlyPositive(call.input(0), Infinity);
    return node.op === 'Clip' && isZeroToSix(graph, node) ? (call) => onlyPositive(call.input(0), 6) : undefined;
  }
  const plain = operatorOf(node);
  const { activation } = node.attributes;
  if (plain === undefined || activation?.kind !== 'string' || activation.value !== 'Relu') return undefined;
  const open = { ...node, attributes: { ...node.attributes, activation: string('') } };
  return (call) => onlyPositive(plain({ ...call, node: open }) as tf.Tensor, Infinity);
}

function isZeroToSix(graph: Graph, node: Node): boolean {
  const [low, high] = [1, 2].map((index) => graph.constants.get(node.inputs[index] ?? ''));
  return low !== undefined && high !== undefined && Number(numbersOf(low)[0]) === 0 && Number(numbersOf(high)[0]) === 6;
}

/** min(max(x, 0), top), whose gradient passes where 0 < x <= top, and only if it is positive. */
function onlyPositive(x: tf.Tensor, top: number): tf.Tensor {
  const compute = tf.customGrad((...args) => {
    const [value, save] = args as [tf.Tensor, tf.GradSaveFunc];
    save([value]);
    return {
      value: top === Infinity ? tf.relu(value) : tf.clipByValue(value, 0, top),
      gradFunc(dy: tf.Tensor, [saved]: tf.Tensor[]) {
        const passed = tf.mul(tf.relu(dy), tf.step(saved!));
        return top === Infinity ? passed : tf.mul(passed, tf.cast(tf.lessEqual(saved!, top), 'float32'));
      },
    };
  });
  return compute(x);
}
