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
  const scopes = scopesOf(active);
  const lastIn = new Map<string, string>();
  active.forEach(({ name }, index) => scopes[index]!.forEach((scope) => lastIn.set(scope, name)));
  return new Map(
    active.map(({ name }, index) => [name, [...scopes[index]!.filter((scope) => lastIn.get(scope) === name), name]]),
  );
}

/** The scopes that each node is in, the innermost first: `model/block/conv`, `model/block`, without calls and the model's name. */
function scopesOf(nodes: readonly GraphNode[]): (readonly string[])[] {
  // Nodes of one scope share it: a network has several nodes per layer.
  const parts = new Map<string, readonly string[]>();
  const paths = nodes.map(({ name }) => {
    const path = name.slice(0, Math.max(0, name.lastIndexOf('/')));
    if (!parts.has(path)) parts.set(path, path === '' ? [] : path.split('/').filter((part) => !CALL.test(part)));
    return path;
  });
  const outer = outermost(paths.map((path) => parts.get(path)!));
  const scopes = new Map(
    [...parts].map(([path, all]) => {
      const own = all[0] === outer ? all.slice(1) : all;
      return [path, own.map((_, index) => own.slice(0, own.length - index).join('/'))];
    }),
  );
  return paths.map((path) => scopes.get(path)!);
}

const CALL = /^(Stateful)?PartitionedCall(_\d+)?$/;

/** The first scope that all nodes within at least two scopes share: the model's name. */
function outermost(scopes: readonly (readonly string[])[]): string | null {
  const nested = scopes.filter((parts) => parts.length > 1);
  const first = nested[0]?.[0];
  return first !== undefined && nested.every((parts) => parts[0] === first) ? first : null;
}
