// A graph of TensorFlow's operators becomes a Model, whatever file it comes from: run once per shape under a trace, its values
// known by the names of nodes and of the layers that the nodes came from.
import type { Constant } from '../../graph/graph.ts';
import { GradcamError, messageOf } from '../../lib/errors.ts';
import { MalformedError } from '../../onnx/protobuf.ts';
import type { Value } from '../../trace/forward.ts';
import type { ModelSource } from '../format.ts';
import type { Model } from '../model.ts';
import { createTracedModel, type ImagePort } from '../traced.ts';
import { withDilations } from './dilations.ts';
import { heldArrays } from './held-arrays.ts';
import { namesOf } from './node-names.ts';
import { placeOf, type GraphNode } from './node.ts';
import { graphPreprocessing } from './preprocessing.ts';
import { runGraph } from './run.ts';

/** What goes in or comes out under a name: a value of the graph, `node` or `node:1`. */
export interface SignaturePort {
  readonly name: string;
  readonly value: string;
}

/** A graph with its weights, wherever they were read from. */
export interface StoredGraph {
  readonly nodes: readonly GraphNode[];
  /** Empty where the file does not say: placeholders and nodes that none needs. */
  readonly signature: { readonly inputs: readonly SignaturePort[]; readonly outputs: readonly SignaturePort[] };
  /** May still be on their way: the graph is understood meanwhile. */
  readonly arrays: Promise<StoredArrays>;
}

export interface StoredArrays {
  /** What constant nodes hold, by their names. */
  readonly byNode: ReadonlyMap<string, Constant>;
  /** The files that the arrays were read from. */
  readonly files: readonly string[];
}

const CONTROL_FLOW =
  /^(Switch|Merge|Enter|Exit|NextIteration|LoopCond|If|StatelessIf|While|StatelessWhile|TensorArray.*|TensorList.*|NonMaxSuppression.*|Where|Unique.*)$/;

/** The Model of a graph; `format` is its id. Throws GradcamError. */
export async function openGraph(graph: StoredGraph, source: ModelSource, format: string): Promise<Model> {
  // Where the graph fails first, nobody waits for the arrays: what is wrong with them is not told then.
  graph.arrays.catch(() => undefined);
  refuseControlFlow(graph.nodes, source.file);
  const ports = portsOf(graph, source.path);
  const names = namesOf(graph.nodes);
  const { byNode, files } = await graph.arrays;
  const nodes = withDilations(graph.nodes, byNode);
  const held = heldArrays(nodes, byNode);
  const [input] = ports.inputs;
  return createTracedModel(
    {
      format,
      files: [source.file, ...files],
      inputs: ports.inputs,
      preprocessing: input === undefined ? null : graphPreprocessing(nodes, input.name, byNode),
      run(_, image, note) {
        const given = (node: GraphNode): Value | undefined => (node.name === input!.name ? image : held(node));
        const ran = run(nodes, ports.outputs, given, source.path);
        ran.values.forEach((values, node) => {
          const value = values[0];
          // Shapes and other numbers on the side are no feature maps.
          if (value?.dtype === 'float32' && value.shape.length >= 2) note(value, names.get(node) ?? []);
        });
        return ran.outputs;
      },
    },
    source,
  );
}

interface Ports {
  readonly inputs: readonly ImagePort[];
  readonly outputs: readonly SignaturePort[];
}

function portsOf({ nodes, signature }: StoredGraph, path: string): Ports {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const named = signature.inputs.map(({ value }) => byName.get(placeOf(value).node));
  const inputs = named.length > 0 ? named : nodes.filter(({ op }) => op === 'Placeholder');
  return {
    inputs: inputs.map((node) => {
      if (node === undefined) throw cannotRun(path, 'an input that the signature names is none of its nodes');
      const shape = node.attribute('shape')?.shape ?? null;
      return { name: node.name, shape: shape?.map((dim) => (dim < 0 ? null : dim)) ?? null };
    }),
    outputs: signature.outputs.length > 0 ? signature.outputs : endsOf(nodes),
  };
}

/** The nodes that no other node needs. */
function endsOf(nodes: readonly GraphNode[]): SignaturePort[] {
  const used = new Set(nodes.flatMap(({ inputs }) => inputs.map((input) => placeOf(input.replace(/^\^/, '')).node)));
  return nodes
    .filter(({ name, op }) => !used.has(name) && !/^(NoOp|Const|Placeholder)$/.test(op))
    .map(({ name }) => ({ name, value: name }));
}

function run(
  nodes: readonly GraphNode[],
  ports: readonly SignaturePort[],
  given: (node: GraphNode) => Value | undefined,
  path: string,
): { values: ReadonlyMap<string, readonly Value[]>; outputs: Record<string, Value> } {
  try {
    const wanted = ports.map(({ value }) => placeOf(value));
    const values = runGraph(nodes, wanted.map(({ node }) => node), given); // prettier-ignore
    const outputs = ports.map(({ name }, index) => {
      const value = values.get(wanted[index]!.node)?.[wanted[index]!.output];
      if (value === undefined) throw new MalformedError(`its output "${name}" has no value`);
      return [name, value] as const;
    });
    return { values, outputs: Object.fromEntries(outputs) };
  } catch (error) {
    if (!(error instanceof GradcamError) && !(error instanceof MalformedError)) throw error;
    throw cannotRun(path, error instanceof GradcamError ? error.parts.what : messageOf(error), error);
  }
}

function cannotRun(path: string, why: string, cause?: unknown): GradcamError {
  return new GradcamError({
    code: 'graph-model',
    what: `The graph of ${path} cannot be run: ${why}`,
    hint: 'Save the model for inference alone, without augmentation, as .keras or .h5 or ONNX, or convert it again.',
    cause,
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
