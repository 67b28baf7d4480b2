// Layers a map can be taken at: listed in graph order, picked by `auto`, found by whatever name a user gives.
import { GradcamError } from '../lib/errors.ts';
import { nearestNames } from '../lib/names.ts';
import type { Graph, Node } from '../graph/graph.ts';
import type { Layer } from './model.ts';
import { isMapLayout, picksTokens, spatialValues, type Spatial } from './spatial.ts';

/** Nodes that show a value without making a new one: never picked by `auto`, still found by name. */
const VIEWS = new Set([
  'Identity',
  'Dropout',
  'Cast',
  'CastLike',
  'Transpose',
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Expand',
  'Pad',
]);

export interface LayerChoice {
  readonly layer: Layer;
  /** How the layer was found, a sentence for the report. */
  readonly why: string;
}

interface Influence {
  /** Values that the logits depend on, with the nodes between on the shortest way. */
  readonly distance: ReadonlyMap<string, number>;
  readonly consumers: ReadonlyMap<string, readonly Node[]>;
}

/** Every layer on the way from the image to the logits, in graph order. */
export function listLayers(
  graph: Graph,
  image: string,
  logits: string,
  layerNames: ReadonlyMap<string, readonly string[]>,
): Layer[] {
  const spatial = spatialValues(graph);
  const { distance } = influenceOn(graph, logits);
  const fromImage = reachedFrom(graph, image);
  const images = graph.inputs.find((port) => port.name === image)?.type.shape?.[0];
  const names = namesOfReals(graph, scopeOutputs(graph));
  const layers: Layer[] = [];
  const taken = new Set<string>();
  // No gradient reaches integers: their names are those of the real numbers made of them.
  const ofIntegers = new Map<string, readonly string[]>();
  for (const node of graph.nodes) {
    for (const value of node.outputs) {
      const meaning = spatial.get(value);
      const steps = distance.get(value);
      if (meaning === undefined || !isMapLayout(meaning.layout) || steps === undefined || !fromImage.has(value))
        continue;
      // A map of each window or patch is no map of the picture.
      if (graph.types.get(value)?.shape?.[0] !== images) continue;
      const own = layerNames.get(value) ?? [];
      const scopes = names.get(value) ?? [];
      const quantized = node.op === 'DequantizeLinear' ? (ofIntegers.get(node.inputs[0] ?? '') ?? []) : [];
      const all = [...own, ...scopes, ...quantized, ...(node.name === '' ? [] : [node.name]), value];
      if (/^u?int/.test(graph.types.get(value)?.dtype ?? '')) {
        ofIntegers.set(value, all);
        continue;
      }
      const name = all.find((candidate) => !taken.has(candidate)) ?? value;
      taken.add(name);
      layers.push({
        index: layers.length,
        name,
        aliases: [...new Set(all)].filter((alias) => alias !== name),
        op: node.op,
        value,
        layout: meaning.layout,
        shape: [meaning.grid[0], meaning.grid[1], meaning.channels],
        prefix: meaning.prefix,
        distance: steps,
      });
    }
  }
  return layers;
}

/**
 * The layer that `auto` takes: the last value with spatial extent before the head, as long as the logits depend on its
 * cells (after the last attention block of a ViT they depend on the class token alone).
 */
export function pickLayer(graph: Graph, layers: readonly Layer[], logits: string, model: string): LayerChoice {
  const { distance, consumers } = influenceOn(graph, logits);
  const spatial = spatialValues(graph);
  const live = new Set<string>();
  for (const node of [...graph.nodes].reverse()) {
    for (const value of node.outputs) if (isLive(graph, value, spatial, consumers, distance, live)) live.add(value);
  }
  const made = layers.filter((layer) => !isView(layer) && live.has(layer.value));
  const last = made.at(-1) ?? layers.filter((layer) => live.has(layer.value)).at(-1);
  if (last === undefined) throw noLayer(model);
  if (last.layout !== 'tokens') return { layer: last, why: 'the last value with spatial extent before the head' };
  // Inside the last block the projections to queries, keys and values come last; the tokens that enter them are meant.
  const width = widthAround(graph, layers, last);
  const end = beforeCut(graph, layers, last);
  if (end.shape[2] === width && (isNormalised(graph, end) || isSum(graph, end)))
    return { layer: end, why: 'the last token map before the head' };
  const tokens =
    made
      .filter((layer) => layer.layout === 'tokens' && layer.shape[2] === width && isNormalised(graph, layer))
      .at(-1) ?? last;
  return {
    layer: tokens,
    why: 'the last token map that the logits depend on, at the entrance of the last attention block',
  };
}

/** Maps side by side are a new map, of all branches; a class token put before the others makes none. */
const isView = ({ op, layout }: Layer): boolean => VIEWS.has(op) || (op === 'Concat' && layout === 'tokens');

/** Channels of the residual stream at a token map: those of the last sum on its grid, or else of the first map there. */
function widthAround(graph: Graph, layers: readonly Layer[], { shape: [height, width] }: Layer): number {
  const here = layers.filter(({ layout, shape }) => layout === 'tokens' && shape[0] === height && shape[1] === width);
  return (here.findLast((layer) => isSum(graph, layer)) ?? here[0]!).shape[2];
}

/** Finds a layer by index, name, alias, module scope or glob. Throws GradcamError `unknown-layer` listing the nearest names. */
export function findLayer(layers: readonly Layer[], wanted: string, model: string): LayerChoice {
  const said = (layer: Layer | undefined, why: string): LayerChoice | undefined => layer && { layer, why };
  const names = (layer: Layer): readonly string[] => [layer.name, ...layer.aliases];
  const lower = wanted.toLowerCase();
  const choice =
    said(
      layers.find((layer) => layer.name === wanted),
      `named "${wanted}"`,
    ) ??
    said(
      layers.findLast((layer) => names(layer).includes(wanted)),
      `named "${wanted}"`,
    ) ??
    said(/^\d+$/.test(wanted) ? layers[Number(wanted)] : undefined, `index ${wanted}`) ??
    said(
      layers.findLast((layer) => names(layer).some((name) => name.toLowerCase() === lower)),
      `named "${wanted}", but for case`,
    ) ??
    said(globMatch(layers, wanted), `last layer that matches "${wanted}"`);
  if (choice !== undefined) return choice;
  const nearest = nearestNames(wanted, layers.flatMap(names));
  throw new GradcamError({
    code: 'unknown-layer',
    what: `The model ${model} has no layer "${wanted}" that a map can be taken at.`,
    expected: `an index 0..${layers.length - 1}, a name, a module or a glob`,
    found: nearest.length > 0 ? `nearest names: ${nearest.join(', ')}` : 'no similar name',
    hint: `gradcam layers ${model} lists them all.`,
  });
}

function globMatch(layers: readonly Layer[], glob: string): Layer | undefined {
  if (!/[*?]/.test(glob)) return undefined;
  const pattern = new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*+/g, '.*')
      .replace(/\?/g, '.')}$`,
    'i',
  );
  return layers.findLast((layer) => [layer.name, ...layer.aliases].some((name) => pattern.test(name)));
}

function noLayer(model: string): GradcamError {
  return new GradcamError({
    code: 'no-spatial-layer',
    what: `The model ${model} has no feature map between its image and its logits.`,
    expected: 'a convolution or a token map with more than one cell',
    found: 'no value with spatial extent that the logits depend on',
    hint: 'Class activation maps need a network that keeps places apart, such as a CNN or a vision transformer.',
  });
}

/** Whether the logits depend on the cells of a value, and not on its class token alone. */
function isLive(
  graph: Graph,
  value: string,
  spatial: ReadonlyMap<string, Spatial>,
  consumers: Influence['consumers'],
  distance: Influence['distance'],
  live: ReadonlySet<string>,
): boolean {
  const meaning = spatial.get(value);
  if (meaning === undefined || !distance.has(value)) return false;
  if (meaning.layout !== 'tokens' || meaning.prefix === 0) return true;
  return (consumers.get(value) ?? []).some((node) => {
    const output = node.outputs[0] ?? '';
    if (!distance.has(output)) return false;
    return spatial.has(output) ? live.has(output) : !picksTokens(graph, node, meaning);
  });
}

function isNormalised(graph: Graph, layer: Layer): boolean {
  if (/Normalization/.test(layer.op)) return true;
  // A layer normalisation in single operators ends x * weight + bias; a residual sum adds two token maps.
  const node = graph.nodes.find((candidate) => candidate.outputs.includes(layer.value));
  if (layer.op !== 'Add' || node === undefined) return false;
  const linear = graph.nodes.some(
    (other) => /MatMul|Gemm/.test(other.op) && node.inputs.includes(other.outputs[0] ?? ''),
  );
  return !linear && node.inputs.some((name) => graph.constants.get(name)?.shape.length === 1);
}

/** The token map that a slice leaves the class token out of, where the head takes the mean over the rest. */
function beforeCut(graph: Graph, layers: readonly Layer[], layer: Layer): Layer {
  if (layer.op !== 'Slice') return layer;
  const node = graph.nodes.find((candidate) => candidate.outputs.includes(layer.value));
  return layers.find((other) => other.value === node?.inputs[0]) ?? layer;
}

/** Whether two computed values are added: the residual sum that ends a block. */
function isSum(graph: Graph, layer: Layer): boolean {
  const node = graph.nodes.find((candidate) => candidate.outputs.includes(layer.value));
  return layer.op === 'Add' && node !== undefined && !node.inputs.some((name) => graph.constants.has(name));
}

function influenceOn(graph: Graph, logits: string): Influence {
  const distance = new Map<string, number>([[logits, 0]]);
  const consumers = new Map<string, Node[]>();
  for (const node of [...graph.nodes].reverse()) {
    const steps = Math.min(...node.outputs.map((name) => distance.get(name) ?? Infinity));
    for (const name of node.inputs) {
      if (name === '') continue;
      consumers.set(name, [...(consumers.get(name) ?? []), node]);
      if (steps + 1 < (distance.get(name) ?? Infinity)) distance.set(name, steps + 1);
    }
  }
  return { distance, consumers };
}

function reachedFrom(graph: Graph, image: string): Set<string> {
  const reached = new Set([image]);
  for (const node of graph.nodes)
    if (node.inputs.some((name) => reached.has(name))) for (const name of node.outputs) reached.add(name);
  return reached;
}

/** The scopes of values, those that end at a value's quantised form moved to the value: files keep that form in the module. */
function namesOfReals(graph: Graph, scopes: ReadonlyMap<string, readonly string[]>): Map<string, readonly string[]> {
  const names = new Map(scopes);
  for (const { op, inputs, outputs } of graph.nodes) {
    if (op !== 'DynamicQuantizeLinear') continue;
    const [real = '', integer = ''] = [inputs[0], outputs[0]];
    names.set(real, [...(names.get(real) ?? []), ...(names.get(integer) ?? [])]);
    names.delete(integer);
  }
  return names;
}

/**
 * Scopes that end at a value: `layer4` names the value that leaves the module, the last one of it that is used outside.
 * Innermost scopes first, so that a value is shown under its own module's name.
 */
function scopeOutputs(graph: Graph): Map<string, string[]> {
  const users = new Map<string, Node[]>();
  for (const node of graph.nodes) for (const name of node.inputs) users.set(name, [...(users.get(name) ?? []), node]);
  const outputs = new Set(graph.outputs.map((port) => port.name));
  const last = new Map<string, string>();
  for (const node of graph.nodes) {
    if (node.scope === undefined || node.scope === '') continue;
    const parts = node.scope.split(/[./]/);
    const separators = node.scope.match(/[./]/g) ?? [];
    let scope = '';
    for (const [depth, part] of parts.entries()) {
      scope += (depth === 0 ? '' : separators[depth - 1]!) + part;
      const inside = (other: Node): boolean =>
        other.scope === scope ||
        (other.scope?.startsWith(`${scope}.`) ?? false) ||
        (other.scope?.startsWith(`${scope}/`) ?? false);
      const leaving = node.outputs.find(
        (name) => outputs.has(name) || (users.get(name) ?? []).some((user) => !inside(user)),
      );
      if (leaving !== undefined) last.set(scope, leaving);
    }
  }
  const names = new Map<string, string[]>();
  for (const [scope, value] of last) names.set(value, [...(names.get(value) ?? []), scope]);
  for (const scopes of names.values()) scopes.sort((a, b) => b.length - a.length);
  return names;
}
