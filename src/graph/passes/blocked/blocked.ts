// Convolutions of one filter a channel in the blocked layout [batch, channels / block, height, width, block], for which ONNX
// Runtime has kernels of its own. It turns to them by itself where filters are constants; in a step of training filters are
// inputs, and the kernel that is left takes three times as long (bench/TRAIN.md). What lies between such convolutions,
// normalisation, activation and their gradients, stays in that layout. Sums of products of maps, which the gradient of a
// normalisation takes twice, are such convolutions, too.
import { int, intOf, ints } from '../../attributes.ts';
import { prune } from '../../cut.ts';
import type { Constant, Graph, Node } from '../../graph.ts';
import { constantOf } from '../../tensor.ts';
import { blockedRegion } from './region.ts';
import { GraphView, type MapShape } from './view.ts';

/** ONNX Runtime's operators on blocked arrays. Shapes are those of the arrays before they were blocked. */
export const BLOCKED_DOMAIN = 'com.microsoft.nchwc';

/** Whether a graph may have something for the pass: convolutions in groups whose filters are not known beforehand. */
export function hasLearntGroups({ nodes, constants }: Graph): boolean {
  return nodes.some(
    (node) => node.op === 'Conv' && intOf(node, 'group', 1) > 1 && !constants.has(node.inputs[1] ?? ''),
  );
}

/** The graph with blocks of `block` channels where that is faster on ONNX Runtime's CPU. Values change by rounding only. */
export function blocked(graph: Graph, block: number): Graph {
  const view = new GraphView(graph, block);
  return new BlockedPass(view, blockedRegion(view)).run();
}

class BlockedPass {
  private readonly view: GraphView;
  private readonly region: ReadonlySet<string>;
  private readonly nodes: Node[] = [];
  private readonly constants: Map<string, Constant>;
  /** Names of blocked forms, by the name of the value. */
  private readonly blockedForms = new Map<string, string>();
  private readonly views = new Map<string, string>();
  /** Values that are there in their own layout. */
  private readonly plainForms: Set<string>;
  /** Products that are only made to be summed up: their factors, by the product's name. */
  private readonly factors = new Map<string, readonly [string, string]>();
  private counter = 0;

  constructor(view: GraphView, region: ReadonlySet<string>) {
    this.view = view;
    this.region = region;
    this.constants = new Map(view.graph.constants);
    this.plainForms = new Set([...view.graph.inputs.map((port) => port.name), ...this.constants.keys()]);
  }

  run(): Graph {
    const { graph } = this.view;
    for (const node of graph.nodes) this.visit(node);
    for (const { name } of graph.outputs) this.plain(name);
    if (this.counter === 0) return graph;
    const rewritten = { ...graph, nodes: this.nodes, constants: this.constants };
    return prune(
      { ...rewritten, domains: { ...graph.domains, [BLOCKED_DOMAIN]: 1 } },
      graph.outputs.map((port) => port.name),
    );
  }

  private visit(node: Node): void {
    const [output = ''] = node.outputs;
    if (this.view.isDepthwise(node) && !this.view.isAffine(node)) {
      this.blockedForms.set(output, this.depthwise(node));
    } else if (this.region.has(output) && this.view.placewise(node) !== null) {
      if (this.view.isFactorOfSum(node)) this.factors.set(output, node.inputs as readonly [string, string]);
      else this.blockedForms.set(output, this.placewise(node));
    } else if (this.view.isFactorOfSum(node) && this.view.stripsOf(output) !== null) {
      this.factors.set(output, node.inputs as readonly [string, string]);
    } else if (this.view.reducedOver(node) !== null && this.isSummedInBlocks(node.inputs[0]!)) {
      this.reduced(node);
    } else {
      for (const name of [...node.inputs, ...(node.captures ?? [])]) if (name !== '') this.plain(name);
      this.nodes.push(node);
      for (const name of node.outputs) this.plainForms.add(name);
    }
  }

  // Nodes

  private depthwise(node: Node): string {
    const [x = '', filter = '', bias] = node.inputs;
    const inputs = [this.merged(x), this.merged(filter), ...(bias === undefined ? [] : [this.plain(bias)])];
    return this.emit('Conv', inputs, node.attributes, BLOCKED_DOMAIN);
  }

  /** Blocked form of a map, or of filters [channels, 1, h, w], whose blocks lie as those of a map [1, channels, h, w]. */
  private merged(name: string): string {
    const shape = this.view.shapeOf(name) as MapShape;
    const source = this.view.unmerged(name);
    if (source !== null) return this.seen(this.blocked(source), shape);
    if (shape[1] % this.view.block === 0) return this.blocked(name);
    const map = this.seen(this.plain(name), [1, shape[0], shape[2], shape[3]]);
    return this.seen(this.emit('ReorderInput', [map], {}, BLOCKED_DOMAIN), shape);
  }

  private placewise(node: Node): string {
    const shape = this.view.mapShape(node.outputs[0]!)!;
    if (this.view.isAffine(node)) {
      const [x = '', factor = '', bias = ''] = node.inputs;
      return this.affine(this.blocked(x), shape[1], this.plain(factor), bias === '' ? null : this.plain(bias));
    }
    const planes = this.view.planeOperand(node);
    if (planes !== null) return this.withPlanes(node, planes, shape);
    const inputs = node.inputs.map((name) => {
      if (name === '') return name;
      return this.view.hasShape(name, shape) ? this.blocked(name) : this.plain(name);
    });
    return this.emit(node.op, inputs, node.attributes);
  }

  /** A sum or product with one number a plane: every plane becomes a channel of one image. */
  private withPlanes(node: Node, operand: string, shape: MapShape): string {
    const [batch, channels, height, width] = shape;
    const planes = batch * channels;
    const map = this.blocked(node.inputs.find((name) => name !== operand)!);
    const x = this.seen(map, [1, planes, height, width]);
    const numbers = this.plain(operand);
    const y =
      node.op === 'Mul'
        ? this.affine(x, planes, numbers, null)
        : this.affine(x, planes, this.ones(planes), this.seen(numbers, [planes]));
    return this.seen(y, shape);
  }

  /** factor * x + bias, by channel. */
  private affine(x: string, channels: number, factor: string, bias: string | null): string {
    const inputs = [x, this.seen(factor, [channels, 1, 1, 1]), ...(bias === null ? [] : [bias])];
    return this.emit('Conv', inputs, window(channels, [1, 1]), BLOCKED_DOMAIN);
  }

  /** The sum or mean of a map, or of the product of two, as ONNX Runtime is quick to give it: by plane, then over the batch. */
  private reduced(node: Node): void {
    const [input = ''] = node.inputs;
    const [output = ''] = node.outputs;
    const [batch, channels, height, width] = this.view.shapeOf(input) as MapShape;
    const factors = this.factors.get(input);
    const inStrips = factors !== undefined && !this.region.has(input);
    const [parts, lanes] = inStrips
      ? [this.byStrips(input, factors), this.view.block]
      : [this.byPlane(input, factors), 1];
    const isMean = node.op === 'ReduceMean';
    const over = [...(this.view.reducedOver(node) === 'all' ? [0] : []), ...(lanes > 1 ? [2] : [])];
    const summed =
      over.length === 0
        ? parts
        : this.emit(node.op, [this.seen(parts, [batch, channels, lanes]), this.integers(over)], { keepdims: int(0) });
    // What was averaged is to be a sum.
    const scaled = factors !== undefined || isMean ? summed : this.emit('Mul', [summed, this.scalar(height * width)]);
    const kept = intOf(node, 'keepdims', 1) === 1;
    const leading = over.includes(0) ? (kept ? [1, channels] : [channels]) : [batch, channels];
    this.emit('Reshape', [scaled, this.integers([...leading, ...(kept ? [1, 1] : [])])], {}, '', output);
    this.plainForms.add(output);
  }

  /** Of a blocked map the average of every plane, or the sum of every plane of a product. */
  private byPlane(name: string, factors: readonly [string, string] | undefined): string {
    if (factors === undefined) return this.emit('GlobalAveragePool', [this.blocked(name)], {}, BLOCKED_DOMAIN);
    const [batch, channels, height, width] = this.view.shapeOf(name) as MapShape;
    const planes = batch * channels;
    const [a, b] = factors.map((factor) => this.blocked(factor)) as [string, string];
    return this.dot(this.seen(a, [1, planes, height, width]), this.seen(b, [planes, 1, height, width]), planes, [height, width]); // prettier-ignore
  }

  /** The sum of a product of maps in their own layout, in lanes: places a block apart go together, as channels of blocks do. */
  private byStrips(name: string, factors: readonly [string, string]): string {
    const { planes, strips } = this.view.stripsOf(name)!;
    const lanes = planes * this.view.block;
    const [a, b] = factors.map((factor) => this.plain(factor)) as [string, string];
    return this.dot(this.seen(a, [1, lanes, 1, strips]), this.seen(b, [lanes, 1, 1, strips]), lanes, [1, strips]);
  }

  /** A convolution whose filter is as large as the map is the sum of products: no product is kept. */
  private dot(map: string, filter: string, planes: number, size: readonly [number, number]): string {
    return this.emit('Conv', [map, filter], window(planes, size), BLOCKED_DOMAIN);
  }

  // Values

  /** Whether a map is kept in blocks, or a product that was left out. */
  private isSummedInBlocks(name: string): boolean {
    return this.region.has(name) || this.factors.has(name);
  }

  /** Name of the blocked form, which is made where it is not there. */
  private blocked(name: string): string {
    const known = this.blockedForms.get(name);
    if (known !== undefined) return known;
    const made = this.emit('ReorderInput', [this.plain(name)], {}, BLOCKED_DOMAIN);
    this.blockedForms.set(name, made);
    return made;
  }

  /** The name itself, after the value has been brought out of its blocked form where it is there in no other. */
  private plain(name: string): string {
    const form = this.blockedForms.get(name);
    if (form === undefined || this.plainForms.has(name)) return name;
    const channels = this.view.shapeOf(name)![1]!;
    this.emit('ReorderOutput', [form], { channels: int(channels) }, BLOCKED_DOMAIN, name);
    this.plainForms.add(name);
    return name;
  }

  /** The value with another shape; nothing moves. */
  private seen(name: string, shape: readonly number[]): string {
    const key = `${name} ${shape.join()}`;
    const known = this.views.get(key) ?? this.emit('Reshape', [name, this.integers(shape)]);
    this.views.set(key, known);
    return known;
  }

  private integers(values: readonly number[]): string {
    return this.constant(constantOf('int64', [values.length], values), `integers ${values.join()}`);
  }

  private scalar(value: number): string {
    return this.constant(constantOf('float32', [], [value]), `scalar ${value}`);
  }

  private ones(size: number): string {
    return this.constant(constantOf('float32', [size], new Float32Array(size).fill(1)), `ones ${size}`);
  }

  private constant(constant: Constant, content: string): string {
    const name = `blocked/${content}`;
    this.constants.set(name, constant);
    return name;
  }

  private emit(
    op: string,
    inputs: readonly string[],
    attributes: Node['attributes'] = {},
    domain = '',
    output = `blocked/${this.counter++}`,
  ): string {
    this.nodes.push({ op, domain, name: '', inputs, outputs: [output], attributes });
    return output;
  }
}

/** Attributes of a convolution of one filter a channel over places that need no padding. */
function window(channels: number, size: readonly [number, number]): Node['attributes'] {
  const step = ints([1, 1]);
  const pads = ints([0, 0, 0, 0]);
  return { kernel_shape: ints(size), strides: step, dilations: step, pads, group: int(channels) };
}
