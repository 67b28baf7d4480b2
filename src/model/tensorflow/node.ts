// A node of a TensorFlow graph, whatever file it comes from, and its attributes by their kinds.
import { MalformedError } from '../../onnx/protobuf.ts';
import type { ValueType } from '../../trace/forward.ts';

/** An attribute's value: the field of its kind is there. */
export interface Attribute {
  readonly i?: number;
  readonly f?: number;
  readonly b?: boolean;
  readonly s?: string;
  /** TensorFlow's number of a type. */
  readonly type?: number;
  /** -1 where a size is open; null for an unknown rank. */
  readonly shape?: readonly number[] | null;
  readonly list?: {
    readonly i?: readonly number[];
    readonly s?: readonly string[];
  };
}

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** `node`, `node:1`, `^control`. */
  readonly inputs: readonly string[];
  /** Read from the file when it is asked for. */
  attribute(name: string): Attribute | undefined;
}

export function wholeOf(node: GraphNode, name: string, fallback?: number): number {
  return node.attribute(name)?.i ?? fallback ?? missing(node, name);
}

export function numberOf(node: GraphNode, name: string, fallback?: number): number {
  return node.attribute(name)?.f ?? fallback ?? missing(node, name);
}

export function flagOf(node: GraphNode, name: string): boolean {
  return node.attribute(name)?.b ?? false;
}

export function textOf(node: GraphNode, name: string, fallback?: string): string {
  return node.attribute(name)?.s ?? fallback ?? missing(node, name);
}

/** A list of whole numbers, empty where there is none. */
export function wholesOf(node: GraphNode, name: string): readonly number[] {
  return node.attribute(name)?.list?.i ?? [];
}

/** By TensorFlow's number of the type: what is computed with. */
const TYPES: Readonly<Record<number, ValueType>> = {
  1: 'float32',
  2: 'float32',
  3: 'int32',
  4: 'int32',
  5: 'int32',
  6: 'int32',
  9: 'int32',
  10: 'bool',
  14: 'float32',
  19: 'float32',
};

export function typeOf(node: GraphNode, name: string, fallback?: ValueType): ValueType {
  const { type } = node.attribute(name) ?? {};
  const known = type === undefined ? fallback : TYPES[type];
  if (known === undefined)
    throw new MalformedError(`node ${node.name} (${node.op}): a type that no network computes in`);
  return known;
}

function missing(node: GraphNode, name: string): never {
  throw new MalformedError(`node ${node.name} (${node.op}) has no attribute "${name}"`);
}

/** The scope that TensorFlow wraps around what a function holds that it calls. */
export const CALL_SCOPE = /^(Stateful)?PartitionedCall(_\d+)?$/;

/** A value: a node, and which of its outputs. */
export interface Place {
  readonly node: string;
  readonly output: number;
}

/** The place of `node` or `node:1`. */
export function placeOf(value: string): Place {
  const colon = value.lastIndexOf(':');
  if (colon === -1) return { node: value, output: 0 };
  const output = Number(value.slice(colon + 1));
  return Number.isInteger(output) ? { node: value.slice(0, colon), output } : { node: value, output: 0 };
}
