// Attributes of nodes, made and read: the tagged union of graph.ts as plain values.
import { GradcamError } from '../lib/errors.ts';
import type { Attribute, Constant, Node } from './graph.ts';

export const int = (value: number): Attribute => ({ kind: 'int', value });
export const float = (value: number): Attribute => ({ kind: 'float', value });
export const string = (value: string): Attribute => ({ kind: 'string', value });
export const ints = (value: readonly number[]): Attribute => ({ kind: 'ints', value });
export const floats = (value: readonly number[]): Attribute => ({ kind: 'floats', value });
export const tensor = (value: Constant): Attribute => ({ kind: 'tensor', value });

type Attributed = Pick<Node, 'op' | 'name' | 'attributes'>;
type Kinds = { [Kind in Attribute['kind']]: Extract<Attribute, { kind: Kind }>['value'] };

/**
 * The attribute's value, or undefined where the node has none of that name. Throws a GradcamError when it is there and of
 * another kind.
 */
export function attributeOf<Kind extends Attribute['kind']>(
  node: Attributed,
  name: string,
  kind: Kind,
): Kinds[Kind] | undefined {
  const attribute = Object.hasOwn(node.attributes, name) ? node.attributes[name] : undefined;
  if (attribute === undefined) return undefined;
  if (attribute.kind === kind) return attribute.value as Kinds[Kind];
  throw new GradcamError({
    code: 'attribute-kind',
    what: `Attribute '${name}' of ${node.op} '${node.name}' has the wrong kind.`,
    expected: kind,
    found: attribute.kind,
  });
}

export const intOf = (node: Attributed, name: string, otherwise: number): number =>
  attributeOf(node, name, 'int') ?? otherwise;

export const floatOf = (node: Attributed, name: string, otherwise: number): number =>
  attributeOf(node, name, 'float') ?? otherwise;

export const stringOf = (node: Attributed, name: string, otherwise: string): string =>
  attributeOf(node, name, 'string') ?? otherwise;

export const intsOf = (node: Attributed, name: string): readonly number[] | undefined =>
  attributeOf(node, name, 'ints');

/** Whether every number of a list is `value`; where the node has no list, whether `otherwise`, its default, is. */
export const isEvery = (node: Attributed, name: string, value: number, otherwise = value): boolean =>
  (intsOf(node, name) ?? [otherwise]).every((number) => number === value);
