// What has been learnt goes back into the graph: the inference model that is saved.
import { prune, readsOf } from '../graph/cut.ts';
import type { Constant, Graph, Node } from '../graph/graph.ts';
import { constantOf } from '../graph/tensor.ts';
import type { Program } from '../program/feeds.ts';
import { replay } from '../replay/replay.ts';
import { tf } from '../tf/tfjs.ts';
import type { Trainable } from './network.ts';

/**
 * The graph with these arrays as its constants. What is computed from constants alone, the unit weights of a normed head,
 * becomes a constant itself, so that the file says plainly what multiplies the features.
 */
export function exported(
  { graph, nodes, logits }: Trainable,
  source: Graph,
  learnt: ReadonlyMap<string, Float32Array>,
): Graph {
  const constants = new Map(graph.constants);
  for (const [name, values] of learnt) {
    const { dtype, shape } = constants.get(name)!;
    constants.set(name, constantOf(dtype, shape, Float32Array.from(values)));
  }
  const whole = { ...graph, constants };
  const settled = settledNodes(whole, nodes, new Set(learnt.keys()));
  const values = computed(whole, settled, nodes);
  for (const [name, constant] of values) constants.set(name, constant);
  const gone = new Set(settled);
  const rest = { ...whole, constants, nodes: graph.nodes.filter((node) => !gone.has(node)) };
  const outputs = source.outputs.map((port) => port.name);
  return prune(rest, outputs.length > 0 ? outputs : [logits]);
}

/** Nodes that read constants only, a learnt one among them or behind them. */
function settledNodes(graph: Graph, nodes: readonly Node[], learnt: ReadonlySet<string>): Node[] {
  const constant = new Set(graph.constants.keys());
  const changed = new Set(learnt);
  return nodes.filter((node) => {
    const reads = readsOf(node);
    if (reads.length === 0 || !reads.every((name) => constant.has(name))) return false;
    const isSettled = reads.some((name) => changed.has(name));
    for (const name of node.outputs) {
      constant.add(name);
      if (isSettled) changed.add(name);
    }
    return isSettled;
  });
}

/** Those of their values that other nodes read, computed on the `cpu` backend. */
function computed(graph: Graph, settled: readonly Node[], nodes: readonly Node[]): Map<string, Constant> {
  const inside = new Set(settled);
  const made = new Set(settled.flatMap((node) => node.outputs));
  const wanted = [...new Set(nodes.filter((node) => !inside.has(node)).flatMap(readsOf))].filter((name) =>
    made.has(name),
  );
  if (wanted.length === 0) return new Map();
  const before = tf.getBackend();
  void tf.setBackend('cpu');
  try {
    const constants = new Map<string, Constant>();
    tf.tidy(() => {
      const results = replay(
        graph,
        nodes.filter((node) => inside.has(node)),
        new Map(),
        wanted,
      );
      for (const [name, value] of results)
        constants.set(name, constantOf('float32', value.shape, Float32Array.from(value.dataSync())));
    });
    return constants;
  } finally {
    void tf.setBackend(before);
  }
}

/** The frozen part for engines. */
export function frozenProgramOf(name: string, graph: Graph, image: string): Program {
  return {
    name: `${name}: frozen layers`,
    graph: () => graph,
    async compute(feeds) {
      const outputs = graph.outputs.map((port) => port.name);
      const { data, shape } = feeds[image]!;
      const tensors = tf.tidy(() => {
        const picture = tf.tensor(data, [...shape], 'float32');
        return Object.fromEntries(replay(graph, graph.nodes, new Map([[image, picture]]), outputs));
      });
      const results = await Promise.all(
        Object.entries(tensors).map(async ([output, tensor]) => {
          const values = Float32Array.from(await tensor.data());
          return [output, { dtype: 'float32' as const, shape: tensor.shape, data: values }] as const;
        }),
      );
      tf.dispose(tensors);
      return Object.fromEntries(results);
    },
  };
}
