// A TensorFlow SavedModel, or a frozen graph, becomes a Model: the function that serves is laid out flat, its variables are read
// from the checkpoint beside it, and from there on it is what a TensorFlow.js GraphModel is.
import { dirname, join } from 'node:path';
import type { Constant } from '../../graph/graph.ts';
import { GradcamError, messageOf } from '../../lib/errors.ts';
import { MalformedError, WireReader } from '../../onnx/protobuf.ts';
import type { ModelSource } from '../format.ts';
import type { Model } from '../model.ts';
import { withReader } from '../reader.ts';
import { withoutAddedNumber } from './added-number.ts';
import { readTensor } from './attributes.ts';
import { withBundle, type Bundle } from './bundle.ts';
import { readGraph, readSavedModel, type MetaGraph, type Signature } from './graph-def.ts';
import { openGraph, type SignaturePort, type StoredArrays, type StoredGraph } from './graph-model.ts';
import { inlined, variablesBehind, type FlatNode } from './inline.ts';
import { likelyKeys, restoredKeys } from './restored.ts';

const MAX_BYTES = 2 ** 31;

/** What to do where the file cannot be read here. */
const CONVERT = (folder: string): string =>
  `Turn it into a GraphModel: tensorflowjs_converter --input_format=tf_saved_model ${folder} ${folder}-tfjs`;

/** Reads `saved_model.pb` with the checkpoint in `variables`. Throws GradcamError. */
export async function loadSavedModel(source: ModelSource): Promise<Model> {
  const folder = join(dirname(source.file), 'variables');
  return understood(source, (graph) =>
    withBundle(folder, 'variables', async (bundle) => {
      // Before it is known which variables are asked for, which takes as long as reading them.
      const ahead = bundle.read(likelyKeys(bundle.keys));
      ahead.catch(() => undefined);
      const metas = readSavedModel(await graph);
      const found = metas.flatMap((meta) => meta.signatures.map((signature) => ({ meta, signature })));
      const served = chooseSignature(found);
      if (served === null)
        throw withoutSignature(
          source.path,
          found.map(({ signature }) => signature.name),
        );
      const wanted = served.signature.outputs.map(({ value }) => value);
      const handles = variablesBehind(served.meta.graph, wanted);
      if (handles.length === 0) return openServed(served, noVariables, source);
      const restored = restoredKeys(served.meta.graph, served.meta.restore);
      const keys = new Map(handles.map((handle) => [handle, restored.get(handle) ?? handle]));
      const arrayOf = arraysOf(bundle, ahead, keys);
      // Where the graph fails first, what is wrong with its variables is not told.
      arrayOf.catch(() => undefined);
      return openServed(served, { files: bundle.files, arrayOf }, source);
    }),
  );
}

/** The array of each variable by its handle; `ahead` has those of some keys. */
async function arraysOf(
  bundle: Bundle,
  ahead: Promise<ReadonlyMap<string, Constant>>,
  keys: ReadonlyMap<string, string>,
): Promise<(handle: string) => Constant> {
  const early = await ahead;
  const missing = [...keys.values()].filter((key) => !early.has(key));
  const late = missing.length === 0 ? early : await bundle.read(missing);
  return (handle) => {
    const key = keys.get(handle) ?? handle;
    const tensor = early.get(key) ?? late.get(key);
    if (tensor !== undefined) return tensor;
    throw new MalformedError(`no tensor "${key}" of a type that is read here in the checkpoint`);
  };
}

/** What the checkpoint gives. */
interface Variables {
  readonly files: readonly string[];
  /** The array of a variable's node. */
  readonly arrayOf: Promise<(handle: string) => Constant>;
}

const noVariables: Variables = {
  files: [],
  arrayOf: Promise.resolve((handle) => {
    throw new MalformedError(`variable "${handle}" without its value`);
  }),
};

function openServed({ meta, signature }: Served, variables: Variables, source: ModelSource): Promise<Model> {
  const flat = inlined(
    meta.graph,
    signature.outputs.map(({ value }) => value),
    true,
  );
  const nameOf = withoutAddedNumber(flat.nodes);
  const flatPort = ({ name, value }: SignaturePort): SignaturePort => ({
    name,
    value: nameOf(flat.values.get(value) ?? value),
  });
  const ports = { inputs: signature.inputs.map(flatPort), outputs: signature.outputs.map(flatPort) };
  return openFlat(flat.nodes, ports, variables, source);
}

/** Reads a GraphDef by itself, its weights in it as constants. Throws GradcamError. */
export async function loadFrozenGraph(source: ModelSource): Promise<Model> {
  return understood(source, async (bytes) => {
    const graph = readGraph(new WireReader(await bytes));
    const all = [...graph.nodes.values()];
    const used = new Set(all.flatMap(({ inputs }) => inputs.map((input) => input.replace(/^\^|:\d+$/g, ''))));
    const ends = all.filter(({ name, op }) => !used.has(name) && op !== 'NoOp' && op !== 'Placeholder');
    if (ends.length === 0) throw new MalformedError('no nodes');
    const { nodes } = inlined(
      graph,
      ends.map(({ name }) => name),
    );
    return openFlat(nodes, { inputs: [], outputs: [] }, noVariables, source);
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

function openFlat(
  nodes: readonly FlatNode[],
  signature: StoredGraph['signature'],
  { files, arrayOf }: Variables,
  source: ModelSource,
): Promise<Model> {
  const known = new Map<string, Constant>();
  for (const node of nodes) {
    const value = node.op === 'Const' ? node.stored('value') : undefined;
    const tensor = value === undefined ? null : readTensor(value);
    if (tensor !== null) known.set(node.name, tensor);
  }
  const arrays = arrayOf.then((read): StoredArrays => {
    for (const { name, variable } of nodes) if (variable !== undefined) known.set(name, read(variable));
    return { byNode: known, files };
  });
  return openGraph({ nodes, signature, arrays }, source, 'saved-model');
}

/** Hands over the file's bytes; what is no protobuf of this kind is told with the way out. */
async function understood(source: ModelSource, use: (bytes: Promise<Uint8Array>) => Promise<Model>): Promise<Model> {
  try {
    const bytes = withReader(source.file, (file) => {
      if (file.size >= MAX_BYTES) throw new MalformedError(`${file.size} bytes`);
      return file.read(0, file.size);
    });
    bytes.catch(() => undefined); // told where it is awaited
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
