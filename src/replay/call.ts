// One node to replay, with its inputs as tensors or, where an operator decides its shapes by them, as numbers.
// Apart from the loop in replay.ts because every operator is written against it.
import { numbersOf } from '../graph/tensor.ts';
import type { Attribute, Constant, Graph, Node } from '../graph/graph.ts';
import { GradcamError, messageOf } from '../lib/errors.ts';
import { tf } from '../tf/tfjs.ts';

export interface Call {
  readonly node: Node;
  /** Version of the operator set the node belongs to. */
  readonly opset: number;
  /** Tensor of a required input; a GradcamError where the node does not name it. */
  input(index: number): tf.Tensor;
  /** Tensor of an optional input, undefined where it is absent. */
  optional(index: number): tf.Tensor | undefined;
  /** All inputs of a variadic operator. */
  inputs(): tf.Tensor[];
  /**
   * Elements of an input that decides shapes, in C order, undefined where it is absent. Works on constants under the
   * tracer, on everything when eager; a GradcamError where the values are only known at run time.
   */
  numbers(index: number): readonly number[] | undefined;
  /** The constant behind an input, undefined where the value is computed or fed. */
  constant(index: number): Constant | undefined;
}

/** What an operator of the table does: one tensor, or one per output of the node. Runs inside a tidy of its own. */
export type ReplayOp = (call: Call) => tf.Tensor | tf.Tensor[];

/** Values known so far: tensors that were fed or computed, and constants. A tensor hides the constant of its name. */
export interface Values {
  readonly tensors: ReadonlyMap<string, tf.Tensor>;
  readonly constants: ReadonlyMap<string, Constant>;
}

export function callOf(graph: Graph, node: Node, values: Values): Call {
  const opset = node.domain === '' ? graph.opset : (graph.domains[node.domain] ?? 1);
  const nameOf = (index: number): string => node.inputs[index] ?? '';
  const resolve = (name: string): tf.Tensor => {
    const known = values.tensors.get(name) ?? maybeTensor(values.constants.get(name));
    if (known === undefined) throw missingValue(node, name);
    return known;
  };
  const constant = (index: number): Constant | undefined =>
    values.tensors.has(nameOf(index)) ? undefined : values.constants.get(nameOf(index));
  const call: Call = {
    node,
    opset,
    input(index) {
      if (nameOf(index) === '') throw unsupported(call, `input ${index} is absent`);
      return resolve(nameOf(index));
    },
    optional: (index) => (nameOf(index) === '' ? undefined : resolve(nameOf(index))),
    inputs: () => node.inputs.map(resolve),
    numbers(index) {
      if (nameOf(index) === '') return undefined;
      const known = constant(index);
      return known === undefined ? read(call, index) : numbersOfConstant(known);
    },
    constant,
  };
  return call;
}

/** Reads a tensor. The tracer refuses what only a run of the graph can tell; then the node is what the user hears of. */
function read(call: Call, index: number): readonly number[] {
  try {
    return Array.from(call.input(index).dataSync());
  } catch (cause) {
    if (cause instanceof GradcamError && cause.code === 'replay-missing-value') throw cause;
    const reason = messageOf(cause).split('\n')[0] ?? '';
    throw unsupported(
      call,
      `its shape depends on the values of input ${index}, known only at run time (${reason})`,
      cause,
    );
  }
}

interface Decoded {
  readonly values: Float32Array | Int32Array | Uint8Array;
  readonly dtype: 'float32' | 'int32' | 'bool';
}

// Decoded once per constant and for its lifetime. Tensors are made anew where they are used, so that they live as long as
// the node's tidy and on the backend that is current; on one array, so that the tracer sees the same weights once.
const decoded = new WeakMap<Constant, Decoded>();
const decodedNumbers = new WeakMap<Constant, readonly number[]>();

/** A new tensor: any float as float32, any integer as int32 (saturated), bool as bool. */
export function tensorOf(constant: Constant): tf.Tensor {
  const { values, dtype } = decoded.get(constant) ?? decode(constant);
  return tf.tensor(values, [...constant.shape], dtype);
}

const maybeTensor = (constant: Constant | undefined): tf.Tensor | undefined =>
  constant === undefined ? undefined : tensorOf(constant);

function numbersOfConstant(constant: Constant): readonly number[] {
  const known = decodedNumbers.get(constant) ?? Array.from(numbersOf(constant));
  decodedNumbers.set(constant, known);
  return known;
}

function decode(constant: Constant): Decoded {
  const result = decodedOf(constant);
  decoded.set(constant, result);
  return result;
}

function decodedOf(constant: Constant): Decoded {
  const numbers = numbersOf(constant);
  const dtype = tensorTypeOf(constant.dtype);
  switch (dtype) {
    case 'float32':
      return { dtype, values: numbers instanceof Float32Array ? numbers : Float32Array.from(numbers) };
    case 'bool':
      return { dtype, values: Uint8Array.from(numbers) };
    case 'int32':
      return { dtype, values: numbers instanceof Int32Array ? numbers : Int32Array.from(numbers, saturated) };
  }
}

/** The tensor type that carries an element type. Strings have none. */
export function tensorTypeOf(dtype: Constant['dtype']): 'float32' | 'int32' | 'bool' {
  if (dtype === 'bool') return 'bool';
  return dtype.startsWith('float') || dtype === 'bfloat16' ? 'float32' : 'int32';
}

/** 64-bit integers that stand for "to the end" keep meaning it. */
function saturated(value: number): number {
  return Math.min(Math.max(value, -(2 ** 31)), 2 ** 31 - 1);
}

/** The error for an operator, or a combination of attributes and shapes, that is not replayed. */
export function unsupported(call: Pick<Call, 'node' | 'optional'>, reason: string, cause?: unknown): GradcamError {
  const { node } = call;
  const where = node.scope === undefined ? `'${node.name}'` : `'${node.name}' in ${node.scope}`;
  const operator = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
  const attributes = Object.entries(node.attributes).map(([name, attribute]) => `${name}=${attributeText(attribute)}`);
  return new GradcamError({
    code: 'replay-unsupported',
    what: `${operator} ${where} cannot be run as TensorFlow.js operations: ${reason.replace(/\.$/, '')}.`,
    found: `inputs ${shapesText(call)}${attributes.length === 0 ? '' : `; ${attributes.join(', ')}`}`,
    hint:
      'Choose a layer further down, after this node: what lies before the layer runs as it stands. ' +
      'A TensorFlow.js engine runs every node this way; an ONNX Runtime engine only those after the layer.',
    cause,
  });
}

function shapesText(call: Pick<Call, 'node' | 'optional'>): string {
  const texts = call.node.inputs.map((_, index) => {
    const tensor = maybe(() => call.optional(index));
    return tensor === undefined ? '-' : `${tensor.dtype}[${tensor.shape.join(', ')}]`;
  });
  return texts.join(' ');
}

/** Undefined where an input has no tensor: a message about one fault must not stumble over another. */
function maybe<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}

function attributeText(attribute: Attribute): string {
  switch (attribute.kind) {
    case 'int':
    case 'float':
    case 'string':
      return String(attribute.value);
    case 'ints':
    case 'floats':
    case 'strings':
      return `[${attribute.value.join(', ')}]`;
    case 'tensor':
      return `${attribute.value.dtype}[${attribute.value.shape.join(', ')}]`;
    case 'opaque':
      return `${attribute.value.length} bytes`;
  }
}

export function missingValue(node: Pick<Node, 'op' | 'name'> | undefined, name: string): GradcamError {
  return new GradcamError({
    code: 'replay-missing-value',
    what: node === undefined ? `Value '${name}' is asked for.` : `${node.op} '${node.name}' reads '${name}'.`,
    expected: 'a value that is fed, a constant of the graph or the output of a replayed node before it',
    found: 'none of that name',
    exitCode: 2,
  });
}
