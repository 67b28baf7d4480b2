// What the nodes of a GraphModel are called: TensorFlow's scopes tell the Keras layers that they were made from.
import type { GraphNode } from './node.ts';

/** Names per node that computes something, the one to show first, the node's own last. */
export type NodeNames = ReadonlyMap<string, readonly string[]>;

/** Nodes that hold or move values without computing them. */
const PASSIVE = new Set([
  'Const',
  'Placeholder',
  'PlaceholderWithDefault',
  'NoOp',
  'Shape',
  'Pack',
  'StridedSlice',
  'Assert',
]);

/**
 * `StatefulPartitionedCall/model/conv5_block3_out/Relu` is `conv5_block3_out`: the calls that TensorFlow wraps around a model
 * and the model's own name are left out. A scope names its last node, so a nested model's name is its output.
 */
export function namesOf(nodes: readonly GraphNode[]): NodeNames {
  const active = nodes.filter(({ op, name }) => name !== '' && !PASSIVE.has(op));
  const paths = new Map(
    active.map(({ name }) => [
      name,
      name.split('/').filter((part) => !/^(Stateful)?PartitionedCall(_\d+)?$/.test(part)),
    ]),
  );
  const outer = outermost([...paths.values()]);
  const scopeOf = (name: string): string[] => {
    const path = paths.get(name)!;
    return (path[0] === outer ? path.slice(1) : path).slice(0, -1);
  };
  const lastIn = new Map<string, string>();
  for (const { name } of active) {
    const scope = scopeOf(name);
    for (let depth = 1; depth <= scope.length; depth++) lastIn.set(scope.slice(0, depth).join('/'), name);
  }
  return new Map(
    active.map(({ name }) => {
      const scope = scopeOf(name);
      const scopes = scope
        .map((_, index) => scope.slice(0, scope.length - index).join('/'))
        .filter((prefix) => lastIn.get(prefix) === name);
      return [name, [...scopes, name]];
    }),
  );
}

/** The first scope that all nodes with at least two scopes share: the model's name. */
function outermost(paths: readonly (readonly string[])[]): string | null {
  const scoped = paths.filter((path) => path.length > 2);
  const first = scoped[0]?.[0];
  return first !== undefined && scoped.every((path) => path[0] === first) ? first : null;
}
