// The last linear layer of a classifier: found, and put in place of one for other classes or of another kind.
import { int } from '../graph/attributes.ts';
import { prune } from '../graph/cut.ts';
import type { Constant, Graph, Node } from '../graph/graph.ts';
import { constantOf, numbersOf } from '../graph/tensor.ts';
import { GradcamError } from '../lib/errors.ts';
import type { Random } from '../lib/random.ts';
import type { HeadKind } from '../losses/loss.ts';
import { shapeOf } from './shapes.ts';

export interface Head {
  /** Name of the value that the layer, or the normalisation before it, reads: [batch, features] or [batch, features, 1, 1]. */
  readonly features: string;
  readonly count: number;
  readonly kind: HeadKind;
  readonly classes: number;
  /** Name of the constant with the weights, and whether its rows (false) or columns (true) are features. */
  readonly weight: string;
  readonly isTransposed: boolean;
}

const PASSING = new Set(['Identity', 'Flatten', 'Reshape', 'Squeeze', 'Dropout', 'Cast']);
const REARRANGING = new Set(['Identity', 'Transpose', 'Reshape']);

/** The last linear layer before the logits; null where the network ends otherwise. */
export function findHead(graph: Graph, logits: string): Head | null {
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  let node = producers.get(logits);
  while (node !== undefined && !['Gemm', 'MatMul', 'Conv'].includes(node.op)) {
    const data = node.inputs.filter((name) => producers.has(name));
    const passes = PASSING.has(node.op) || ((node.op === 'Add' || node.op === 'Mul') && data.length === 1);
    node = passes ? producers.get(data[0] ?? '') : undefined;
  }
  if (node === undefined) return null;
  const weight = weightBehind(graph, producers, node.inputs[1] ?? '');
  if (weight === null) return null;
  const data = node.inputs[0]!;
  const plain = unnormalized(producers, data);
  const features = plain ?? data;
  const [, count = 0] = shapeOf(graph, features);
  const transB = node.attributes.transB;
  const rows = node.op === 'Conv' || (node.op === 'Gemm' && transB?.kind === 'int' && transB.value === 1);
  return {
    features,
    count,
    kind: plain === null ? 'linear' : 'normed',
    classes: shapeOf(graph, logits)[1] ?? 0,
    weight: weight.name,
    isTransposed: rows === weight.turned,
  };
}

/** The constant that a weight is made from by rearranging and normalising, and whether it was turned on the way. */
function weightBehind(
  graph: Graph,
  producers: ReadonlyMap<string, Node>,
  value: string,
): { name: string; turned: boolean } | null {
  let name = value;
  let turned = false;
  for (;;) {
    if (graph.constants.has(name)) return { name, turned };
    const node = producers.get(name);
    const inner = node === undefined ? null : unnormalized(producers, name);
    if (node === undefined || (inner === null && !REARRANGING.has(node.op))) return null;
    if (node.op === 'Transpose') turned = !turned;
    name = inner ?? node.inputs[0]!;
  }
}

/** x of x / |x|, in the forms that exporters give it; null for everything else. */
function unnormalized(producers: ReadonlyMap<string, Node>, value: string): string | null {
  const node = producers.get(value);
  if (node?.op === 'LpNormalization') return node.inputs[0]!;
  if (node?.op !== 'Div') return null;
  const [x, length] = node.inputs as [string, string];
  for (let at = producers.get(length); at !== undefined; at = producers.get(at.inputs[0] ?? '')) {
    if (at.op === 'ReduceL2') return at.inputs[0] === x ? x : null;
    if (!['Max', 'Clip', 'Expand', 'Add', 'Unsqueeze', 'Reshape'].includes(at.op)) return null;
  }
  return null;
}

export interface HeadChange {
  readonly classes: number;
  readonly kind: HeadKind;
  readonly random: Random;
}

export interface Replaced {
  readonly graph: Graph;
  /** Name of the new logits. */
  readonly logits: string;
  /** What was done, in a sentence; null where the head stayed as it was. */
  readonly note: string | null;
}

/**
 * The graph with a head for `classes` classes of the kind asked for. A head that fits stays, weights and all; another one
 * starts anew. Throws GradcamError `no-linear-head` where the network does not end in a linear layer.
 */
export function withHead(graph: Graph, logits: string, { classes, kind, random }: HeadChange): Replaced {
  const head = findHead(graph, logits);
  if (head === null) throw noLinearHead(logits);
  const fits = head.classes === classes && head.kind === kind;
  if (fits && kind === 'linear') return { graph, logits, note: null };
  const weight = fits ? rowsOf(graph, head) : headWeight(kind, classes, head.count, random);
  const bias = kind === 'linear' ? headBias(classes, head.count, random) : null;
  const note = fits
    ? null
    : head.classes === classes
      ? `The ${head.kind} head was replaced by a new ${kind} one.`
      : `The head for ${head.classes} classes was replaced by a new one for ${classes}.`;
  return { ...joined(graph, head, weight, bias), note };
}

/** Directions of `classes` vectors: evenly from a cube, of length 1 as in https://github.com/kaidic/LDAM-DRW; nn.Linear's else. */
function headWeight(kind: HeadKind, classes: number, features: number, random: Random): Constant {
  const bound = kind === 'linear' ? 1 / Math.sqrt(features) : 1;
  const values = Float32Array.from({ length: classes * features }, () => random.between(-bound, bound));
  if (kind === 'normed') {
    for (let row = 0; row < classes; row++) {
      const part = values.subarray(row * features, (row + 1) * features);
      const length = Math.hypot(...part);
      part.forEach((value, index) => (part[index] = value / length));
    }
  }
  return constantOf('float32', [classes, features], values);
}

/** As nn.Linear starts: evenly within 1 / sqrt(features). */
function headBias(classes: number, features: number, random: Random): Constant {
  const bound = 1 / Math.sqrt(features);
  return constantOf(
    'float32',
    [classes],
    Float32Array.from({ length: classes }, () => random.between(-bound, bound)),
  );
}

/** The weights of a head as [classes, features]. */
function rowsOf(graph: Graph, { weight, isTransposed, classes, count }: Head): Constant {
  const constant = graph.constants.get(weight)!;
  const numbers = numbersOf(constant);
  if (!isTransposed) return constantOf('float32', [classes, count], Float32Array.from(numbers));
  const values = Float32Array.from(
    numbers,
    (_, index) => numbers[(index % count) * classes + Math.floor(index / count)]!,
  );
  return constantOf('float32', [classes, count], values);
}

/** The network up to the features with a new last layer. */
function joined(graph: Graph, head: Head, weight: Constant, bias: Constant | null): { graph: Graph; logits: string } {
  const body = prune({ ...graph, types: typed(graph, head.features) }, [head.features]);
  const taken = new Set([
    ...body.constants.keys(),
    ...body.nodes.flatMap((node) => node.outputs),
    ...body.inputs.map((port) => port.name),
  ]);
  const module = /^(.+)\.weight$/.exec(head.weight)?.[1] ?? 'classifier';
  const name = (wanted: string): string => {
    let free = wanted;
    while (taken.has(free)) free = `${free}_`;
    taken.add(free);
    return free;
  };
  const [batch = 1] = shapeOf(graph, head.features);
  const constants = new Map(body.constants);
  const types = new Map(body.types);
  const nodes = [...body.nodes];
  const constant = (wanted: string, value: Constant): string => {
    const made = name(wanted);
    constants.set(made, value);
    return made;
  };
  const node = (
    op: string,
    inputs: string[],
    wanted: string,
    shape: readonly number[],
    attributes: Node['attributes'] = {},
  ): string => {
    const output = name(wanted);
    nodes.push({ op, domain: '', name: output, inputs, outputs: [output], attributes, scope: module });
    types.set(output, { dtype: 'float32', shape });
    return output;
  };
  const normalized = (x: string, shape: readonly number[], at: string): string => {
    const axes = constant(`${at}.axes`, constantOf('int64', [1], [1]));
    const length = node('ReduceL2', [x, axes], `${at}.length`, [shape[0]!, 1], { keepdims: int(1) });
    const least = constant(`${at}.least`, constantOf('float32', [], [1e-12]));
    const positive = node('Max', [length, least], `${at}.clamp`, [shape[0]!, 1]);
    return node('Div', [x, positive], `${at}.normalize`, shape);
  };
  const flatShape = [batch, head.count];
  const isFlat = shapeOf(graph, head.features).length === 2;
  const flat = isFlat
    ? head.features
    : node('Flatten', [head.features], `${module}.flatten`, flatShape, { axis: int(1) });
  const w = constant(`${module}.weight`, weight);
  const inputs =
    bias === null
      ? [normalized(flat, flatShape, module), normalized(w, weight.shape, `${module}.weight`)]
      : [flat, w, constant(`${module}.bias`, bias)];
  const shape = [batch, weight.shape[0]!];
  const logits = node('Gemm', inputs, module, shape, { transB: int(1) });
  return {
    graph: { ...body, nodes, constants, types, outputs: [{ name: logits, type: { dtype: 'float32', shape } }] },
    logits,
  };
}

/** Types of the graph with that of one value known for certain, so that it can be an output. */
function typed(graph: Graph, name: string): Graph['types'] {
  const types = new Map(graph.types);
  types.set(name, { dtype: 'float32', shape: shapeOf(graph, name) });
  return types;
}

function noLinearHead(logits: string): GradcamError {
  return new GradcamError({
    code: 'no-linear-head',
    what: `The network does not end in a linear layer: nothing of the kind makes "${logits}".`,
    expected: 'a matrix product, or a convolution of pooled features, with constant weights',
    hint: 'Train the network with as many classes as it has, and with a loss that needs no normed head.',
  });
}
