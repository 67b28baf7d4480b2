// Sums and averages over the places of maps, and over the batch, of maps in blocks and of products that are not made.
import { int, intOf, ints, intsOf } from '../../attributes.ts';
import type { Node } from '../../graph.ts';
import type { GraphView, MapShape } from './view.ts';
import { BLOCKED_DOMAIN, window, type BlockedWriter } from './writer.ts';

/** Places that are summed up one after the other; of longer sums, row by row first, less is lost to rounding. */
const MOST_IN_ONE_SUM = 1024;

export class BlockedSums {
  private readonly view: GraphView;
  private readonly writer: BlockedWriter;
  private readonly region: ReadonlySet<string>;
  /** Products that are only made to be summed up: their factors, by the product's name. */
  private readonly factors = new Map<string, readonly [string, string]>();

  constructor(view: GraphView, writer: BlockedWriter, region: ReadonlySet<string>) {
    this.view = view;
    this.writer = writer;
    this.region = region;
  }

  /** A product that only a sum reads is not written. */
  leaveOut(product: Node): void {
    this.factors.set(product.outputs[0]!, product.inputs as readonly [string, string]);
  }

  /** Whether a map is kept in blocks, or a product that was left out. */
  has(name: string): boolean {
    return this.region.has(name) || this.factors.has(name);
  }

  /** The sum or mean of a map, or of the product of two, as ONNX Runtime is quick to give it: by plane, then over the batch. */
  write(node: Node): void {
    const { view, writer } = this;
    const [input = ''] = node.inputs;
    const [output = ''] = node.outputs;
    const [batch, channels, height, width] = view.shapeOf(input) as MapShape;
    const factors = this.factors.get(input);
    const isMean = node.op !== 'ReduceSum';
    const kept = intOf(node, 'keepdims', 1) === 1;
    const inStrips = factors !== undefined && !this.region.has(input);
    const ofAll = view.reducedOver(node) === 'all';
    writer.notePlain(output);
    // By plane the result has the shape that is asked for; but for a product whose images were put side by side.
    if (kept && !ofAll && !inStrips && (isMean || (factors !== undefined && batch === 1)))
      return void this.byPlane(input, factors, output);
    const [parts, lanes] = inStrips ? [this.byStrips(input, factors), view.block] : [this.byPlane(input, factors), 1];
    const over = [...(ofAll ? [0] : []), ...(lanes > 1 ? [2] : [])];
    const summed =
      over.length === 0
        ? parts
        : writer.emit(node.op, [writer.seen(parts, [batch, channels, lanes]), writer.integers(over)], {
            keepdims: int(0),
          });
    // What was averaged is to be a sum.
    const scaled =
      factors !== undefined || isMean ? summed : writer.emit('Mul', [summed, writer.scalar(height * width)]);
    const leading = ofAll ? (kept ? [1, channels] : [channels]) : [batch, channels];
    writer.emit('Reshape', [scaled, writer.integers([...leading, ...(kept ? [1, 1] : [])])], {}, '', output);
  }

  /**
   * The mean over places of h * (g spread by filter w with steps s): the sum over taps k of w[k] times the sum over places q
   * of g[q] h[s q + k], which is a convolution of h with g. The spread map, the larger one, is not made. Says whether it was
   * written.
   */
  tapByTap(node: Node): boolean {
    const { view, writer } = this;
    const found = view.meanOfSpread(node);
    if (found === null) return false;
    const { gradient, filter, slope, spread } = found;
    const [batch, channels, height, width] = view.mapShape(slope)!;
    const [, , ...size] = view.mapShape(gradient)!;
    const taps = view.shapeOf(filter) as MapShape;
    const [, , ...counts] = taps;
    const attributes = correlation(spread, size, [height, width], counts);
    if (attributes === null) return false;
    const planes = batch * channels;
    const map = writer.seen(writer.blocked(slope), [1, planes, height, width]);
    const inputs = [map, writer.seen(writer.blocked(gradient), [planes, 1, ...size])];
    const sums = writer.convolution(inputs, { ...attributes, group: int(planes) });
    const perPlace = writer.filters(writer.emit('Mul', [filter, writer.scalar(1 / (height * width))]), taps);
    const ofTaps = writer.seen(sums, [batch, channels, ...counts]);
    writer.convolution([ofTaps, perPlace], window(channels, counts), node.outputs[0]);
    writer.notePlain(node.outputs[0]!);
    return true;
  }

  /** Of a blocked map the average of every plane, or the sum of every plane of a product. */
  private byPlane(name: string, factors: readonly [string, string] | undefined, output?: string): string {
    const { writer } = this;
    const shape = this.view.shapeOf(name) as MapShape;
    if (factors === undefined) return this.averages(writer.blocked(name), shape, output);
    const [batch, channels, height, width] = shape;
    const planes = batch * channels;
    const [a, b] = factors.map((factor) => writer.blocked(factor)) as [string, string];
    if (height * width <= MOST_IN_ONE_SUM) {
      const map = writer.seen(a, [1, planes, height, width], shape);
      return writer.dot(map, writer.seen(b, [planes, 1, height, width]), planes, [height, width], output);
    }
    // Every row of a block of channels lies as a block of channels by itself.
    const rows = planes * height;
    const [map, filter] = [writer.seen(a, [1, rows, 1, width]), writer.seen(b, [rows, 1, 1, width])];
    const sums = writer.seen(writer.dot(map, filter, rows, [1, width]), [batch, channels, height, 1]);
    const means = this.averages(sums, [batch, channels, height, 1]);
    return writer.emit('Mul', [means, writer.scalar(height)], {}, '', output);
  }

  private averages(map: string, [, , height, width]: MapShape, output?: string): string {
    const { writer } = this;
    const isLong = height * width > MOST_IN_ONE_SUM;
    const rows = isLong ? writer.emit('AveragePool', [map], alongRows(width), BLOCKED_DOMAIN) : map;
    return writer.emit('GlobalAveragePool', [rows], {}, BLOCKED_DOMAIN, output);
  }

  /** The sum of a product of maps in their own layout, in lanes: places a block apart go together, as channels of blocks do. */
  private byStrips(name: string, factors: readonly [string, string]): string {
    const { writer } = this;
    const { planes, strips } = this.view.stripsOf(name)!;
    const lanes = planes * this.view.block;
    const [a, b] = factors.map((factor) => writer.plain(factor)) as [string, string];
    return writer.dot(writer.seen(a, [1, lanes, 1, strips]), writer.seen(b, [lanes, 1, 1, strips]), lanes, [1, strips]);
  }
}

/** Attributes of a pool along rows. */
function alongRows(width: number): Node['attributes'] {
  return { kernel_shape: ints([1, width]), strides: ints([1, 1]), pads: ints([0, 0, 0, 0]) };
}

/**
 * Attributes of the convolution of a map of `places` with a gradient of `size` that has an element for each tap; null where
 * there is none.
 */
function correlation(
  spread: Node,
  size: readonly [number, number],
  places: readonly [number, number],
  taps: readonly [number, number],
): Node['attributes'] | null {
  const [strides, dilations] = [intsOf(spread, 'strides') ?? [1, 1], intsOf(spread, 'dilations') ?? [1, 1]];
  const before = (intsOf(spread, 'pads') ?? [0, 0, 0, 0]).slice(0, 2);
  const reach = size.map((extent, axis) => strides[axis]! * (extent - 1) + 1);
  const after = taps.map((count, axis) =>
    Math.max(0, dilations[axis]! * (count - 1) + reach[axis]! - places[axis]! - before[axis]!),
  );
  const given = taps.map((_, axis) => {
    const room = places[axis]! + before[axis]! + after[axis]! - reach[axis]!;
    return Math.floor(room / dilations[axis]!) + 1;
  });
  if (given.join() !== taps.join()) return null;
  return {
    kernel_shape: ints(size),
    strides: ints(dilations),
    dilations: ints(strides),
    pads: ints([...before, ...after]),
  };
}
