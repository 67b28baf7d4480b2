// Nodes and values of a graph in the making, some of them in blocks: both forms of a value, and views of other shapes.
import { int, ints } from '../../attributes.ts';
import { prune } from '../../cut.ts';
import type { Constant, Graph, Node } from '../../graph.ts';
import { constantOf, floatsOf, sizeOf } from '../../tensor.ts';
import type { GraphView, MapShape } from './view.ts';

/** ONNX Runtime's operators on blocked arrays. Shapes are those of the arrays before they were blocked. */
export const BLOCKED_DOMAIN = 'com.microsoft.nchwc';

/** ONNX Runtime's own operators on arrays of any layout. */
export const MICROSOFT = 'com.microsoft';

export class BlockedWriter {
  private readonly view: GraphView;
  private readonly nodes: Node[] = [];
  private readonly constants: Map<string, Constant>;
  /** Names of blocked forms, by the name of the value. */
  private readonly blockedForms = new Map<string, string>();
  private readonly views = new Map<string, string>();
  /** Values that are there in their own layout. */
  private readonly plainForms: Set<string>;
  private counter = 0;

  constructor(view: GraphView) {
    this.view = view;
    this.constants = new Map(view.graph.constants);
    this.plainForms = new Set([...view.graph.inputs.map((port) => port.name), ...this.constants.keys()]);
  }

  /** The graph of what was written; the one it came from where nothing was. */
  finish(): Graph {
    const { graph } = this.view;
    for (const { name } of graph.outputs) this.plain(name);
    if (this.counter === 0) return graph;
    const domains = { ...graph.domains, [BLOCKED_DOMAIN]: 1, [MICROSOFT]: 1 };
    return prune(
      { ...graph, domains, nodes: this.nodes, constants: this.constants },
      graph.outputs.map((port) => port.name),
    );
  }

  /** A node as it was, on values in their own layout. */
  keep(node: Node): void {
    for (const name of [...node.inputs, ...(node.captures ?? [])]) if (name !== '') this.plain(name);
    this.nodes.push(node);
    for (const name of node.outputs) this.plainForms.add(name);
  }

  /** Says that `form` is the blocked form of the value. */
  noteBlocked(name: string, form: string): void {
    this.blockedForms.set(name, form);
  }

  /** Says that a node was written that gives the value in its own layout. */
  notePlain(name: string): void {
    this.plainForms.add(name);
  }

  /** Name of the blocked form, which is made where it is not there. */
  blocked(name: string): string {
    if (this.view.isPoint(name)) return this.plain(name);
    const known = this.blockedForms.get(name);
    if (known !== undefined) return known;
    const made = this.emit('ReorderInput', [this.plain(name)], {}, BLOCKED_DOMAIN);
    this.blockedForms.set(name, made);
    return made;
  }

  /** The name itself, after the value has been brought out of its blocked form where it is there in no other. */
  plain(name: string): string {
    const form = this.blockedForms.get(name);
    if (form === undefined || this.plainForms.has(name)) return name;
    const channels = this.view.shapeOf(name)![1]!;
    this.emit('ReorderOutput', [form], { channels: int(channels) }, BLOCKED_DOMAIN, name);
    this.plainForms.add(name);
    return name;
  }

  /** The value of shape `from` with another one; nothing moves. */
  seen(name: string, shape: readonly number[], from?: readonly number[]): string {
    if (from?.join() === shape.join()) return name;
    const key = `${name} ${shape.join()}`;
    const known = this.views.get(key) ?? this.emit('Reshape', [name, this.integers(shape)]);
    this.views.set(key, known);
    return known;
  }

  /** factor * x + bias, by channel, plus a map where there is a fourth input; what is computed along stands in `more`. */
  affine(
    x: string,
    channels: number,
    factor: string,
    others: readonly string[],
    more: Node['attributes'] = {},
  ): string {
    const inputs = [x, this.seen(factor, [channels, 1, 1, 1]), ...others];
    return this.convolution(inputs, { ...window(channels, [1, 1]), ...more });
  }

  /** A convolution of blocked forms. */
  convolution(inputs: readonly string[], attributes: Node['attributes'], output?: string): string {
    return this.emit('Conv', inputs, attributes, BLOCKED_DOMAIN, output);
  }

  /** A convolution whose filter is as large as the map is the sum of products: no product is kept. */
  dot(map: string, filter: string, planes: number, size: readonly [number, number], output?: string): string {
    return this.convolution([map, filter], window(planes, size), output);
  }

  /**
   * Filters [after, before, height, width] that are known beforehand, a constant or a constant times another, as the runtime's
   * blocked kernels read them: with operators that the runtime carries out once, when it opens the graph.
   */
  filters(name: string, shape: MapShape): string {
    const { block } = this.view;
    const [after, before, height, width] = shape;
    const isFlat = before < block || height * width === 1; // what lies within a filter keeps its order
    const within = isFlat ? [before * height * width] : [before / block, block, height, width];
    const parts = this.known(name, [after / block, block, ...within]);
    return this.seen(this.emit('Transpose', [parts], { perm: ints(isFlat ? [0, 2, 1] : [0, 2, 4, 5, 3, 1]) }), shape);
  }

  /**
   * A filter seen in another shape, which begins with [after / block, block]; of a product each factor, which has a number for
   * each element, for each filter, or one. Nothing is copied: constants are named again.
   */
  private known(name: string, shape: readonly number[]): string {
    const constant = this.constants.get(name);
    if (constant === undefined) {
      const product = this.view.producerOf(name) ?? this.nodes.findLast((node) => node.outputs[0] === name)!;
      return this.emit(
        'Mul',
        product.inputs.map((input) => this.known(input, shape)),
      );
    }
    const byFilter = shape.map((size, axis) => (axis < 2 ? size : 1));
    const size = sizeOf(constant.shape);
    const seen = size === sizeOf(shape) ? shape : size === 1 ? [1] : byFilter;
    const renamed = `${name} as ${seen.join()}`;
    this.constants.set(renamed, { ...constant, shape: seen });
    return renamed;
  }

  /** Numbers of what is known beforehand: of a constant, or of constants multiplied. */
  knownNumbers(name: string, shape: readonly number[]): Float32Array {
    const constant = this.constants.get(name);
    if (constant !== undefined) return forEachElement(floatsOf(constant), shape);
    const [first, ...others] = this.view.producerOf(name)!.inputs.map((input) => this.knownNumbers(input, shape));
    return first!.map((value, at) => others.reduce((product, factors) => product * factors[at]!, value));
  }

  /** A constant of these numbers. */
  array(shape: readonly number[], values: Float32Array, content: string): string {
    return this.constant(constantOf('float32', shape, values), content);
  }

  integers(values: readonly number[]): string {
    return this.constant(constantOf('int64', [values.length], values), `integers ${values.join()}`);
  }

  scalar(value: number): string {
    return this.constant(constantOf('float32', [], [value]), `scalar ${value}`);
  }

  /** As many times the same number. */
  filled(size: number, value: number): string {
    return this.array([size], new Float32Array(size).fill(value), `${size} times ${value}`);
  }

  /** Filters [channels, 1, factors, 1] in blocks, the same for every channel. */
  columns(channels: number, factors: readonly number[]): string {
    const { block } = this.view;
    const blockOf = factors.flatMap((factor) => new Array<number>(block).fill(factor));
    const values = Float32Array.from({ length: channels * factors.length }, (_, at) => blockOf[at % blockOf.length]!);
    return this.array([channels, 1, factors.length, 1], values, `columns ${channels} of ${factors.join()}`);
  }

  emit(
    op: string,
    inputs: readonly string[],
    attributes: Node['attributes'] = {},
    domain = '',
    output = `blocked/${this.counter++}`,
  ): string {
    this.nodes.push({ op, domain, name: '', inputs, outputs: [output], attributes });
    return output;
  }

  private constant(constant: Constant, content: string): string {
    const name = `blocked/${content}`;
    this.constants.set(name, constant);
    return name;
  }
}

/** One number for all, for each on the first axis, or for each element, as one for each element. */
function forEachElement(values: Float32Array, shape: readonly number[]): Float32Array {
  const size = sizeOf(shape);
  if (values.length === size) return values;
  const same = size / values.length;
  return Float32Array.from({ length: size }, (_, at) => values[Math.floor(at / same)]!);
}

/** Attributes of a convolution of one filter a channel over places that need no padding. */
export function window(channels: number, size: readonly [number, number]): Node['attributes'] {
  const step = ints([1, 1]);
  const pads = ints([0, 0, 0, 0]);
  return { kernel_shape: ints(size), strides: step, dilations: step, pads, group: int(channels) };
}
