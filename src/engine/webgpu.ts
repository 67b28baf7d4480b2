// Graphs for ONNX Runtime's WebGPU provider, which takes a few nodes that it then computes wrongly or refuses at the first run.
// Found with 1.30 against the CPU provider, on SwiftShader and on an NVIDIA H100 alike.
import type { Graph, Node } from '../graph/graph.ts';
import { placesOnGpu } from './webgpu-places.ts';
import type { InferenceSession } from 'onnxruntime-node';

export interface WebGpuGraph {
  readonly graph: Graph;
  readonly provider: InferenceSession.WebGpuExecutionProviderOption;
}

/** The graph with a name for every node that is to run on the CPU, and the options of the provider that it needs. */
export function forWebGpu(given: Graph): WebGpuGraph {
  const graph = placesOnGpu(given);
  const shapeOf = (name: string | undefined): Shape =>
    name === undefined ? undefined : (graph.constants.get(name) ?? graph.types.get(name) ?? portOf(graph, name))?.shape;
  const forced: string[] = [];
  const nodes = graph.nodes.map((node, index) => {
    if (!isRefused(node, shapeOf)) return node;
    const named = node.name === '' ? renamed(node, `gradcam/cpu/${index}`) : node;
    forced.push(named.name);
    return named;
  });
  const provider: InferenceSession.WebGpuExecutionProviderOption = {
    name: 'webgpu',
    ...(graph.nodes.some((node) => isConvolvedWrongly(node, shapeOf)) ? { preferredLayout: 'NCHW' } : {}),
    ...(forced.length > 0 ? { forceCpuNodeNames: forced } : {}),
  };
  return { graph: forced.length > 0 ? { ...graph, nodes } : graph, provider };
}

type Shape = readonly (number | null)[] | null | undefined;

/**
 * With channels last, the provider reads 3 channels at a time where their number divides by 3 and not by 4 and that of the
 * filters by 4, and takes the wrong ones from the fourth on (microsoft/onnxruntime, issue 29651). What is not known is taken
 * for such a number.
 */
function isConvolvedWrongly({ op, domain, inputs }: Node, shapeOf: (name: string | undefined) => Shape): boolean {
  if (op !== 'Conv' || domain !== '') return false;
  const [filters, channels] = shapeOf(inputs[1]) ?? [null, null];
  if (channels === 3) return false;
  const divides = (size: number | null | undefined, by: number): boolean => size == null || size % by === 0;
  return divides(channels, 3) && !(channels != null && channels % 4 === 0) && divides(filters, 4);
}

/** Refused at the first run: maxima with their places; powers whose one exponent comes as an array with axes. */
function isRefused({ op, domain, inputs, outputs }: Node, shapeOf: (name: string | undefined) => Shape): boolean {
  if (domain !== '') return false;
  if (op === 'MaxPool') return outputs.length > 1;
  return op === 'Pow' && shapeOf(inputs[1])?.length !== 0;
}

function portOf({ inputs }: Graph, name: string): { readonly shape: Shape } | undefined {
  return inputs.find((port) => port.name === name)?.type;
}

/** Under a name that can be pointed at: as the node is known, not as its file encodes it. */
function renamed({ op, domain, inputs, outputs, attributes }: Node, name: string): Node {
  return { op, domain, name, inputs, outputs, attributes };
}
