// A case of an operator: one node with its operands, as the tests of the replay run it.
import type { Attribute, Constant, DType, Graph, Node } from '../../src/graph/graph.ts';
import { constantOf, sizeOf } from '../../src/graph/tensor.ts';

export interface Operand {
  readonly constant: Constant;
  /** An input of the graph rather than a constant of it. */
  readonly fed: boolean;
}

export interface OperatorCase {
  /** Operator, with the domain in front where it is not ONNX's own. */
  readonly op: string;
  /** What is special about it. */
  readonly title: string;
  /** null: an optional input that is absent. */
  readonly inputs: readonly (Operand | null)[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Element types of the outputs; '' for one that is left out. */
  readonly outputs: readonly (DType | '')[];
  readonly opset: number;
  /** Whether gradients with respect to the fed floats are compared with differences. */
  readonly gradient: boolean;
  /** Largest difference allowed, relative to 1 + |value|. */
  readonly tolerance: number;
}

type Options = Partial<Omit<OperatorCase, 'op' | 'inputs' | 'title'>>;

/** A case with one float output, opset 21, gradients compared. */
export function caseOf(op: string, title: string, inputs: OperatorCase['inputs'], options: Options = {}): OperatorCase {
  const outputs = options.outputs ?? ['float32'];
  const gradient = outputs[0] === 'float32' && inputs.some((input) => input?.fed && input.constant.dtype === 'float32');
  return { op, title, inputs, attributes: {}, outputs, opset: 21, gradient, tolerance: 1e-5, ...options };
}

/** A generator of numbers in [0, 1): mulberry32. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * A fed float32 tensor of distinct values spread evenly over [low, high], shuffled: none at an end, at zero or close to
 * another, so that differences cross no kink.
 */
export function floats(shape: readonly number[], [low, high] = [-2, 2], seed = 1): Operand {
  const size = sizeOf(shape);
  const next = random(seed + size);
  const values = Array.from({ length: size }, (_, index) => low + ((index + 0.53) * (high - low)) / size);
  for (let index = size - 1; index > 0; index--) {
    const other = Math.floor(next() * (index + 1));
    [values[index], values[other]] = [values[other]!, values[index]!];
  }
  return { constant: constantOf('float32', shape, values), fed: true };
}

/** The same as a constant of the graph. */
export const known = (operand: Operand): Operand => ({ ...operand, fed: false });
/** The same as an input of the graph. */
export const fed = (operand: Operand): Operand => ({ ...operand, fed: true });

const flat = (values: readonly number[] | number): readonly number[] =>
  typeof values === 'number' ? [values] : values;

/** Constants: a scalar for a number, else a vector unless a shape is given. */
export function tensor(dtype: DType, values: readonly number[] | number, shape?: readonly number[]): Operand {
  const dims = shape ?? (typeof values === 'number' ? [] : [values.length]);
  return { constant: constantOf(dtype, dims, flat(values)), fed: false };
}
export const int64 = (values: readonly number[] | number, shape?: readonly number[]): Operand =>
  tensor('int64', values, shape);
export const float32 = (values: readonly number[] | number, shape?: readonly number[]): Operand =>
  tensor('float32', values, shape);
export const bool = (values: readonly number[] | number, shape?: readonly number[]): Operand =>
  tensor('bool', values, shape);

/** The graph of a case: fed operands are inputs `i0`, `i1`, ..., results outputs `o0`, `o1`, ... */
export function graphOf(example: OperatorCase): Graph {
  const [domain, op] = example.op.includes('.')
    ? [example.op.slice(0, example.op.lastIndexOf('.')), example.op.slice(example.op.lastIndexOf('.') + 1)]
    : ['', example.op];
  const named = example.inputs.map((operand, index) => ({ operand, name: operand === null ? '' : `i${index}` }));
  const outputs = example.outputs.map((dtype, index) => (dtype === '' ? '' : `o${index}`));
  const node: Node = {
    op,
    domain,
    name: 'node',
    inputs: named.map(({ name }) => name),
    outputs,
    attributes: example.attributes,
  };
  return {
    opset: example.opset,
    domains: domain === '' ? {} : { [domain]: 1 },
    inputs: named.flatMap(({ operand, name }) =>
      operand?.fed ? [{ name, type: { dtype: operand.constant.dtype, shape: operand.constant.shape } }] : [],
    ),
    outputs: example.outputs.flatMap((dtype, index) =>
      dtype === '' ? [] : [{ name: `o${index}`, type: { dtype, shape: null } }],
    ),
    nodes: [node],
    constants: new Map(
      named.flatMap(({ operand, name }) =>
        operand === null || operand.fed ? [] : [[name, operand.constant] as const],
      ),
    ),
    types: new Map(),
  };
}

/** Values of the fed operands, by the names `graphOf` gives them. */
export function feedsOf(example: OperatorCase): Map<string, Constant> {
  return new Map(
    example.inputs.flatMap((operand, index) => (operand?.fed ? [[`i${index}`, operand.constant] as const] : [])),
  );
}
