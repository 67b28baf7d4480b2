// Where methods take their maps that are not at a layer: at the picture, at its own resolution, and on the grid of tokens.
import type { TokenGrid } from '../cam/method.ts';
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

/** The tokens of a transformer, in graph order of its layers; undefined where it has none. */
export function tokenGrid(layers: readonly Layer[]): TokenGrid | undefined {
  const maps = layers.filter(({ layout }) => layout === 'tokens');
  const last = maps.at(-1);
  if (last === undefined) return undefined;
  // A head that takes the mean over the grid has left out what stood before it.
  const prefix = Math.max(...maps.map((map) => map.prefix));
  return { grid: [last.shape[0], last.shape[1]], prefix, pooled: last.prefix === 0 };
}
