// Small models for the tests of this room, and ONNX Runtime to run them.
import * as ort from 'onnxruntime-node';
import type { Attribute, Constant, DType, Graph, Node, Port, TensorType } from '../../src/graph/graph.ts';
import { constantOf, sizeOf } from '../../src/graph/tensor.ts';
import { encodeModel, writeNode } from '../../src/onnx/encode.ts';
import { WireReader, WireWriter } from '../../src/onnx/protobuf.ts';
import { ATTRIBUTE, ATTRIBUTE_TYPE, FUNCTION, MODEL, NODE, OPERATOR_SET } from '../../src/onnx/schema.ts';

export const float32 = (...shape: (number | null)[]): TensorType => ({ dtype: 'float32', shape });
export const port = (name: string, type: TensorType): Port => ({ name, type });

export const floats = (shape: readonly number[], values: readonly number[]): Constant =>
  constantOf('float32', shape, values);
export const longs = (...values: number[]): Constant => constantOf('int64', [values.length], values);

/** Values between -1 and 1 that look like noise and are the same every time. */
export function noise(shape: readonly number[], seed = 1): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, (_, index) => Math.sin((index + 1) * 12.9898 * seed));
}

export function node(
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
): Node {
  return { op, domain: '', name: '', inputs, outputs, attributes };
}

export function graphOf(parts: Partial<Graph> & Pick<Graph, 'nodes' | 'inputs' | 'outputs'>): Graph {
  return { opset: 18, domains: {}, constants: new Map(), types: new Map(), ...parts };
}

/** An attribute that holds a body, as If and Loop have them. */
export function bodyAttribute(name: string, body: Graph): Attribute {
  const reader = new WireReader(encodeModel(body));
  const writer = new WireWriter();
  writer.string(ATTRIBUTE.name, name);
  while (reader.next()) {
    if (reader.field === MODEL.graph) writer.bytes(ATTRIBUTE.graph, reader.bytes());
    else reader.skip();
  }
  writer.integer(ATTRIBUTE.type, ATTRIBUTE_TYPE.graph);
  return { kind: 'opaque', value: writer.finish() };
}

export interface FunctionParts {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Nodes, with the attributes that take their value from the call: attribute -> attribute of the call. */
  readonly nodes: readonly (Node & { readonly references?: Readonly<Record<string, string>> })[];
  readonly opset?: number;
}

/** A FunctionProto of the domain `local`. */
export function functionOf({ name, inputs, outputs, nodes, opset = 18 }: FunctionParts): Uint8Array {
  const writer = new WireWriter();
  writer.string(FUNCTION.name, name);
  for (const input of inputs) writer.string(FUNCTION.input, input);
  for (const output of outputs) writer.string(FUNCTION.output, output);
  for (const { references = {}, ...inner } of nodes) {
    const message = new WireWriter();
    writeNode(message, inner);
    for (const [attribute, reference] of Object.entries(references)) {
      const proto = new WireWriter();
      proto.string(ATTRIBUTE.name, attribute);
      proto.string(ATTRIBUTE.reference, reference);
      proto.integer(ATTRIBUTE.type, ATTRIBUTE_TYPE.float);
      message.message(NODE.attribute, proto);
    }
    writer.message(FUNCTION.node, message);
    for (const reference of Object.values(references)) writer.string(6, reference);
  }
  for (const [domain, version] of [['', opset] as const, ['local', 1] as const]) {
    const set = new WireWriter();
    set.string(OPERATOR_SET.domain, domain);
    set.integer(OPERATOR_SET.version, version);
    writer.message(FUNCTION.opsetImport, set);
  }
  writer.string(FUNCTION.domain, 'local');
  return writer.finish();
}

export interface Output {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

const ARRAYS: Partial<Record<DType, (values: ArrayLike<number>) => ort.Tensor['data']>> = {
  float32: (values) => Float32Array.from(values),
  int32: (values) => Int32Array.from(values),
  int64: (values) => BigInt64Array.from(Array.from(values, BigInt)),
  bool: (values) => Uint8Array.from(values),
};

export interface Feed {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** Runs a model, unoptimised, so that its nodes are taken as they are. */
export async function run(
  model: Uint8Array | string,
  feeds: Readonly<Record<string, Feed>>,
): Promise<Record<string, Output>> {
  const options = { graphOptimizationLevel: 'disabled', logSeverityLevel: 3, intraOpNumThreads: 1 } as const;
  const session =
    typeof model === 'string'
      ? await ort.InferenceSession.create(model, options)
      : await ort.InferenceSession.create(model, options);
  try {
    const tensors = Object.entries(feeds).map(([name, { dtype, shape, values }]) => {
      const data = ARRAYS[dtype]?.(values);
      if (data === undefined) throw new Error(`no feeds of type ${dtype}`);
      return [name, new ort.Tensor(dtype as 'float32', data as Float32Array, shape)] as const;
    });
    const results = await session.run(Object.fromEntries(tensors));
    return Object.fromEntries(
      Object.entries(results).map(([name, { type, dims, data }]) => [
        name,
        { dtype: type, shape: dims, values: Array.from(data as ArrayLike<number | bigint>, Number) },
      ]),
    );
  } finally {
    await session.release();
  }
}
