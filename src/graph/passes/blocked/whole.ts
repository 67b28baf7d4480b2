// Channels filled up to whole blocks: convolutions of 24 channels give 32, of which the last eight are zero and are read with
// zero weights. ONNX Runtime does so for single convolutions and takes the filling off again; here it stays for as long as
// convolutions and what works place by place lie between. Values come out of it by their first channels.
import { int } from '../../attributes.ts';
import { changed } from '../../changed.ts';
import { prune } from '../../cut.ts';
import type { Constant, Graph, Node, TensorType } from '../../graph.ts';
import { constantOf, floatsOf, sizeOf } from '../../tensor.ts';
import { GraphView, type MapShape } from './view.ts';

/** How much larger maps may become; single places cost next to nothing. */
const MOST_FILLING = 1.5;

/** Operators that are finite for ordinary numbers, zero among them, so that zero weights rid the result of what was filled up. */
const HARMLESS = new Set([
  ...['Add', 'Sub', 'Mul', 'Sum', 'Max', 'Min', 'Clip', 'Neg', 'Abs', 'Sigmoid', 'HardSigmoid', 'Tanh', 'Relu'],
  ...['LeakyRelu', 'Elu', 'Softplus', 'HardSwish', 'Erf', 'MaxPool'],
]);

/** The graph with every value filled up that can be. Its types must be known. */
export function wholeBlocks(graph: Graph, block: number): Graph {
  const view = new GraphView(graph, block);
  const filled = new Set<string>();
  const seen = new Set<string>();
  for (const node of graph.nodes) {
    const [output = ''] = node.outputs;
    if (seen.has(output) || !isPartial(view, output) || kindOf(view, node) === null) continue;
    const group = together(view, output);
    group.members.forEach((name) => seen.add(name));
    if (group.canBeFilled) group.members.forEach((name) => filled.add(name));
  }
  return filled.size === 0 ? graph : new Filling(view, filled).run();
}

/** Whether the value is a map, or one place of each channel, whose channels are no whole blocks. One alone may be a number. */
function isPartial(view: GraphView, name: string): boolean {
  const shape = view.shapeOf(name);
  return shape?.length === 4 && shape[1]! > 1 && shape[1]! % view.block !== 0;
}

/** A convolution with known filter and bias: of all channels, or of one filter a channel; null for any other node. */
function kindOf(view: GraphView, node: Node): 'full' | 'depthwise' | null {
  const found = view.convolutionOf(node);
  const [, , bias = ''] = node.inputs;
  if (found?.isKnown !== true || (bias !== '' && !view.graph.constants.has(bias))) return null;
  const { map, taps } = found;
  if (taps[1] === map[1]) return 'full';
  return taps[1] === 1 && taps[0] === map[1] ? 'depthwise' : null;
}

/** Operands of as many channels as the result, where a node keeps channels apart and does no harm; null where it does. */
function channelwise(view: GraphView, node: Node): readonly string[] | null {
  if (kindOf(view, node) === 'depthwise') return [node.inputs[0]!];
  if (view.reducedOver(node) === 'places') {
    const isKept = view.shapeOf(node.outputs[0]!)?.length === 4;
    return isKept ? [node.inputs[0]!] : null;
  }
  if (!HARMLESS.has(node.op) || node.domain !== '' || node.outputs.length > 1) return null;
  const channels = view.shapeOf(node.outputs[0]!)?.[1];
  const operands: string[] = [];
  for (const name of node.inputs.filter((input) => input !== '')) {
    const shape = view.shapeOf(name);
    if (shape !== null && sizeOf(shape) === 1) continue;
    if (shape?.length !== 4 || shape[1] !== channels || view.graph.constants.has(name)) return null;
    operands.push(name);
  }
  return operands;
}

/** All values that have to be filled up with this one, and whether they can be. */
function together(view: GraphView, start: string): { members: ReadonlySet<string>; canBeFilled: boolean } {
  const members = new Set<string>();
  const waiting = [start];
  let canBeFilled = true;
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (members.has(name)) continue;
    members.add(name);
    const [, channels, height, width] = view.shapeOf(name) as MapShape;
    const producer = view.producerOf(name);
    const isGiven = producer !== undefined && kindOf(view, producer) === 'full';
    const operands = producer === undefined || isGiven ? null : channelwise(view, producer);
    if (!isGiven && operands === null) canBeFilled = false;
    if (height * width > 1 && view.filledUp(channels) > channels * MOST_FILLING) canBeFilled = false;
    const results = view.readersOf(name).filter((reader) => channelwise(view, reader)?.includes(name));
    waiting.push(...(operands ?? []), ...results.map((reader) => reader.outputs[0]!));
  }
  return { members, canBeFilled };
}

class Filling {
  private readonly view: GraphView;
  private readonly filled: ReadonlySet<string>;
  private readonly constants: Map<string, Constant>;
  private readonly types: Map<string, TensorType>;
  private readonly nodes: Node[] = [];

  constructor(view: GraphView, filled: ReadonlySet<string>) {
    this.view = view;
    this.filled = filled;
    this.constants = new Map(view.graph.constants);
    this.types = new Map(view.graph.types);
  }

  run(): Graph {
    const { graph } = this.view;
    for (const node of graph.nodes) {
      this.nodes.push(this.rewritten(node));
      for (const name of node.outputs) if (this.filled.has(name)) this.finish(name);
    }
    const outputs = graph.outputs.map((port) => port.name);
    return prune({ ...graph, nodes: this.nodes, constants: this.constants, types: this.types }, outputs);
  }

  /** The node on filled values; as it was where it reads and gives none, or where it is none that may. */
  private rewritten(node: Node): Node {
    const kind = kindOf(this.view, node);
    if (kind !== null) return this.convolution(node, kind);
    const [output = ''] = node.outputs;
    if (!this.filled.has(output)) return node;
    return changed(node, { inputs: node.inputs.map(this.inner), outputs: [this.inner(output)] });
  }

  private convolution(node: Node, kind: 'full' | 'depthwise'): Node {
    const { view, filled } = this;
    const [x = '', filter = '', bias = ''] = node.inputs;
    const [output = ''] = node.outputs;
    if (!filled.has(x) && !filled.has(output)) return node;
    const [after, before, ...size] = view.shapeOf(filter) as MapShape;
    const filters = filled.has(output) ? view.filledUp(after) : after;
    const read = filled.has(x) && kind === 'full' ? view.filledUp(before) : before;
    const inputs = [this.inner(x), this.known(filter, [after, before], [filters, read, ...size])];
    if (bias !== '') inputs.push(this.known(bias, [after], [filters]));
    const attributes = kind === 'full' ? node.attributes : { ...node.attributes, group: int(filters) };
    return changed(node, { inputs, outputs: [this.inner(output)], attributes });
  }

  /** Type of the filled value, and the value itself where others read it. */
  private finish(name: string): void {
    const { view } = this;
    const [batch, channels, ...places] = view.shapeOf(name) as MapShape;
    const inner = this.inner(name);
    this.types.set(inner, { dtype: 'float32', shape: [batch, view.filledUp(channels), ...places] });
    const [starts, ends, axes] = [0, channels, 1].map((number) => this.integer(number)) as [string, string, string];
    const inputs = [inner, starts, ends, axes];
    this.nodes.push({ op: 'Slice', domain: '', name: '', inputs, outputs: [name], attributes: {} });
  }

  private readonly inner = (name: string): string => (this.filled.has(name) ? `${name} in whole blocks` : name);

  /** A known value with zeros after what it has on its first axes; of a product every factor. */
  private known(name: string, own: readonly number[], shape: readonly number[]): string {
    const longer = `${name} in blocks ${shape.join()}`;
    if (this.constants.has(longer) || this.types.has(longer)) return longer;
    const constant = this.constants.get(name);
    if (constant === undefined) {
      const product = this.view.producerOf(name)!;
      const inputs = product.inputs.map((input) => this.known(input, own, shape));
      this.types.set(longer, { dtype: 'float32', shape });
      this.nodes.push(changed(product, { inputs, outputs: [longer] }));
      return longer;
    }
    // A factor has a number for all, for each filter, or for each element.
    const sizes = constant.shape.map((size, axis) => (size === own[axis] ? shape[axis]! : size));
    this.constants.set(longer, withZeros(constant, sizes));
    return longer;
  }

  private integer(value: number): string {
    const name = `whole blocks ${value}`;
    this.constants.set(name, constantOf('int64', [1], [value]));
    return name;
  }
}

/** An array with zeros after its own elements on its first two axes. */
function withZeros(constant: Constant, shape: readonly number[]): Constant {
  if (shape.join() === constant.shape.join()) return constant;
  const numbers = floatsOf(constant);
  const result = new Float32Array(sizeOf(shape));
  const [rows = 1, columns = 1, ...rest] = constant.shape;
  const inner = sizeOf(rest);
  for (let row = 0; row < rows; row++) {
    const [from, to] = [row * columns * inner, row * (shape[1] ?? 1) * inner];
    result.set(numbers.subarray(from, from + columns * inner), to);
  }
  return constantOf('float32', shape, result);
}
