// Names of a flat graph without what saving put around them: the calls of functions, and the number that Keras 3 adds to the
// name of every layer when it traces a model for the second time.
import type { FlatNode } from './inline.ts';

const CALL = /^(Stateful)?PartitionedCall(_\d+)?$/;

/** The same nodes under plain names, and the new name of each. No two become one. */
export function withPlainNames(nodes: readonly FlatNode[]): { nodes: FlatNode[]; nameOf: (value: string) => string } {
  const short = nodes.map(({ name }) =>
    name.split('/').filter((part, index, all) => index === all.length - 1 || !CALL.test(part)),
  );
  const suffix = addedSuffix(short);
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const [index, { name }] of nodes.entries()) {
    const parts = short[index]!;
    const plain = parts.map((part, depth) => (depth < parts.length - 1 ? bare(part, depth, suffix) : part)).join('/');
    const own = taken.has(plain) ? name : plain;
    taken.add(own);
    names.set(name, own);
  }
  const nameOf = (value: string): string => {
    const colon = value.lastIndexOf(':');
    const node = colon === -1 ? value : value.slice(0, colon);
    return (names.get(node) ?? node) + (colon === -1 ? '' : value.slice(colon));
  };
  return {
    nodes: nodes.map((node) => ({ ...node, name: names.get(node.name)!, inputs: node.inputs.map(nameOf) })),
    nameOf,
  };
}

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
function addedSuffix(paths: readonly (readonly string[])[]): string | null {
  const scoped = paths.filter((path) => path.length > 2);
  const suffix = /_\d+$/.exec(scoped[0]?.[0] ?? '')?.[0] ?? null;
  if (suffix === null) return null;
  const isNumbered = scoped.every(([model, layer]) => model!.endsWith(suffix) && /_\d+$/.test(layer!));
  const usual = scoped.filter(([, layer]) => layer!.endsWith(suffix)).length;
  return isNumbered && usual > 0.8 * scoped.length ? suffix : null;
}
