// A TensorFlow SavedModel, or a frozen graph, becomes a Model: the function that serves is laid out flat, its variables are read
// from the checkpoint beside it, and from there on it is what a TensorFlow.js GraphModel is.
import { dirname, join } from 'node:path';
import type { Constant } from '../../graph/graph.ts';
import { GradcamError, messageOf } from '../../lib/errors.ts';
import { MalformedError, WireReader } from '../../onnx/protobuf.ts';
import type { ModelSource } from '../format.ts';
import type { Model } from '../model.ts';
import { withReader } from '../reader.ts';
import { readTensor } from './attributes.ts';
import { readBundle, readBundleTensors } from './bundle.ts';
import { readGraph, readSavedModel, type MetaGraph, type Signature } from './graph-def.ts';
import { openGraph, type StoredArrays, type StoredGraph } from './graph-model.ts';
import { inlined, type FlatNode } from './inline.ts';
import type { GraphNode } from './node.ts';
import { withPlainNames } from './plain-names.ts';
import { restoredKeys } from './restored.ts';

const MAX_BYTES = 2 ** 31;

/** What to do where the file cannot be read here. */
const CONVERT = (folder: string): string =>
  `Turn it into a GraphModel: tensorflowjs_converter --input_format=tf_saved_model ${folder} ${folder}-tfjs`;

/** Reads `saved_model.pb` with the checkpoint in `variables`. Throws GradcamError. */
export async function loadSavedModel(source: ModelSource): Promise<Model> {
  return understood(source, async (bytes) => {
    const metas = readSavedModel(bytes);
    const found = metas.flatMap((meta) => meta.signatures.map((signature) => ({ meta, signature })));
    const served = chooseSignature(found);
    if (served === null)
      throw withoutSignature(
        source.path,
        found.map(({ signature }) => signature.name),
      );
    const { meta, signature } = served;
    const flat = inlined(
      meta.graph,
      signature.outputs.map(({ value }) => value),
    );
    const { nodes, nameOf } = withPlainNames(flat.nodes);
    const variables = new Map(
      flat.nodes.flatMap(({ name, variable }) => (variable === undefined ? [] : [[nameOf(name), variable] as const])),
    );
    const stored = readVariables(meta, variables, source.file);
    // Where the graph fails first, what is wrong with its variables is not told.
    stored.catch(() => undefined);
    const flatPort = ({ name, value }: Signature['inputs'][number]) => ({ name, value: nameOf(flat.values.get(value) ?? value) }); // prettier-ignore
    const ports = { inputs: signature.inputs.map(flatPort), outputs: signature.outputs.map(flatPort) };
    return openFlat(nodes, ports, stored, source);
  });
}

/** Reads a GraphDef by itself, its weights in it as constants. Throws GradcamError. */
export async function loadFrozenGraph(source: ModelSource): Promise<Model> {
  return understood(source, (bytes) => {
    const graph = readGraph(new WireReader(bytes));
    const all = [...graph.nodes.values()];
    const used = new Set(all.flatMap(({ inputs }) => inputs.map((input) => input.replace(/^\^|:\d+$/g, ''))));
    const ends = all.filter(({ name, op }) => !used.has(name) && op !== 'NoOp' && op !== 'Placeholder');
    if (ends.length === 0) throw new MalformedError('no nodes');
    const { nodes } = inlined(
      graph,
      ends.map(({ name }) => name),
    );
    if (nodes.some(({ variable }) => variable !== undefined))
      throw new MalformedError('variables without their values');
    return openFlat(nodes, { inputs: [], outputs: [] }, Promise.resolve({ byNode: new Map(), files: [] }), source);
  });
}

interface Served {
  readonly meta: MetaGraph;
  readonly signature: Signature;
}

/** The one that serving takes, else the first that takes one thing and gives something. */
function chooseSignature(found: readonly Served[]): Served | null {
  const usable = found.filter(({ signature }) => signature.inputs.length === 1 && signature.outputs.length > 0);
  return usable.find(({ signature }) => signature.name === 'serving_default') ?? usable[0] ?? null;
}

async function readVariables(
  { graph, restore }: MetaGraph,
  variables: ReadonlyMap<string, string>,
  file: string,
): Promise<StoredArrays> {
  if (variables.size === 0) return { byNode: new Map(), files: [] };
  const folder = join(dirname(file), 'variables');
  const bundle = await readBundle(folder, 'variables');
  const keys = restoredKeys(graph, restore);
  const keyOf = (handle: string): string => keys.get(handle) ?? handle;
  const tensors = await readBundleTensors(bundle, [...variables.values()].map(keyOf));
  const byNode = new Map([...variables].map(([node, handle]) => [node, tensors.get(keyOf(handle))!]));
  return { byNode, files: [join(folder, 'variables.index'), ...bundle.files] };
}

function openFlat(
  flat: readonly FlatNode[],
  signature: StoredGraph['signature'],
  variables: Promise<StoredArrays>,
  source: ModelSource,
): Promise<Model> {
  const known = new Map<string, Constant>();
  for (const { name, op, stored } of flat) {
    const value = op === 'Const' ? stored('value') : undefined;
    const tensor = value === undefined ? null : readTensor(value);
    if (tensor !== null) known.set(name, tensor);
  }
  // A read of a variable is a constant whose array lies in the checkpoint.
  const nodes = flat.flatMap((node): GraphNode[] => {
    if (node.op === 'VarHandleOp') return [];
    return [node.variable === undefined ? node : { ...node, op: 'Const', inputs: [] }];
  });
  const arrays = variables.then(({ byNode, files }) => ({ byNode: new Map([...byNode, ...known]), files }));
  return openGraph({ nodes, signature, arrays }, source, 'saved-model');
}

/** Reads the file; what is no protobuf of this kind is told with the way out. */
async function understood(source: ModelSource, use: (bytes: Uint8Array) => Model | Promise<Model>): Promise<Model> {
  try {
    const bytes = await withReader(source.file, (file) => {
      if (file.size >= MAX_BYTES) throw new MalformedError(`${file.size} bytes`);
      return file.read(0, file.size);
    });
    return await use(bytes);
  } catch (error) {
    // A graph that goes round in circles, or is deeper than any network, ends the stack.
    if (!(error instanceof MalformedError) && !(error instanceof RangeError)) throw error;
    throw new GradcamError({
      code: 'saved-model',
      what: `The SavedModel ${source.path} cannot be read here.`,
      found: messageOf(error),
      hint: `${CONVERT(dirname(source.file))}, or save it as .keras or ONNX.`,
      cause: error,
    });
  }
}

function withoutSignature(path: string, names: readonly string[]): GradcamError {
  return new GradcamError({
    code: 'saved-model',
    what: `The SavedModel ${path} has no function that serves one image.`,
    expected: 'a signature with one input, such as serving_default',
    found: names.length === 0 ? 'no signatures' : names.join(', '),
    hint: 'Save it with one: model.export(folder) in Keras, or tf.saved_model.save(model, folder, signatures=...).',
  });
}
