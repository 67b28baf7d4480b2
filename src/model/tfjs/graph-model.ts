// A TensorFlow.js GraphModel: a GraphDef as JSON, and its arrays in shards.
import { GradcamError } from '../../lib/errors.ts';
import type { ModelSource } from '../format.ts';
import { isFields } from '../keras/config.ts';
import { readModelJson } from '../keras/json.ts';
import type { Model } from '../model.ts';
import { openGraph, type SignaturePort } from '../tensorflow/graph-model.ts';
import type { Attribute, GraphNode } from '../tensorflow/node.ts';
import { arraysOf, readWeights } from './weights.ts';

/** Reads model.json and its shards. Throws GradcamError for what is no image classifier without control flow. */
export async function loadGraphModel(source: ModelSource): Promise<Model> {
  const { file } = source;
  const parsed = await readModelJson(file);
  const json = isFields(parsed) ? parsed : {};
  const topology = isFields(json.modelTopology) ? json.modelTopology : {};
  const signature = isFields(json.signature) ? json.signature : {};
  const nodes = nodesOf(topology.node, file);
  const arrays = readWeights(json.weightsManifest, file).then((weights) => ({
    byNode: new Map(arraysOf(weights).map(({ name, read }) => [name, read()])),
    files: weights.files,
  }));
  const ports = { inputs: portsOf(signature.inputs), outputs: portsOf(signature.outputs) };
  return openGraph({ nodes, signature: ports, arrays }, source, 'tfjs-graph');
}

function portsOf(value: unknown): SignaturePort[] {
  if (!isFields(value)) return [];
  return Object.entries(value).flatMap(([name, port]) =>
    isFields(port) && typeof port.name === 'string' ? [{ name, value: port.name }] : [],
  );
}

function nodesOf(nodes: unknown, file: string): GraphNode[] {
  if (!Array.isArray(nodes)) {
    throw new GradcamError({
      code: 'graph-model',
      what: `${file} is not a whole GraphModel.`,
      expected: 'modelTopology with a list of nodes',
      found: typeof nodes,
    });
  }
  return nodes.map((node: unknown) => {
    const { name, op, input, attr } = isFields(node) ? node : {};
    const attributes = isFields(attr) ? attr : {};
    return {
      name: typeof name === 'string' ? name : '',
      op: typeof op === 'string' ? op : '',
      inputs: Array.isArray(input) ? input.filter((item) => typeof item === 'string') : [],
      attribute: (key) => (Object.hasOwn(attributes, key) ? attributeOf(attributes[key]) : undefined),
    };
  });
}

/** Numbers of types by name, where JSON has names. */
const TYPES: Readonly<Record<string, number>> = {
  DT_FLOAT: 1,
  DT_DOUBLE: 2,
  DT_INT32: 3,
  DT_UINT8: 4,
  DT_INT16: 5,
  DT_INT8: 6,
  DT_INT64: 9,
  DT_BOOL: 10,
  DT_BFLOAT16: 14,
  DT_HALF: 19,
};

function attributeOf(json: unknown): Attribute | undefined {
  if (!isFields(json)) return undefined;
  const { list } = json;
  return {
    ...('i' in json && { i: Number(json.i) }),
    ...('f' in json && { f: Number(json.f) }),
    ...('b' in json && { b: json.b === true }),
    ...('s' in json && { s: textOf(json.s) }),
    ...('type' in json && { type: typeof json.type === 'string' ? (TYPES[json.type] ?? 0) : Number(json.type) }),
    ...('shape' in json && { shape: shapeOf(json.shape) }),
    ...(isFields(list) && {
      list: {
        ...(Array.isArray(list.i) && { i: list.i.map(Number) }),
        ...(Array.isArray(list.s) && { s: list.s.map(textOf) }),
      },
    }),
  };
}

/** Texts are base64, or codes of characters. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return String.fromCharCode(...value.map(Number));
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString() : '';
}

function shapeOf(value: unknown): number[] | null {
  if (!isFields(value) || value.unknownRank === true) return null;
  const dims: unknown[] = Array.isArray(value.dim) ? value.dim : [];
  return dims.map((dim) => (isFields(dim) ? Number(dim.size ?? -1) : -1));
}
