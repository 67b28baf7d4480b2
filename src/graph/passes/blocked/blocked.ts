// Parts of a graph in the blocked layout [batch, channels / block, height, width, block], for which ONNX Runtime has kernels of
// its own. It turns to them by itself for convolutions whose filters are constants, and falls out of them where it knows no
// blocked form of an operator. Two kinds of graphs suffer from that:
// - Steps of training: filters are inputs, and for those of one filter a channel the kernel that is left takes three times as
//   long (bench/TRAIN.md). What lies between them, normalisation, activation and their gradients, stays in blocks.
// - Networks with squeeze and excitation: products of maps with one number a plane (gates), forward and backward, and the sums
//   of products that a gate's gradient is. Each takes maps out of blocks and back again (bench/README.md).
// Sums of products of maps are convolutions, too, and so are products and sums with one number a plane.
// Convolutions of 3 x 3 are written by several rows at a time (rows.ts), in such networks and in those that are made of them.
import { float, floatOf, floats, intOf, string } from '../../attributes.ts';
import type { Graph, Node } from '../../graph.ts';
import { inferTypes } from '../../infer.ts';
import { foldAffine } from '../fold-affine.ts';
import { gateGradients } from './gates.ts';
import { around, aroundLearntFilters } from './region.ts';
import { convolvedByRows, gainsByRows, mayGainByRows, savesByRows } from './rows.ts';
import { BlockedSums } from './sums.ts';
import { GraphView, type MapShape } from './view.ts';
import { wholeBlocks } from './whole.ts';
import { BLOCKED_DOMAIN, BlockedWriter, MICROSOFT } from './writer.ts';

export { BLOCKED_DOMAIN };

/** Ways in and out of blocks, for each node that gains, up to which the whole does: widths that fill no blocks need many. */
const MOST_REORDERS = 0.5;

/** Where nobody says how many are to come. */
const MANY_PICTURES = 100;

/** Averages over height and width in a network without gates: one before its head, one of a gradient. */
const AVERAGES_WITHOUT_GATES = 2;

/** Whether a graph may have something for the pass. Quick: types are not looked at. */
export function mayGainByBlocks(graph: Graph): boolean {
  return hasLearntGroups(graph) || hasAverages(graph) || mayGainByRows(graph);
}

/**
 * The graph with blocks of `block` channels where that is faster on ONNX Runtime's CPU, opening it for so many pictures
 * included. Values change by rounding only.
 */
export function blocked(graph: Graph, block: number, pictures = MANY_PICTURES): Graph {
  if (hasLearntGroups(graph)) {
    const view = new GraphView(graph, block);
    return new BlockedPass(view, aroundLearntFilters(view), false).run();
  }
  const typed = inferTypes(graph);
  const isOfRows = savesByRows(typed, pictures);
  if (!hasAverages(graph) && !isOfRows) return graph;
  const view = new GraphView(gateGradients(wholeBlocks(foldAffine(typed), block), block), block);
  const gaining = view.graph.nodes.filter((node) => view.isGate(node) || (isOfRows && gainsByRows(view, node)));
  if (gaining.length === 0) return graph;
  const written = new BlockedPass(view, around(view, gaining), true).run();
  const reorders = written.nodes.filter((node) => node.op === 'ReorderInput' || node.op === 'ReorderOutput').length;
  return reorders > gaining.length * MOST_REORDERS ? graph : written;
}

function hasAverages({ nodes }: Graph): boolean {
  const averages = nodes.filter(({ op }) => op === 'GlobalAveragePool' || op === 'ReduceMean');
  return averages.length > AVERAGES_WITHOUT_GATES;
}

function hasLearntGroups({ nodes, constants }: Graph): boolean {
  return nodes.some(
    (node) => node.op === 'Conv' && intOf(node, 'group', 1) > 1 && !constants.has(node.inputs[1] ?? ''),
  );
}

/** A convolution that is written when what is computed along with it is reached. */
interface Waiting {
  readonly node: Node;
  /** The map that is added to it. */
  readonly sum: string | null;
}

class BlockedPass {
  private readonly view: GraphView;
  private readonly region: ReadonlySet<string>;
  /** Whether convolutions with known filters are part of the region. */
  private readonly knownFilters: boolean;
  private readonly writer: BlockedWriter;
  private readonly sums: BlockedSums;
  /** By the name of the value that the next node reads. */
  private readonly waiting = new Map<string, Waiting>();
  /** Products with one number a plane that wait for the sum with another: map and factor, by the product's name. */
  private readonly scaled = new Map<string, readonly [string, string]>();

  constructor(view: GraphView, region: ReadonlySet<string>, knownFilters: boolean) {
    this.view = view;
    this.region = region;
    this.knownFilters = knownFilters;
    this.writer = new BlockedWriter(view);
    this.sums = new BlockedSums(view, this.writer, region);
  }

  run(): Graph {
    for (const node of this.view.graph.nodes) this.visit(node);
    return this.writer.finish();
  }

  private visit(node: Node): void {
    const { view, region, writer } = this;
    const [output = ''] = node.outputs;
    if (this.knownFilters && this.sums.tapByTap(node)) return;
    if (view.isDepthwise(node) && !view.isAffine(node)) {
      writer.noteBlocked(output, this.depthwise(node));
    } else if ((view.isKnownConvolution(node) || view.isFirst(node)) && this.touches(node)) {
      this.convolution({ node, sum: null }, output);
    } else if (view.takesFillingOff(node) && region.has(node.inputs[0]!)) {
      writer.noteBlocked(output, writer.blocked(node.inputs[0]!)); // the way out of blocks leaves the filling behind
    } else if (region.has(output) && view.placewise(node) !== null) {
      this.placewise(node);
    } else if (this.knownFilters && region.has(output) && view.isMaxPool(node)) {
      writer.noteBlocked(
        output,
        writer.emit('MaxPool', [writer.blocked(node.inputs[0]!)], node.attributes, BLOCKED_DOMAIN),
      );
    } else if (view.isFactorOfSum(node) && view.stripsOf(output) !== null) {
      this.sums.leaveOut(node);
    } else if (view.reducedOver(node) !== null && this.sums.has(node.inputs[0]!)) {
      this.sums.write(node);
    } else if (this.knownFilters && view.isPoint(output)) {
      this.point(node);
    } else {
      writer.keep(node);
    }
  }

  /** Whether a value is of the region, or one place of each channel, which lies in blocks as it does by itself. */
  private takesPart(name: string): boolean {
    return this.region.has(name) || this.view.isPoint(name);
  }

  // Convolutions

  /** Whether a convolution reads or gives a value of the region, or one place of each channel where there is a region. */
  private touches(node: Node): boolean {
    const ends = [node.inputs[0]!, node.outputs[0]!];
    return this.knownFilters && this.region.size > 0 && ends.some((name) => this.takesPart(name));
  }

  private depthwise(node: Node): string {
    const [x = '', filter = '', bias] = node.inputs;
    const inputs = [this.merged(x), this.merged(filter), ...(bias === undefined ? [] : [this.writer.plain(bias)])];
    return this.writer.convolution(inputs, node.attributes);
  }

  /** Writes a convolution, or lets it wait for the sum or the activation that the runtime computes along with it. */
  private convolution(waiting: Waiting, output: string): void {
    const next = waiting.sum === null ? this.view.fusedSum(output) : null;
    const after = next ?? this.view.fusedActivation(output);
    if (after !== null && this.takesPart(after.outputs[0]!)) this.waiting.set(output, waiting);
    else this.writeConvolution(waiting, null, output);
  }

  private writeConvolution({ node, sum }: Waiting, activation: Node | null, output: string): void {
    const { view, writer } = this;
    const [x = '', filter = '', bias = ''] = node.inputs;
    const more = activation === null ? {} : along(activation);
    if (sum === null && gainsByRows(view, node))
      return writer.noteBlocked(output, convolvedByRows(view, writer, node, more));
    const inputs = [
      view.isFirst(node) ? writer.plain(x) : writer.blocked(x),
      writer.filters(filter, view.shapeOf(filter) as MapShape),
      bias,
      ...(sum === null ? [] : [writer.blocked(sum)]),
    ];
    const attributes = { ...node.attributes, ...more };
    const isPoint = view.isPoint(output);
    const written = writer.convolution(inputs, attributes, isPoint ? output : undefined);
    if (isPoint) writer.notePlain(output);
    else writer.noteBlocked(output, written);
  }

  /** Blocked form of a map, or of filters [channels, 1, h, w], whose blocks lie as those of a map [1, channels, h, w]. */
  private merged(name: string): string {
    const { view, writer } = this;
    const shape = view.shapeOf(name) as MapShape;
    const source = view.unmerged(name);
    if (source !== null) return writer.seen(writer.blocked(source), shape);
    if (shape[1] % view.block === 0) return writer.blocked(name);
    const map = writer.seen(writer.plain(name), [1, shape[0], shape[2], shape[3]]);
    return writer.seen(writer.emit('ReorderInput', [map], {}, BLOCKED_DOMAIN), shape);
  }

  // Place by place

  private placewise(node: Node): void {
    const [output = ''] = node.outputs;
    const waiting = this.waitingFor(node);
    if (this.view.isFactorOfSum(node)) this.sums.leaveOut(node);
    else if (waiting !== undefined) this.fused(node, waiting);
    else if (this.view.isBeforeOffset(node)) this.scaled.set(output, this.mapAndPlanes(node));
    else this.writer.noteBlocked(output, this.written(node));
  }

  /** One place of each channel: what a convolution computes along, and the swish and its slope. */
  private point(node: Node): void {
    const { view, writer } = this;
    const [output = ''] = node.outputs;
    const waiting = this.waitingFor(node);
    if (waiting !== undefined) return this.fused(node, waiting);
    const [slope, x] = [view.swishOfSlope(node), view.swishOf(node)];
    if (slope !== null) this.slope(slope.x, slope.y, view.shapeOf(output)![1]!, output);
    else if (x !== null) this.swish(x, output);
    else return writer.keep(node);
    writer.notePlain(output);
  }

  /** The convolution that waits for this node, if one does. */
  private waitingFor(node: Node): Waiting | undefined {
    return node.inputs.map((name) => this.waiting.get(name)).find((found) => found !== undefined);
  }

  /** A sum or an activation for which a convolution waits. Of two that wait for one sum the second takes it. */
  private fused(node: Node, waiting: Waiting): void {
    const [output = ''] = node.outputs;
    if (this.view.fusedSum(node.inputs[0]!) !== node && this.view.fusedSum(node.inputs[1] ?? '') !== node)
      return this.writeConvolution(waiting, node, output);
    const own = node.inputs.findLast((name) => this.waiting.has(name))!;
    const other = node.inputs.find((name) => name !== own)!;
    const rival = this.waiting.get(other);
    if (rival !== undefined) this.writeConvolution(rival, null, other);
    this.convolution({ ...this.waiting.get(own)!, sum: other }, output);
  }

  private written(node: Node): string {
    const { view, writer } = this;
    const shape = view.mapShape(node.outputs[0]!)!;
    if (view.isAffine(node)) {
      const [x = '', factor = '', bias = ''] = node.inputs;
      return writer.affine(writer.blocked(x), shape[1], writer.plain(factor), bias === '' ? [] : [writer.plain(bias)]);
    }
    if (view.planeOperand(node) !== null) return this.withPlanes(node, shape);
    if (this.knownFilters) {
      const x = view.swishOf(node);
      if (x !== null) return this.swish(writer.blocked(x));
      const swish = view.swishOfSlope(node);
      if (swish !== null) return this.slope(writer.blocked(swish.x), writer.blocked(swish.y), shape[1]);
    }
    const inputs = node.inputs.map((name) => {
      if (name === '') return name;
      return view.hasShape(name, shape) ? writer.blocked(name) : writer.plain(name);
    });
    return writer.emit(node.op, inputs, node.attributes);
  }

  /** A sum or product with one number a plane: every plane becomes a channel of one image. */
  private withPlanes(node: Node, shape: MapShape): string {
    const { writer } = this;
    const [batch, channels, height, width] = shape;
    const planes = batch * channels;
    const [map, numbers] = this.mapAndPlanes(node);
    const [source, factor] = this.scaled.get(map) ?? (node.op === 'Mul' ? [map, numbers] : [map, null]);
    const x = writer.seen(writer.blocked(source), [1, planes, height, width], shape);
    const scale = factor === null ? writer.filled(planes, 1) : writer.plain(factor);
    const bias = node.op === 'Mul' ? [] : [writer.seen(writer.plain(numbers), [planes])];
    return writer.seen(writer.affine(x, planes, scale, bias), shape, [1, planes, height, width]);
  }

  /**
   * The derivative s + y * (1 - s) of y = x * s, s = sigmoid(x), as s * (1 + x - y): the second factor is one pass. The runtime
   * goes to what was written last first, so that pass is the last one to read x and writes over it.
   */
  private slope(x: string, y: string, channels: number, output?: string): string {
    const { writer } = this;
    const rest = writer.affine(y, channels, writer.filled(channels, -1), [writer.filled(channels, 1), x]);
    return writer.emit('Mul', [writer.emit('Sigmoid', [x]), rest], {}, '', output);
  }

  private swish(x: string, output?: string): string {
    return this.writer.emit('QuickGelu', [x], { alpha: float(1) }, MICROSOFT, output);
  }

  private mapAndPlanes(node: Node): readonly [string, string] {
    const planes = this.view.planeOperand(node)!;
    return [node.inputs.find((name) => name !== planes)!, planes];
  }
}

/** The activation as attributes of a blocked convolution. */
function along(node: Node): Node['attributes'] {
  const alpha = floatOf(node, 'alpha', node.op === 'LeakyRelu' ? 0.01 : 0.2);
  const parameters = { LeakyRelu: [alpha], HardSigmoid: [alpha, floatOf(node, 'beta', 0.5)] }[node.op];
  return {
    activation: string(node.op),
    ...(parameters === undefined ? {} : { activation_params: floats(parameters) }),
  };
}
