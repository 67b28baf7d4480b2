// The picture as a layer: methods at the input take their map at its own resolution.
import type { Graph } from '../graph/graph.ts';
import type { Layer, ModelInput } from '../model/model.ts';
import { typeOf } from './pieces.ts';

/** The model's image input in the form of a layer. */
export function inputLayer(graph: Graph, input: ModelInput, model: string): Layer {
  const shape = typeOf(graph, model, input.name).shape as readonly number[];
  const [height, width, channels] =
    input.layout === 'nchw' ? [shape[2]!, shape[3]!, shape[1]!] : [shape[1]!, shape[2]!, shape[3]!];
  return {
    index: -1,
    name: 'input',
    aliases: [],
    op: 'Input',
    value: input.name,
    layout: input.layout,
    shape: [height, width, channels],
    prefix: 0,
    distance: graph.nodes.length,
  };
}
