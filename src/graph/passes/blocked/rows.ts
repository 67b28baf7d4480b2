// Convolutions of 3 x 3 by several rows at a time, with two thirds of the products, or half: minimal filtering along the
// height, F(2, 3) and F(4, 3) (S. Winograd, Arithmetic Complexity of Computations, 1980; A. Lavin and S. Gray, arXiv
// 1509.09308, section 4.1). Sums of rows of the map are convolved along the width with sums of the filter's rows, and rows of
// the result are sums of those. ONNX Runtime convolves as the definition says.
import { int, ints, isEvery } from '../../attributes.ts';
import type { Graph, Node } from '../../graph.ts';
import { isKnown, sizeOf } from '../../tensor.ts';
import type { GraphView, MapShape } from './view.ts';
import { window, type BlockedWriter } from './writer.ts';

/**
 * What is saved grows with the product of channels before and after, what is added with their sum: numbers of maps are read
 * and written some five times more, which takes longer where they fit no cache (bench/README.md).
 */
const LEAST_CHANNELS = 24;
const LEAST_CHANNELS_UNCACHED = 32;
const CACHED_NUMBERS = 2.5e6;

/** Products to save for each number of all filters until a network without gates, written in blocks for that alone, has paid off. */
const LEAST_SAVED = 10_000;

/** Whether a convolution is written faster so. */
export function gainsByRows(view: GraphView, node: Node): boolean {
  const found = view.isKnownConvolution(node) ? view.convolutionOf(node) : null;
  return found !== null && savedShare(node, found.map, found.taps) > 0;
}

/** Whether a graph may have convolutions that are written faster so. Quick: types are not looked at. */
export function mayGainByRows({ nodes, constants }: Graph): boolean {
  return nodes.some(({ op, inputs }) => {
    const [after = 0, before = 0, ...kernel] = (op === 'Conv' && constants.get(inputs[1] ?? '')?.shape) || [];
    return kernel.join() === '3,3' && harmonic(after, before) >= LEAST_CHANNELS;
  });
}

/** Whether convolutions by rows save more with so many pictures than the work of opening costs. Types are known. */
export function savesByRows({ nodes, constants, types }: Graph, pictures: number): boolean {
  let [saved, numbers] = [0, 0];
  for (const node of nodes) {
    const [x = '', filter = ''] = node.inputs;
    const [map, taps] = [types.get(x)?.shape, constants.get(filter)?.shape];
    if (node.op !== 'Conv' || node.domain !== '' || taps?.length !== 4) continue;
    numbers += sizeOf(taps);
    if (map?.length !== 4 || !isKnown(map)) continue;
    const [, , height, width] = map as MapShape;
    saved += sizeOf(taps) * height * width * savedShare(node, map as MapShape, taps as MapShape);
  }
  return saved * pictures > numbers * LEAST_SAVED;
}

/** The share of products that a convolution by rows saves; 0 where it is not faster, or another kind of convolution. */
function savedShare(node: Node, map: MapShape, taps: MapShape): number {
  const [batch, channels, height, width] = map;
  const [after, before, ...kernel] = taps;
  const isPlain = isEvery(node, 'pads', 1, 0) && isEvery(node, 'strides', 1) && isEvery(node, 'dilations', 1);
  if (kernel.join() !== '3,3' || !isPlain || height % 2 > 0 || before !== channels) return 0;
  const isCached = batch * height * width * (after + before) <= CACHED_NUMBERS;
  if (harmonic(after, before) < (isCached ? LEAST_CHANNELS : LEAST_CHANNELS_UNCACHED)) return 0;
  return height % 4 === 0 ? 1 / 2 : 1 / 3;
}

/** Product over sum. */
function harmonic(a: number, b: number): number {
  return (a * b) / (a + b);
}

interface ByRows {
  readonly writer: BlockedWriter;
  readonly block: number;
  /** Blocked form of the map, and its shape. */
  readonly x: string;
  readonly map: MapShape;
  /** [after, before, 3, 3], known beforehand. */
  readonly filter: string;
  readonly after: number;
  /** '' for none. */
  readonly bias: string;
  /** The activation that is computed along. */
  readonly activation: Node['attributes'];
}

/** Writes such a convolution; the blocked form of its result. */
export function convolvedByRows(
  view: GraphView,
  writer: BlockedWriter,
  node: Node,
  activation: Node['attributes'],
): string {
  const { block } = view;
  const [x = '', filter = '', bias = ''] = node.inputs;
  const { map, taps } = view.convolutionOf(node)!;
  const [[batch, , height, width], [after]] = [map, taps];
  const given = { writer, block, x: writer.blocked(x), map, filter, after, bias, activation };
  const rows = height % 4 === 0 ? byFours(given) : byPairs(given);
  const apart = [(batch * after * height) / block / rows.length, width * block];
  const together = writer.emit(
    'Concat',
    rows.map((row) => writer.seen(row, apart)),
    { axis: int(1) },
  );
  return writer.seen(together, [batch, after, height, width]);
}

/** Rows a, b, c, d of the map, of which b and c are those of the pair, give its upper and lower row. */
function byPairs(given: ByRows): string[] {
  const { writer } = given;
  const [first, plus, minus, last] = mixedFilters(given, [
    [1, 0, 0],
    [0.5, 0.5, 0.5],
    [0.5, -0.5, 0.5],
    [0, 0, -1],
  ]);
  const sum = convolved(given, mixedRows(given, [1, 1], 2), plus); // b + c
  const rest = convolved(given, mixedRows(given, [-1, 1], 2), minus); // c - b
  return [
    finished(given, mixedRows(given, [1, 0, -1], 2, 'above'), first, writer.emit('Add', [sum, rest])), // a - c
    finished(given, mixedRows(given, [1, 0, -1], 2, 'below'), last, writer.emit('Sub', [sum, rest])), // b - d
  ];
}

/**
 * Of rows a to f of the map, of which b to e are those of the four, two ends and two pairs of products:
 * first + near + far, nearApart + 2 farApart, near + 4 far, nearApart + 8 farApart + last.
 */
function byFours(given: ByRows): string[] {
  const { writer, after, bias, activation } = given;
  const [first, plus, minus, plusTwice, minusTwice, last] = mixedFilters(given, [
    [1 / 4, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6],
    [0, 0, 1],
  ]);
  const product = (factors: readonly number[], filter: string): string =>
    convolved(given, mixedRows(given, factors, 4), filter);
  const both = (a: string, b: string): [string, string] => [writer.emit('Add', [a, b]), writer.emit('Sub', [a, b])];
  const [near, nearApart] = both(product([-4, -4, 1, 1], plus), product([4, -4, -1, 1], minus));
  const [far, farApart] = both(product([-2, -1, 2, 1], plusTwice), product([2, -1, -2, 1], minusTwice));
  const ends = [4, 0, -5, 0, 1];
  const times = (x: string, factor: number, others: readonly string[], more?: Node['attributes']): string =>
    writer.affine(x, after, writer.filled(after, factor), others, more);
  return [
    finished(given, mixedRows(given, ends, 4, 'above'), first, writer.emit('Add', [near, far])),
    times(farApart, 2, [bias, nearApart], activation),
    times(far, 4, [bias, near], activation),
    finished(given, mixedRows(given, ends, 4, 'below'), last, times(farApart, 8, ['', nearApart])),
  ];
}

/** From every `step`th row on the sum of rows by factors, one row above included, or one below: a filter for each channel. */
function mixedRows(
  { writer, x, map }: ByRows,
  factors: readonly number[],
  step: number,
  beyond?: 'above' | 'below',
): string {
  const [, channels] = map;
  const attributes = {
    ...window(channels, [factors.length, 1]),
    strides: ints([step, 1]),
    pads: ints([beyond === 'above' ? 1 : 0, 0, beyond === 'below' ? 1 : 0, 0]),
  };
  return writer.convolution([x, writer.columns(channels, factors)], attributes);
}

/**
 * Blocked filters of one row, each the sum of the three rows of the filter by these factors. Computed here: the runtime would
 * copy what it computes beforehand several times over.
 */
function mixedFilters<const Sums extends readonly (readonly number[])[]>(
  { writer, block, filter, map, after }: ByRows,
  sums: Sums,
): { [At in keyof Sums]: string } {
  const [, before] = map;
  const taps = writer.knownNumbers(filter, [after, before, 3, 3]);
  const names = sums.map((sum, at) => {
    const mixed = mixedFilter(taps, sum, [after, before, block]);
    return writer.array([after, before, 1, 3], mixed, `${filter} by rows ${sums.length} ${at}`);
  });
  return names as { [At in keyof Sums]: string };
}

/** Of `taps` [after, before, 3, 3] the sums of rows u, v, w times, as [after / block, before / block, 3, block, block]. */
function mixedFilter(
  taps: Float32Array,
  [u = 0, v = 0, w = 0]: readonly number[],
  [after, before, block]: readonly [number, number, number],
): Float32Array {
  const mixed = new Float32Array(after * before * 3);
  const filter = before * 9;
  let place = 0;
  for (let to = 0; to < after; to += block)
    for (let from = 0; from < before; from += block)
      for (let column = 0; column < 3; column++)
        for (let own = from; own < from + block; own++) {
          let tap = to * filter + own * 9 + column;
          for (let lane = 0; lane < block; lane++, tap += filter)
            mixed[place++] = u * taps[tap]! + v * taps[tap + 3]! + w * taps[tap + 6]!;
        }
  return mixed;
}

const ALONG = { ...window(1, [1, 3]), pads: ints([0, 1, 0, 1]) };

function convolved({ writer }: ByRows, rows: string, filter: string): string {
  return writer.convolution([rows, filter], ALONG);
}

/** The last of what a row is made of, with `sum`, the rest. */
function finished({ writer, bias, activation }: ByRows, rows: string, filter: string, sum: string): string {
  return writer.convolution([rows, filter, bias, sum], { ...ALONG, ...activation });
}
