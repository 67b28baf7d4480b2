// Names of a flat graph without the number that Keras 3 adds to the name of every layer when it traces a model for the second
// time.
import type { FlatNode } from './inline.ts';
import { CALL_SCOPE } from './node.ts';

const NUMBER = /_\d+$/;

/** Gives the nodes names without that number, no two the same, and returns the new name of each value. */
export function withoutAddedNumber(nodes: readonly FlatNode[]): (value: string) => string {
  if (!mayBeNumbered(nodes)) return (value) => value;
  // Nodes of one scope share it: a network has several nodes per layer.
  const scopes = new Map<string, Scope>();
  const own = nodes.map(({ name }) => {
    const path = name.slice(0, name.lastIndexOf('/') + 1);
    const known = scopes.get(path);
    if (known !== undefined) return known;
    const scope = { path, parts: partsOf(path), plain: '' };
    scopes.set(path, scope);
    return scope;
  });
  const suffix = addedSuffix(own);
  if (suffix === null) return (value) => value;
  for (const scope of scopes.values())
    scope.plain = scope.parts.map((part, depth) => `${bare(part, depth, suffix)}/`).join('');
  const names = new Map<string, string>();
  const taken = new Set<string>();
  nodes.forEach(({ name }, index) => {
    const { path, plain } = own[index]!;
    const short = plain + name.slice(path.length);
    const free = taken.has(short) ? name : short;
    taken.add(free);
    names.set(name, free);
  });
  const nameOf = (value: string): string => {
    const whole = names.get(value);
    if (whole !== undefined) return whole;
    const colon = value.lastIndexOf(':');
    const node = colon === -1 ? value : value.slice(0, colon);
    return (names.get(node) ?? node) + (colon === -1 ? '' : value.slice(colon));
  };
  nodes.forEach((node) => {
    node.name = names.get(node.name)!;
    node.inputs = node.inputs.map(nameOf);
  });
  return nameOf;
}

/** All before the last part of a name. */
interface Scope {
  /** Slash included. */
  readonly path: string;
  /** Without calls. */
  readonly parts: readonly string[];
  plain: string;
}

const partsOf = (scope: string): string[] =>
  scope === ''
    ? []
    : scope
        .slice(0, -1)
        .split('/')
        .filter((part) => !CALL_SCOPE.test(part));

/** A scope without the number added; a layer's may be another one than the model's. */
function bare(scope: string, depth: number, suffix: string): string {
  if (depth === 1) return scope.replace(NUMBER, '');
  return scope.endsWith(suffix) ? scope.slice(0, -suffix.length) : scope;
}

/** Whether the first scope of two parts begins with a number at its end. */
function mayBeNumbered(nodes: readonly FlatNode[]): boolean {
  for (const { name } of nodes) {
    const [first, second] = partsOf(name.slice(0, name.lastIndexOf('/') + 1));
    if (second !== undefined) return NUMBER.test(first!);
  }
  return false;
}

/**
 * `_1` where the model's name and those of its layers end so. Where a layer is itself called `pad_1`, that name was taken by
 * the numbered `pad`, and it became `pad_1_2`: another number, but a number.
 */
function addedSuffix(scopes: readonly Scope[]): string | null {
  const scoped = scopes.filter(({ parts }) => parts.length > 1).map(({ parts }) => parts);
  const suffix = NUMBER.exec(scoped[0]?.[0] ?? '')?.[0] ?? null;
  if (suffix === null) return null;
  const isNumbered = scoped.every((parts) => parts[0]!.endsWith(suffix) && NUMBER.test(parts[1]!));
  const usual = scoped.filter((parts) => parts[1]!.endsWith(suffix)).length;
  return isNumbered && usual > 0.8 * scoped.length ? suffix : null;
}
