// A TensorFlow.js GraphModel becomes a Model: TensorFlow.js's own executor runs it under the tracer, once per shape, and is
// asked for every node, so that values are known by the names of nodes and of the layers that the nodes came from.
import type { Constant } from '../../graph/graph.ts';
import { GradcamError, messageOf } from '../../lib/errors.ts';
import { tf } from '../../tf/tfjs.ts';
import type { ModelSource } from '../format.ts';
import { isFields } from '../keras/config.ts';
import { readModelJson } from '../keras/json.ts';
import type { Model } from '../model.ts';
import { createTracedModel, type ImagePort } from '../traced.ts';
import { hasDilations, withDilations } from './dilations.ts';
import { heldArrays, type HeldArrays } from './held-arrays.ts';
import { namesOf } from './node-names.ts';
import { graphPreprocessing } from './preprocessing.ts';
import { arraysOf, readWeights } from './weights.ts';

/** A node of the GraphDef in model.json, as far as it is looked at. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, unknown>>;
}

/** The array of a constant node, where it has one. */
export type ConstantLookup = (name: string) => Constant | undefined;

/** What is looked at in model.json. */
interface ModelJson {
  readonly modelTopology?: object;
  readonly signature?: object;
  readonly weightsManifest?: unknown;
}

const CONTROL_FLOW =
  /^(Switch|Merge|Enter|Exit|NextIteration|LoopCond|If|StatelessIf|While|StatelessWhile|TensorArray.*|TensorList.*|NonMaxSuppression.*|Where|Unique.*)$/;

/** Reads model.json and its shards. Throws GradcamError for what is no image classifier without control flow. */
export async function loadGraphModel(source: ModelSource): Promise<Model> {
  const { file } = source;
  const parsed = await readModelJson(file);
  const json: ModelJson = isFields(parsed) ? parsed : {};
  const stored = nodesOf(json.modelTopology, file);
  const arrays = readWeights(json.weightsManifest, file).then((weights) => ({
    byNode: new Map(arraysOf(weights).map(({ name, read }) => [name, read()])),
    files: weights.files,
  }));
  return openGraph({ ...json, nodes: stored, arrays }, source, 'tfjs-graph');
}

/** A graph with its weights, wherever they were read from. */
export interface StoredGraph {
  readonly modelTopology?: object;
  readonly signature?: object;
  readonly nodes: readonly GraphNode[];
  /** May still be on their way: the graph is put together meanwhile. */
  readonly arrays: Promise<StoredArrays>;
}

export interface StoredArrays {
  /** What constant nodes hold, by their names. */
  readonly byNode: ReadonlyMap<string, Constant>;
  /** The files that the arrays were read from. */
  readonly files: readonly string[];
}

/** The Model of a graph; `format` is its id. Throws GradcamError. */
export async function openGraph(graph: StoredGraph, source: ModelSource, format: string): Promise<Model> {
  const { file } = source;
  // Where the graph fails first, nobody waits for the arrays: what is wrong with them is not told then.
  graph.arrays.catch(() => undefined);
  refuseControlFlow(graph.nodes, file);
  const early = hasDilations(graph.nodes) ? null : await open(graph, graph.nodes, file);
  const { byNode, files } = await graph.arrays;
  const constants = smallConstants(byNode);
  const nodes = withDilations(graph.nodes, constants);
  const model = early ?? (await open(graph, nodes, file));
  return createGraphModel(model, { source, format, nodes, constants, held: heldArrays(nodes, byNode), files });
}

/** Numbers that decide something about the graph (scales, paddings) are few. */
const SMALL_BYTES = 4096;

/** A lookup of the small constants, each in memory of its own: filters are reordered where they lie. */
function smallConstants(all: ReadonlyMap<string, Constant>): ConstantLookup {
  const kept = new Map(
    [...all]
      .filter(([, { bytes }]) => bytes.length <= SMALL_BYTES)
      .map(([name, constant]) => [name, { ...constant, bytes: constant.bytes.slice() }]),
  );
  return (name) => kept.get(name);
}

/** The graph without its arrays: those are handed over when it runs, as inputs are. */
async function open(
  { modelTopology, signature }: StoredGraph,
  nodes: readonly GraphNode[],
  file: string,
): Promise<tf.GraphModel> {
  const artifacts: tf.io.ModelArtifacts = {
    format: 'graph-model',
    modelTopology: { ...modelTopology, node: nodes },
    ...(signature === undefined ? {} : { signature }),
    weightSpecs: [],
    weightData: new ArrayBuffer(0),
  };
  const backend = tf.getBackend();
  await tf.setBackend('cpu');
  try {
    return await tf.loadGraphModel({ load: () => Promise.resolve(artifacts) });
  } catch (error) {
    throw new GradcamError({
      code: 'graph-model',
      what: `${file}: TensorFlow.js cannot load the graph: ${messageOf(error)}`,
      hint: 'Convert the model again with tensorflowjs_converter.',
      cause: error,
    });
  } finally {
    if (backend !== undefined) await tf.setBackend(backend);
  }
}

interface GraphParts {
  readonly source: ModelSource;
  readonly format: string;
  readonly nodes: readonly GraphNode[];
  readonly constants: ConstantLookup;
  readonly held: HeldArrays;
  readonly files: readonly string[];
}

function createGraphModel(model: tf.GraphModel, { source, format, nodes, constants, held, files }: GraphParts): Model {
  const names = namesOf(nodes);
  const outputs = outputsOf(model);
  const inputs = inputsOf(model, source.path);
  const [input] = inputs;
  return createTracedModel(
    {
      format,
      files: [source.file, ...files],
      inputs,
      preprocessing: input === undefined ? null : graphPreprocessing(nodes, input.name, constants),
      run(tracer, image, note) {
        const given = { ...held(tracer), [input!.name]: image };
        const ran = execute(model, given, [...outputs.values(), ...names.keys()], source.path);
        for (const [node, own] of names) {
          const value = ran.get(node);
          // Shapes and other numbers on the side are no feature maps.
          if (value !== undefined && value.dtype === 'float32' && value.rank >= 2) note(value, own);
        }
        return Object.fromEntries(
          [...outputs].map(([name, node]) => [name, requireValue(ran, name, node, source.path)]),
        );
      },
    },
    source,
  );
}

/** Inputs by the names of their nodes; sizes that the signature leaves open are null. */
function inputsOf(model: tf.GraphModel, path: string): ImagePort[] {
  let ports: tf.GraphModel['inputs'];
  try {
    ports = model.inputs;
  } catch (error) {
    throw cannotRun(path, 'an input that the signature names is none of its nodes', error);
  }
  return ports.map(({ name, shape }) => ({
    name: typeof name === 'string' ? name.replace(/:0$/, '') : '',
    shape: shape?.map((dim) => (dim < 0 ? null : dim)) ?? null,
  }));
}

function requireValue(ran: ReadonlyMap<string, tf.Tensor>, name: string, node: string, path: string): tf.Tensor {
  const value = ran.get(node);
  if (value === undefined) throw cannotRun(path, `its output "${name}" has no value`);
  return value;
}

/** Values of the nodes that are asked for, by node. */
function execute(
  model: tf.GraphModel,
  inputs: tf.NamedTensorMap,
  wanted: readonly string[],
  path: string,
): Map<string, tf.Tensor> {
  const unique = [...new Set(wanted)];
  try {
    const found = model.execute(inputs, unique);
    const tensors: readonly (tf.Tensor | undefined)[] = Array.isArray(found) ? found : [found];
    return new Map(
      unique.flatMap((name, index) => (tensors[index] === undefined ? [] : [[name, tensors[index]] as const])),
    );
  } catch (error) {
    throw cannotRun(path, error instanceof GradcamError ? error.parts.what : messageOf(error), error);
  }
}

function cannotRun(path: string, why: string, cause?: unknown): GradcamError {
  return new GradcamError({
    code: 'graph-model',
    what: `The graph of ${path} cannot be run: ${why.replace(/\. File an issue at .*$/s, '')}`,
    hint: 'Save the model for inference alone, without augmentation, as .keras or .h5 or ONNX, or convert it again.',
    cause,
  });
}

/** Name -> node of every output: by the signature where there is one, else by the node. */
function outputsOf(model: tf.GraphModel): Map<string, string> {
  const signature: unknown = model.modelSignature;
  const ports = isFields(signature) && isFields(signature.outputs) ? Object.entries(signature.outputs) : [];
  const named = ports.flatMap(([name, port]): [string, string][] => {
    return isFields(port) && typeof port.name === 'string' ? [[name, port.name.replace(/:0$/, '')]] : [];
  });
  return new Map(named.length > 0 ? named : model.outputNodes.map((node) => [node, node]));
}

function nodesOf(topology: unknown, file: string): GraphNode[] {
  const nodes = (topology as { node?: unknown } | undefined)?.node;
  if (!Array.isArray(nodes)) {
    throw new GradcamError({
      code: 'graph-model',
      what: `${file} is not a whole GraphModel.`,
      expected: 'modelTopology with a list of nodes',
      found: typeof nodes,
    });
  }
  return nodes.map((node: unknown) => {
    const { name, op, input, attr } = (node ?? {}) as Record<string, unknown>;
    const inputs = Array.isArray(input) ? input.filter((item) => typeof item === 'string') : [];
    return {
      name: typeof name === 'string' ? name : '',
      op: typeof op === 'string' ? op : '',
      input: inputs,
      attr: (attr ?? {}) as Record<string, unknown>,
    };
  });
}

function refuseControlFlow(nodes: readonly GraphNode[], file: string): void {
  const node = nodes.find(({ op }) => CONTROL_FLOW.test(op));
  if (node === undefined) return;
  throw new GradcamError({
    code: 'graph-control-flow',
    what: `${file}: the graph decides while it runs what it computes, so it has no fixed maps.`,
    expected: 'an image classifier without control flow',
    found: `node ${node.name} (${node.op})`,
    hint: 'Convert the network itself, without detection, decoding or loops around it.',
  });
}
