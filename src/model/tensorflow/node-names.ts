// What the nodes of a GraphModel are called: TensorFlow's scopes tell the Keras layers that they were made from.
import { CALL_SCOPE, type GraphNode } from './node.ts';

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
  const paths = active.map(({ name }) => name.slice(0, Math.max(0, name.lastIndexOf('/'))));
  const parts = new Map<string, readonly string[]>();
  for (const path of paths) if (!parts.has(path)) parts.set(path, partsOf(path));
  const outer = outermost([...parts.values()]);
  // From the last node on, each scope names the first that is met in it: nodes of one path share all of theirs.
  const [seenPaths, seen] = [new Set<string>(), new Set<string>()];
  const names = new Map<string, readonly string[]>();
  for (let index = active.length - 1; index >= 0; index--) {
    const { name } = active[index]!;
    const path = paths[index]!;
    const own: string[] = [];
    if (!seenPaths.has(path))
      for (const scope of scopesOf(parts.get(path)!, outer)) if (!seen.has(scope)) own.push(scope);
    own.forEach((scope) => seen.add(scope));
    seenPaths.add(path);
    names.set(name, [...own, name]);
  }
  return names;
}

/** The scopes of a path without calls, the innermost first: `model/block/conv`, `model/block`, without the model's name. */
function scopesOf(parts: readonly string[], outer: string | null): string[] {
  const scopes: string[] = [];
  let scope = (parts[0] === outer ? parts.slice(1) : parts).join('/');
  while (scope !== '') {
    scopes.push(scope);
    scope = scope.slice(0, Math.max(0, scope.lastIndexOf('/')));
  }
  return scopes;
}

const partsOf = (path: string): readonly string[] =>
  path === '' ? [] : path.split('/').filter((part) => !CALL_SCOPE.test(part));

/** The first scope that all nodes within at least two scopes share: the model's name. */
function outermost(scopes: readonly (readonly string[])[]): string | null {
  const nested = scopes.filter((parts) => parts.length > 1);
  const first = nested[0]?.[0];
  return first !== undefined && nested.every((parts) => parts[0] === first) ? first : null;
}
