// Names of a flat graph without what saving put around them: the calls of functions, and the number that Keras 3 adds to the
// name of every layer when it traces a model for the second time.
import type { FlatNode } from './inline.ts';

const CALL = /^(Stateful)?PartitionedCall(_\d+)?$/;

/** Gives the nodes plain names, no two the same, and returns the new name of each value. */
export function renamePlainly(nodes: readonly FlatNode[]): (value: string) => string {
  // Nodes of one scope share it: a network has several nodes per layer.
  const scopes = new Map<string, readonly string[]>();
  for (const { name } of nodes) {
    const scope = scopeOf(name);
    if (!scopes.has(scope)) scopes.set(scope, partsOf(scope));
  }
  const suffix = addedSuffix(nodes, scopes);
  const plain = new Map(
    [...scopes].map(([scope, parts]) => [scope, parts.map((part, depth) => `${bare(part, depth, suffix)}/`).join('')]),
  );
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const { name } of nodes) {
    const scope = scopeOf(name);
    const short = plain.get(scope)! + name.slice(scope.length);
    const own = taken.has(short) ? name : short;
    taken.add(own);
    names.set(name, own);
  }
  const nameOf = (value: string): string => {
    const whole = names.get(value);
    if (whole !== undefined) return whole;
    const colon = value.lastIndexOf(':');
    const node = colon === -1 ? value : value.slice(0, colon);
    return (names.get(node) ?? node) + (colon === -1 ? '' : value.slice(colon));
  };
  for (const node of nodes) {
    node.name = names.get(node.name)!;
    node.inputs = node.inputs.map(nameOf);
  }
  return nameOf;
}

const partsOf = (scope: string): string[] =>
  scope === ''
    ? []
    : scope
        .slice(0, -1)
        .split('/')
        .filter((part) => !CALL.test(part));

/** All before the last part of a name, the slash included. */
const scopeOf = (name: string): string => name.slice(0, name.lastIndexOf('/') + 1);

/** A scope without the number added; a layer's may be another one than the model's. */
function bare(scope: string, depth: number, suffix: string | null): string {
  if (suffix === null) return scope;
  if (depth === 1) return scope.replace(/_\d+$/, '');
  return scope.endsWith(suffix) ? scope.slice(0, -suffix.length) : scope;
}

/**
 * `_1` where the model's name and those of its layers end so. Where a layer is itself called `pad_1`, that name was taken by
 * the numbered `pad`, and it became `pad_1_2`: another number, but a number.
 */
function addedSuffix(nodes: readonly FlatNode[], scopes: ReadonlyMap<string, readonly string[]>): string | null {
  const scoped = nodes.map(({ name }) => scopes.get(scopeOf(name))!).filter((parts) => parts.length > 1);
  const suffix = /_\d+$/.exec(scoped[0]?.[0] ?? '')?.[0] ?? null;
  if (suffix === null) return null;
  const isNumbered = scoped.every(([model, layer]) => model!.endsWith(suffix) && /_\d+$/.test(layer!));
  const usual = scoped.filter(([, layer]) => layer!.endsWith(suffix)).length;
  return isNumbered && usual > 0.8 * scoped.length ? suffix : null;
}
