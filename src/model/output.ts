// Finds the class logits: the output that looks like class scores, and what lies before its softmax or sigmoid.
import { GradcamError } from '../lib/errors.ts';
import type { Graph, Node, Port, TensorType } from '../graph/graph.ts';
import type { ModelOutput } from './model.ts';

const PASSING = new Set(['Identity', 'Cast', 'CastLike', 'Dropout', 'Flatten', 'Squeeze', 'Unsqueeze', 'Reshape']);
const ACTIVATION: Readonly<Record<string, ModelOutput['activation']>> = {
  Softmax: 'softmax',
  LogSoftmax: 'softmax',
  Sigmoid: 'sigmoid',
};

export interface OutputChoice {
  readonly output: ModelOutput;
  /** What had to be assumed, for the report; null where the file leaves no choice. */
  readonly assumed: string | null;
}

/**
 * The logits of a graph whose types are inferred. `wanted` is the output that the user named (`--output`, run.json).
 * Throws GradcamError `no-class-output` or `unknown-output`.
 */
export function findOutput(graph: Graph, model: string, wanted: string | undefined): OutputChoice {
  const producers = producersOf(graph);
  const scores = scorePorts(graph);
  const chosen =
    wanted === undefined ? chooseOutput(graph, scores, model, producers) : namedOutput(graph, wanted, model);
  const classes = classCount(graph, chosen);
  if (classes === null) throw noClassOutput(graph, model);
  const { logits, activation } = seeThrough(graph, chosen, classes, producers);
  const others = scores.filter((port) => port.name !== chosen).map((port) => port.name);
  const assumed =
    wanted === undefined && others.length > 0
      ? `Of several outputs, "${chosen}" was taken for the class logits (others: ${others.join(', ')}).`
      : null;
  return { output: { logits, output: chosen, activation, classes }, assumed };
}

function chooseOutput(
  graph: Graph,
  scores: readonly Port[],
  model: string,
  producers: ReadonlyMap<string, Node>,
): string {
  if (scores.length === 0) throw noClassOutput(graph, model);
  if (scores.length === 1) return scores[0]!.name;
  // An embedding lies upstream of the logits; an auxiliary head is shallower than the main one.
  const ancestors = new Set(scores.flatMap((port) => [...ancestorsOf(port.name, producers)]));
  const leaves = scores.filter((port) => !ancestors.has(port.name));
  const named = leaves.filter((port) => /logit/i.test(port.name));
  const candidates = named.length > 0 ? named : leaves.length > 0 ? leaves : scores;
  const depth = depths(graph);
  return candidates.reduce((best, port) => ((depth.get(port.name) ?? 0) > (depth.get(best.name) ?? 0) ? port : best))
    .name;
}

function namedOutput(graph: Graph, wanted: string, model: string): string {
  const known =
    graph.outputs.some((port) => port.name === wanted) || graph.nodes.some((node) => node.outputs.includes(wanted));
  if (known) return wanted;
  throw new GradcamError({
    code: 'unknown-output',
    what: `The model ${model} has no output named "${wanted}".`,
    expected: `one of: ${graph.outputs.map((port) => port.name).join(', ')}`,
    hint: 'Name one of these with --output, or leave the option out.',
  });
}

/** Whether any output could be class scores. */
export const hasClassScores = (graph: Graph): boolean => scorePorts(graph).length > 0;

/** Outputs that could be class scores. One number a picture without an axis of classes only where there is nothing else. */
function scorePorts(graph: Graph): Port[] {
  const scores = graph.outputs.filter((port) => classCount(graph, port.name) !== null);
  const wide = scores.filter((port) => (typeOf(graph, port.name)?.shape?.length ?? 0) > 1);
  return wide.length > 0 ? wide : scores;
}

const typeOf = (graph: Graph, value: string): TensorType | undefined =>
  graph.types.get(value) ?? graph.outputs.find((port) => port.name === value)?.type;

/**
 * Classes of a value that could be class scores: `[batch, classes]` up to axes of size 1, or what `squeeze` leaves of it,
 * `[batch]` of a single logit and `[classes]` of a single picture; null for anything else.
 */
function classCount(graph: Graph, value: string): number | null {
  const type = typeOf(graph, value);
  if (type === undefined || type.shape === null || !/^b?float/.test(type.dtype)) return null;
  const batch = graph.inputs[0]?.type.shape?.[0] ?? null;
  const [only = 1] = type.shape;
  if (type.shape.length < 2) return only === batch ? 1 : batch === 1 ? only : null;
  const [, ...rest] = type.shape;
  const wide = rest.filter((dim) => dim !== 1);
  if (rest.length > 3 || wide.length > 1 || wide[0] === null) return null;
  return wide[0] ?? 1;
}

function seeThrough(
  graph: Graph,
  output: string,
  classes: number,
  producers: ReadonlyMap<string, Node>,
): Pick<ModelOutput, 'logits' | 'activation'> {
  let value = output;
  for (;;) {
    const node = producers.get(value);
    if (node === undefined || node.outputs[0] !== value) break;
    const activation = ACTIVATION[node.op];
    if (activation !== undefined) return { logits: node.inputs[0]!, activation };
    if (!PASSING.has(node.op) || classCount(graph, node.inputs[0]!) !== classes) break;
    value = node.inputs[0]!;
  }
  return { logits: output, activation: 'none' };
}

function producersOf(graph: Graph): Map<string, Node> {
  return new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
}

function* ancestorsOf(value: string, producers: ReadonlyMap<string, Node>): Generator<string> {
  const seen = new Set<string>();
  const open = [...(producers.get(value)?.inputs ?? [])];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === '' || seen.has(name)) continue;
    seen.add(name);
    yield name;
    open.push(...(producers.get(name)?.inputs ?? []));
  }
}

/** Longest way from an input, in nodes. */
function depths(graph: Graph): Map<string, number> {
  const depth = new Map<string, number>();
  for (const node of graph.nodes) {
    const level = 1 + Math.max(0, ...node.inputs.map((name) => depth.get(name) ?? 0));
    for (const name of node.outputs) depth.set(name, level);
  }
  return depth;
}

function noClassOutput(graph: Graph, model: string): GradcamError {
  const outputs = graph.outputs.map((port) => `${port.name} ${port.type.dtype}[${port.type.shape?.join(', ') ?? '?'}]`);
  return new GradcamError({
    code: 'no-class-output',
    what: `No output of the model ${model} looks like class logits.`,
    expected: 'a float output [batch, classes]',
    found: outputs.length === 0 ? 'no outputs' : outputs.join('; '),
    hint: 'gradcam explains image classifiers. If the logits are an inner value, name it with --output NAME.',
  });
}
