// Nodes of a graph run as TensorFlow.js operations on the current backend, differentiable by tf.grad: eager on `cpu`,
// recorded on the tracer. Axis order and meaning of every operator are ONNX's.
import { readsOf } from '../graph/cut.ts';
import type { Constant, Graph, Node } from '../graph/graph.ts';
import { constantOf } from '../graph/tensor.ts';
import { GradcamError, messageOf } from '../lib/errors.ts';
import { tf } from '../tf/tfjs.ts';
import { callOf, missingValue, tensorOf, unsupported, type Call, type ReplayOp, type Values } from './call.ts';
import { operators } from './operators.ts';

/**
 * The `wanted` values, computed from `feeds` and the graph's constants by those of `nodes` that they need. `nodes` are in
 * topological order; a fed value is used as it is, whichever node or constant has its name. All floats are float32,
 * all integers int32, bool stays bool.
 *
 * Intermediate values are freed after their last use, unless a gradient needs them; the wanted ones belong to the caller,
 * and one that is fed is the fed tensor itself. `instead` gives nodes another meaning than ONNX's: a normalisation by the
 * statistics of its batch, a value that is masked. Throws a GradcamError for an operator that is not replayed, naming node, attributes and shapes.
 */
export function replay(
  graph: Graph,
  nodes: readonly Node[],
  feeds: ReadonlyMap<string, tf.Tensor>,
  wanted: readonly string[],
  instead: (node: Node) => ReplayOp | undefined = () => undefined,
): Map<string, tf.Tensor> {
  const tensors = new Map(feeds);
  const constants = new Map<string, Constant>(graph.constants);
  for (const { node, last } of stepsOf(nodes, feeds, wanted)) {
    const constant = node.op === 'Constant' && node.domain === '' ? constantOfNode(node) : undefined;
    if (constant !== undefined) constants.set(node.outputs[0] ?? '', constant);
    else runNode(graph, node, { tensors, constants }, tensors, instead(node));
    for (const name of last) free(tensors, name);
  }
  return new Map(wanted.map((name) => [name, valueOf(name, { tensors, constants })]));
}

/** What a Constant node stands for; undefined for strings and sparse tensors. */
function constantOfNode(node: Node): Constant | undefined {
  const { value, value_float, value_floats, value_int, value_ints } = node.attributes;
  if (value?.kind === 'tensor') return value.value;
  if (value_float?.kind === 'float') return constantOf('float32', [], [value_float.value]);
  if (value_floats?.kind === 'floats') return constantOf('float32', [value_floats.value.length], value_floats.value);
  if (value_int?.kind === 'int') return constantOf('int64', [], [value_int.value]);
  if (value_ints?.kind === 'ints') return constantOf('int64', [value_ints.value.length], value_ints.value);
  return undefined;
}

function valueOf(name: string, { tensors, constants }: Values): tf.Tensor {
  const tensor = tensors.get(name);
  if (tensor !== undefined) return tensor;
  const constant = constants.get(name);
  if (constant === undefined) throw missingValue(undefined, name);
  return tensorOf(constant);
}

/** What a node does by ONNX's definition, undefined where it is not replayed. */
export function operatorOf(node: Node): ReplayOp | undefined {
  const key = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
  return Object.hasOwn(operators, key) ? operators[key] : undefined;
}

function runNode(
  graph: Graph,
  node: Node,
  values: Values,
  tensors: Map<string, tf.Tensor>,
  instead: ReplayOp | undefined,
): void {
  const call = callOf(graph, node, values);
  const op = instead ?? operatorOf(node);
  if (op === undefined) throw unsupported(call, 'this operator is not among those replayed');
  const places = node.outputs.flatMap((name, index) => (name === '' || tensors.has(name) ? [] : [index]));
  const results = tf.tidy(() => {
    const all = [attempt(op, call)].flat();
    return places.map((index) => {
      const result = all[index];
      if (result === undefined) throw unsupported(call, `its output ${index} is not computed`);
      return result;
    });
  });
  places.forEach((place, index) => tensors.set(node.outputs[place]!, results[index]!));
}

/** TensorFlow.js's own complaints do not say which node they are about. */
function attempt(op: ReplayOp, call: Call): tf.Tensor | tf.Tensor[] {
  try {
    return op(call);
  } catch (cause) {
    throw cause instanceof GradcamError ? cause : unsupported(call, messageOf(cause), cause);
  }
}

interface Step {
  readonly node: Node;
  /** Values that nothing reads after this node. */
  readonly last: readonly string[];
}

/** The nodes that the wanted values depend on, given what is fed. */
function stepsOf(nodes: readonly Node[], feeds: ReadonlyMap<string, tf.Tensor>, wanted: readonly string[]): Step[] {
  const live = new Set(wanted);
  const steps: Step[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => live.has(name) && !feeds.has(name))) continue;
    const last = [...node.outputs, ...readsOf(node)].filter((name) => !live.has(name) && !feeds.has(name));
    for (const name of last) live.add(name);
    for (const name of readsOf(node)) live.add(name);
    steps.push({ node, last });
  }
  return steps.reverse();
}

/** Forgets a value, and disposes of its tensor unless another value is the same one (Identity, Dropout). */
function free(tensors: Map<string, tf.Tensor>, name: string): void {
  const tensor = tensors.get(name);
  tensors.delete(name);
  if (tensor !== undefined && ![...tensors.values()].includes(tensor)) tensor.dispose();
}
