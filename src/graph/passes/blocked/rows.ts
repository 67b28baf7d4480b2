// Convolutions of 3 x 3 by two rows at a time, with two thirds of the products: minimal filtering F(2, 3) along the height
// (S. Winograd, Arithmetic Complexity of Computations, 1980; A. Lavin and S. Gray, arXiv 1509.09308, section 4.1). Of four rows
// a, b, c, d that overlap with those above and below by two, and a filter's rows f, g, h,
//   upper = (a - c) f + (b + c) (f + g + h) / 2 + (c - b) (f - g + h) / 2
//   lower = (b + c) (f + g + h) / 2 - (c - b) (f - g + h) / 2 - (b - d) h
// where a product is a convolution along the width. ONNX Runtime convolves as the definition says.
import { int, ints, intsOf } from '../../attributes.ts';
import type { Node } from '../../graph.ts';
import type { GraphView, MapShape } from './view.ts';
import { window, type BlockedWriter } from './writer.ts';

/**
 * What is saved grows with the product of channels before and after, what is added with their sum: numbers of maps are read
 * and written some five times more. Where those fit no cache that costs twice as much (bench/README.md).
 */
const LEAST_CHANNELS = 24;
const LEAST_CHANNELS_UNCACHED = 48;
const CACHED_NUMBERS = 2.5e6;

/** Whether a convolution is written faster so. */
export function gainsByRows(view: GraphView, node: Node): boolean {
  const found = view.convolutionOf(node);
  if (found?.isKnown !== true || found.groups > 1) return false;
  const { map, taps } = found;
  const [batch, , height, width] = map;
  const [after, before, ...kernel] = taps;
  const isOne = (name: string): boolean => (intsOf(node, name) ?? [1]).every((value) => value === 1);
  const isPlain = kernel.join() === '3,3' && (intsOf(node, 'pads') ?? [0]).every((pad) => pad === 1);
  if (!isPlain || !isOne('strides') || !isOne('dilations') || height % 2 > 0) return false;
  const isCached = batch * height * width * (after + before) <= CACHED_NUMBERS;
  return (after * before) / (after + before) >= (isCached ? LEAST_CHANNELS : LEAST_CHANNELS_UNCACHED);
}

export interface ByRows {
  readonly writer: BlockedWriter;
  readonly block: number;
  /** Blocked forms: the map, and the filter [after, before, 3, 3]. */
  readonly x: string;
  readonly filter: string;
  /** '' for none. */
  readonly bias: string;
  readonly map: MapShape;
  readonly after: number;
  /** The activation that is computed along. */
  readonly activation: Node['attributes'];
}

/** Writes it; the blocked form of its result [batch, after, height, width]. */
export function convolvedByRows({ writer, block, x, filter, bias, map, after, activation }: ByRows): string {
  const [batch, before, height, width] = map;
  const along = { ...window(1, [1, 3]), pads: ints([0, 1, 0, 1]) };
  const convolved = (rows: string, taps: string, sum?: string): string =>
    sum === undefined
      ? writer.convolution([rows, taps], along)
      : writer.convolution([rows, taps, bias, sum], { ...along, ...activation });
  const apart = (above: number, below: number): string => rowsOf(writer, x, before, [1, 0, -1], [above, below]);

  const [first, middle, last] = filterRows(writer, filter, [after / block, before / block, 3, 3 * block * block]);
  const half = writer.emit('Mul', [writer.emit('Add', [first, last]), writer.scalar(0.5)]);
  const middleHalf = writer.emit('Mul', [middle, writer.scalar(0.5)]);
  const taps = (rows: string): string => writer.seen(rows, [after, before, 1, 3]);

  const plus = convolved(rowsOf(writer, x, before, [1, 1], [0, 0]), taps(writer.emit('Add', [half, middleHalf])));
  const minus = convolved(rowsOf(writer, x, before, [-1, 1], [0, 0]), taps(writer.emit('Sub', [half, middleHalf])));
  const upper = convolved(apart(1, 0), taps(first), writer.emit('Add', [plus, minus]));
  const lower = convolved(apart(0, 1), taps(writer.emit('Neg', [last])), writer.emit('Sub', [plus, minus]));
  const pairs = [(batch * after * height) / 2 / block, width * block];
  const rows = writer.emit('Concat', [writer.seen(upper, pairs), writer.seen(lower, pairs)], { axis: int(1) });
  return writer.seen(rows, [batch, after, height, width]);
}

/** Of every second row on, the sum of rows by factors: a convolution of one filter a channel. */
function rowsOf(
  writer: BlockedWriter,
  x: string,
  channels: number,
  factors: readonly number[],
  [above, below]: readonly [number, number],
): string {
  const attributes = {
    ...window(channels, [factors.length, 1]),
    strides: ints([2, 1]),
    pads: ints([above, 0, below, 0]),
  };
  return writer.convolution([x, writer.columns(channels, factors)], attributes);
}

/** The three rows of blocked filters, seen with their height as third axis. */
function filterRows(writer: BlockedWriter, filter: string, shape: readonly number[]): [string, string, string] {
  const outputs = writer.emitAll('Split', [writer.seen(filter, shape)], { axis: int(2), num_outputs: int(3) }, 3);
  return outputs as [string, string, string];
}
