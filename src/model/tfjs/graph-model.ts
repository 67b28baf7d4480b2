// A TensorFlow.js GraphModel becomes a Model: TensorFlow.js's own executor runs it under the tracer, once per shape, and is
// asked for every node, so that values are known by the names of nodes and of the layers that the nodes came from.
import type { Constant, Graph } from '../../graph/graph.ts';
import { GradcamError, messageOf } from '../../lib/errors.ts';
import { tf } from '../../tf/tfjs.ts';
import { trace, type Tracer } from '../../trace/tracer.ts';
import type { ModelSource } from '../format.ts';
import { isFields } from '../keras/config.ts';
import { readModelJson } from '../keras/json.ts';
import type { InputShape, Model, ModelInput } from '../model.ts';
import { withDilations } from './dilations.ts';
import { namesOf, type NodeNames } from './node-names.ts';
import { graphPreprocessing } from './preprocessing.ts';
import { arraysOf, readWeights, type Weights } from './weights.ts';

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

/** Place k of a picture as the graph takes it holds logical axis NCHW[k]. */
const NCHW = [0, 3, 1, 2];
const CONTROL_FLOW =
  /^(Switch|Merge|Enter|Exit|NextIteration|LoopCond|If|StatelessIf|While|StatelessWhile|TensorArray.*|TensorList.*|NonMaxSuppression.*|Where|Unique.*)$/;

/** Reads model.json and its shards. Throws GradcamError for what is no image classifier without control flow. */
export async function loadGraphModel(source: ModelSource): Promise<Model> {
  const { file } = source;
  const parsed = await readModelJson(file);
  const json: ModelJson = isFields(parsed) ? parsed : {};
  const stored = nodesOf(json.modelTopology, file);
  refuseControlFlow(stored, file);
  const weights = await readWeights(json.weightsManifest, file);
  const arrays = new Map(arraysOf(weights).map((array) => [array.name, array]));
  const constants: ConstantLookup = (name) => arrays.get(name)?.read();
  const nodes = withDilations(stored, constants);
  const model = await open({ ...json, modelTopology: { ...json.modelTopology, node: nodes } }, weights, file);
  return createGraphModel(model, { source, nodes, constants, files: weights.files });
}

async function open(json: ModelJson, weights: Weights, file: string): Promise<tf.GraphModel> {
  const artifacts: tf.io.ModelArtifacts = {
    format: 'graph-model',
    ...(json.modelTopology === undefined ? {} : { modelTopology: json.modelTopology }),
    ...(json.signature === undefined ? {} : { signature: json.signature }),
    ...artifactsOf(weights),
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

function artifactsOf({ groups }: Weights): Pick<tf.io.ModelArtifacts, 'weightSpecs' | 'weightData'> {
  const weightSpecs = groups.flatMap(({ specs }) =>
    specs.map(({ name, shape, dtype, quantization }): tf.io.WeightsManifestEntry => {
      const plain = { name, shape: [...shape], dtype };
      if (quantization === null) return plain;
      const { dtype: stored, scale, min } = quantization;
      return { ...plain, quantization: stored === 'float16' ? { dtype: stored } : { dtype: stored, scale, min } };
    }),
  );
  return { weightSpecs, weightData: groups.map(({ bytes }) => bytes.buffer) };
}

interface GraphParts {
  readonly source: ModelSource;
  readonly nodes: readonly GraphNode[];
  readonly constants: ConstantLookup;
  readonly files: readonly string[];
}

function createGraphModel(model: tf.GraphModel, { source, nodes, constants, files }: GraphParts): Model {
  const { input, nodeName, channelsFirst } = imageInputOf(model, source.path);
  const names = namesOf(nodes);
  const outputs = outputsOf(model);
  let layerNames: ReadonlyMap<string, readonly string[]> = new Map();
  let last: { key: string; graph: Graph } | undefined;
  const forward = ({ batch, size }: InputShape): Graph => {
    const key = [batch, ...size].join();
    if (last?.key === key) return last.graph;
    const [height, width] = size;
    const shape = channelsFirst ? [batch, input.channels, height, width] : [batch, height, width, input.channels];
    const graph = trace(
      (tracer) => {
        const image = tracer.input(input.name, { dtype: 'float32', shape }, channelsFirst ? undefined : NCHW);
        const ran = execute(model, { [nodeName]: image }, [...outputs.values(), ...names.keys()], source.path);
        layerNames = noted(tracer, ran, names);
        return Object.fromEntries(
          [...outputs].map(([name, node]) => {
            const value = ran.get(node);
            if (value === undefined) throw cannotRun(source.path, `its output "${name}" has no value`);
            return [name, value];
          }),
        );
      },
      { prefix: 'value/' },
    );
    last = { key, graph };
    return graph;
  };
  const preprocessing = graphPreprocessing(nodes, nodeName, constants);
  const size = input.size ?? source.run.input?.size ?? preprocessing?.spec.size ?? [224, 224];
  return {
    path: source.path,
    format: 'tfjs-graph',
    files: [source.file, ...files],
    input,
    forward,
    get layerNames() {
      if (last === undefined) forward({ batch: input.batch ?? 1, size });
      return layerNames;
    },
    ...(preprocessing === null ? {} : { preprocessing }),
    assumed: [],
  };
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
    what: `The graph of ${path} cannot be run: ${why}`,
    hint: 'Convert the model again with tensorflowjs_converter, or give an ONNX file of it.',
    cause,
  });
}

/** Names of nodes and layers per value of the recorded graph. Numbers that are no feature maps have none. */
function noted(tracer: Tracer, ran: ReadonlyMap<string, tf.Tensor>, names: NodeNames): Map<string, string[]> {
  const byValue = new Map<string, string[]>();
  for (const [node, own] of names) {
    const tensor = ran.get(node);
    if (tensor === undefined || tensor.dtype !== 'float32' || tensor.rank < 2) continue;
    const { name } = tracer.valueOf(tensor);
    byValue.set(name, [...(byValue.get(name) ?? []), ...own]);
  }
  return byValue;
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

function imageInputOf(
  model: tf.GraphModel,
  path: string,
): { input: ModelInput; nodeName: string; channelsFirst: boolean } {
  const [port, ...others] = model.inputs;
  const dims = (port?.shape ?? []).map((dim) => (dim < 0 ? null : dim));
  const [batch = null, first = null, second = null, third = null] = dims;
  const colours = (dim: number | null): boolean => dim === 1 || dim === 3;
  const channelsFirst = !colours(third) && colours(first);
  if (typeof port?.name !== 'string' || others.length > 0 || dims.length !== 4 || !(colours(third) || colours(first))) {
    throw new GradcamError({
      code: 'no-image-input',
      what: `The model ${path} does not take one image.`,
      expected: 'one input [batch, height, width, channels] with 1 or 3 channels',
      found: model.inputs.map(({ name, shape }) => `${name} [${shape?.join(', ') ?? '?'}]`).join('; ') || 'no inputs',
      hint: 'Convert the image classifier by itself, with the image as its only input.',
    });
  }
  const [channels, height, width] = channelsFirst ? [first!, second, third] : [third!, first, second];
  const size = height === null || width === null ? null : ([height, width] as const);
  const nodeName = port.name.replace(/:0$/, '');
  return {
    input: { name: nodeName, layout: 'nchw', batch, size, channels, dtype: 'float32' },
    nodeName,
    channelsFirst,
  };
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
