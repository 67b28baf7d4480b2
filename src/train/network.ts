// A graph made trainable: which of its constants are parameters and which are running statistics, what is trained and what
// stays as it is, where values are dropped. Nothing is computed here.
import { attributeOf, floatOf } from '../graph/attributes.ts';
import { prune, readsOf } from '../graph/cut.ts';
import type { Constant, Graph, Node, Port } from '../graph/graph.ts';
import { numbersOf } from '../graph/tensor.ts';
import { GradcamError } from '../lib/errors.ts';
import { findHead } from './head.ts';
import { rolesOf } from './roles.ts';
import { shapeOf } from './shapes.ts';

/** A value that is dropped in training: elements of it, or whole samples of it (stochastic depth). */
export interface DropSite {
  /** Name of the value in the graph. */
  readonly value: string;
  readonly kind: 'elements' | 'samples';
  /** Probability of being dropped, in [0, 1). What is left is divided by 1 - rate. */
  readonly rate: number;
}

export interface TrainableSpec {
  /** Forward graph of one static shape, types of its values inferred. */
  readonly graph: Graph;
  /** Name of the image input. */
  readonly input: string;
  /** Name of the value that holds the logits, [batch, classes]. */
  readonly logits: string;
  /** Name of the value after which training begins; default: the image, everything is trained. */
  readonly from?: string | undefined;
  /** Values dropped in training, besides what Dropout nodes of the graph say. */
  readonly drops?: readonly DropSite[] | undefined;
  /** Rate of dropout before the last linear layer, where `drops` name none there; default 0. */
  readonly headDropout?: number | undefined;
}

/** A network in two parts: frozen up to some values, trained from there on. */
export interface Trainable {
  readonly graph: Graph;
  readonly input: string;
  readonly logits: string;
  readonly batch: number;
  readonly classes: number;
  /** What the trained part reads: the image, or what the frozen part passes on. float32, static shapes. */
  readonly inputs: readonly Port[];
  /** The frozen part, image -> `inputs`, at inference mode; null where everything is trained. */
  readonly frozen: Graph | null;
  /** Nodes of the trained part, in order. */
  readonly nodes: readonly Node[];
  /** By the names of constants in `graph`. */
  readonly parameters: ReadonlyMap<string, Constant>;
  /** Running means and variances, likewise. */
  readonly state: ReadonlyMap<string, Constant>;
  readonly drops: readonly DropSite[];
}

/**
 * Splits a graph into what is trained and what is not. Throws GradcamError `nothing-to-train` where no weight follows
 * `from`, `unknown-value` where there is no such value, `unknown-type` where a shape is not static.
 */
export function trainable(spec: TrainableSpec): Trainable {
  const graph = withOwnConstants(spec.graph);
  const { input, logits, from = spec.input } = spec;
  const { nodes, inputs } = split(graph, input, from, logits);
  const before = new Set(nodes);
  const frozenReads = new Set(
    from === input
      ? []
      : prune(graph, inputs)
          .nodes.filter((node) => !before.has(node))
          .flatMap(readsOf),
  );
  const roles = rolesOf(graph, nodes, new Set(inputs));
  const kept = (role: 'parameter' | 'state'): Map<string, Constant> =>
    new Map(
      [...roles]
        .filter(([name, found]) => found === role && !frozenReads.has(name))
        .map(([name]) => [name, graph.constants.get(name)!]),
    );
  const parameters = kept('parameter');
  if (parameters.size === 0) throw nothingToTrain(from);
  const [batch = 0, classes = 0] = shapeOf(graph, logits);
  return {
    graph,
    input,
    logits,
    batch,
    classes,
    inputs: inputs.map((name) => ({ name, type: { dtype: 'float32', shape: shapeOf(graph, name) } })),
    frozen: from === input ? null : prune(graph, inputs),
    nodes,
    parameters,
    state: kept('state'),
    drops: dropsOf(spec, graph, nodes),
  };
}

/**
 * Nodes from `from` on that the logits need, with those that only rearrange constants, and what they read from before:
 * `from` first, then what passes it by.
 */
function split(graph: Graph, input: string, from: string, logits: string): { nodes: Node[]; inputs: string[] } {
  const known = new Set([input, ...graph.nodes.flatMap((node) => node.outputs)]);
  for (const name of [from, logits]) if (!known.has(name)) throw unknownValue(name);
  const [byImage, byLayer] = [new Set([input]), new Set([from])];
  for (const node of graph.nodes) {
    for (const set of [byImage, byLayer]) {
      if (readsOf(node).some((name) => set.has(name)) && !node.outputs.includes(from))
        for (const name of node.outputs) set.add(name);
    }
    if (node.outputs.includes(from)) byImage.add(from);
  }
  const needed = new Set([logits]);
  const inputs = new Set<string>();
  const nodes: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    const wanted = node.outputs.filter((name) => needed.has(name));
    if (wanted.length === 0) continue;
    const isAfter = node.outputs.some((name) => byLayer.has(name) && name !== from);
    if (!isAfter && node.outputs.some((name) => byImage.has(name))) {
      for (const name of wanted) inputs.add(name);
      continue;
    }
    nodes.push(node);
    for (const name of readsOf(node)) needed.add(name);
  }
  if (needed.has(input)) inputs.add(input);
  const others = [...inputs].filter((name) => name !== from).reverse();
  if (!inputs.has(from)) throw nothingToTrain(from);
  return { nodes: nodes.reverse(), inputs: [from, ...others] };
}

/**
 * Constant nodes, and Identity nodes that give a constant a second name (exporters store equal weights once), become
 * constants of their own: what is equal at the start need not stay equal. Vectors are never shared: loaders keep equal
 * small constants once.
 */
function withOwnConstants(graph: Graph): Graph {
  const constants = new Map(graph.constants);
  const seen = new Set<string>();
  const types = new Map(graph.types);
  const nodes = graph.nodes.flatMap((node): Node[] => {
    const [output = ''] = node.outputs;
    const value = node.op === 'Constant' && node.domain === '' ? attributeOf(node, 'value', 'tensor') : undefined;
    const alias = node.op === 'Identity' ? constants.get(node.inputs[0] ?? '') : undefined;
    const known = value ?? alias;
    if (known !== undefined && !graph.outputs.some((port) => port.name === output)) {
      constants.set(output, known);
      return [];
    }
    const inputs = node.inputs.map((name, index) => {
      const constant = constants.get(name);
      if (constant?.shape.length !== 1 || !constant.dtype.includes('float')) return name;
      if (!seen.has(name)) {
        seen.add(name);
        return name;
      }
      const own = `${name}/${output}/${index}`;
      constants.set(own, constant);
      return own;
    });
    if (inputs.every((name, index) => name === node.inputs[index])) return [node];
    const { op, domain, name, outputs, attributes, scope } = node;
    return [{ op, domain, name, inputs, outputs, attributes, ...(scope === undefined ? {} : { scope }) }];
  });
  return { ...graph, nodes, constants, types };
}

/** The sites asked for, those that Dropout nodes mark, and that before the last linear layer. */
function dropsOf(
  { drops = [], headDropout = 0, logits }: TrainableSpec,
  graph: Graph,
  nodes: readonly Node[],
): DropSite[] {
  const produced = new Set(nodes.flatMap((node) => node.outputs));
  const marked = nodes.flatMap((node): DropSite[] => {
    if (node.op !== 'Dropout') return [];
    const ratio = graph.constants.get(node.inputs[1] ?? '');
    const rate = ratio === undefined ? floatOf(node, 'ratio', 0.5) : (numbersOf(ratio)[0] ?? 0);
    return rate > 0 && rate < 1 ? [{ value: node.outputs[0]!, kind: 'elements', rate }] : [];
  });
  const sites = [...drops.filter(({ value }) => produced.has(value)), ...marked];
  const head = headDropout > 0 ? findHead(graph, logits) : null;
  if (head === null || !produced.has(head.features)) return sites;
  if (sites.some(({ value }) => value === head.features)) return sites;
  return [...sites, { value: head.features, kind: 'elements', rate: headDropout }];
}

function nothingToTrain(from: string): GradcamError {
  return new GradcamError({
    code: 'nothing-to-train',
    what: `No weight of the network follows "${from}".`,
    expected: 'a layer before the last linear one',
    hint: 'Take an earlier layer with --from; gradcam layers lists them.',
  });
}

function unknownValue(name: string): GradcamError {
  return new GradcamError({ code: 'unknown-value', what: `The graph has no value "${name}".`, exitCode: 2 });
}
