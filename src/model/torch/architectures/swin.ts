// Swin Transformer: attention within windows, shifted by half a window in every second block. Liu et al. 2021,
// https://arxiv.org/abs/2103.14030
import { constantOf } from '../../../graph/tensor.ts';
import { depthsOf, type Family } from '../architecture.ts';
import { classify } from '../head.ts';
import type { Network, Value } from '../network.ts';
import type { Weights } from '../weights.ts';
import { attention } from './attention.ts';

const EPSILON = 1e-5;
/** Cells along a side of the largest window that is believed: a damaged file could ask for any. */
const MAX_WINDOW = 32;
/** Added to the scores of cells that only the shift has brought together. */
const APART = -100;

const variant = (depths: string, width: number) => ({ signature: `${depths}, width ${width}` });

export const swin: Family = {
  id: 'swin',
  title: 'Swin Transformer',
  marks: ['features.0.0.weight', 'features.1.0.attn.relative_position_bias_table', 'features.1.0.attn.qkv.weight'],
  signature: (weights) =>
    `${depthsOf(weights, stagesOf(weights)).join('-')}, width ${weights.shapeOf('features.0.0.weight')?.[0]}`,
  variants: { swin_t: variant('2-2-6-2', 96), swin_s: variant('2-2-18-2', 96), swin_b: variant('2-2-18-2', 128) },
  isOpen: (weights) => stagesOf(weights).length === 4,
  ignored: /\.attn\.relative_position_index$/,
  build(net, image) {
    const patch = net.weights.shapeOf('features.0.0.weight')?.[2] ?? 4;
    const patches = net.conv(image, 'features.0.0', { stride: patch, padding: [0, 0] });
    let x = net.layerNorm(
      net.transpose(patches, 'features.0.1', [0, 2, 3, 1], 'features.0.1'),
      'features.0.2',
      EPSILON,
    );
    for (const [index, stage] of stagesOf(net.weights).entries()) {
      if (index > 0) x = merged(net, x, `features.${2 * index}`);
      const blocks = net.weights.countOf(`${stage}.`);
      for (let block = 0; block < blocks; block++) x = windowBlock(net, x, `${stage}.${block}`, block % 2 === 1);
    }
    x = net.transpose(net.layerNorm(x, 'norm', EPSILON), 'permute', [0, 3, 1, 2], 'permute');
    return classify(net, net.flatten(net.globalAverage(x, 'avgpool'), ''), 'head');
  },
};

/** Stages have odd numbers, what merges patches between them even ones. */
const stagesOf = (weights: Weights): string[] =>
  weights
    .indicesOf('features')
    .filter((index) => index % 2 === 1)
    .map((index) => `features.${index}`);

/** Four neighbours become one: [b, h, w, c] -> [b, h / 2, w / 2, 2 c]. */
function merged(net: Network, x: Value, path: string): Value {
  const [, height = 1, width = 1] = x.shape;
  const even = height % 2 === 0 && width % 2 === 0 ? x : net.padEnd(x, [0, height % 2, width % 2, 0], path);
  const parts = [0, 1].flatMap((column) =>
    [0, 1].map((row) => everySecond(net, everySecond(net, even, 1, row, path), 2, column, path)),
  );
  return net.linear(net.layerNorm(net.concat(parts, 3, path), `${path}.norm`, EPSILON), `${path}.reduction`);
}

const everySecond = (net: Network, x: Value, axis: number, from: number, path: string): Value =>
  net.slice(x, axis, from, x.shape[axis]!, path, 2);

function windowBlock(net: Network, x: Value, path: string, isShifted: boolean): Value {
  const y = windowAttention(net, net.layerNorm(x, `${path}.norm1`, EPSILON), `${path}.attn`, isShifted);
  const middle = net.add(x, y, path);
  const wide = net.gelu(net.linear(net.layerNorm(middle, `${path}.norm2`, EPSILON), `${path}.mlp.0`), `${path}.mlp.1`);
  return net.add(middle, net.linear(wide, `${path}.mlp.3`), path);
}

function windowAttention(net: Network, x: Value, path: string, isShifted: boolean): Value {
  const [batch = 1, height = 1, width = 1, channels = 1] = x.shape;
  const [places = 1, heads = 1] = net.weights.shapeOf(`${path}.relative_position_bias_table`) ?? [];
  const side = Math.min(MAX_WINDOW, Math.max(1, Math.floor((Math.sqrt(places) + 1) / 2)));
  const padding = [height, width].map((size) => (side - (size % side)) % side);
  const padded = padding.some((size) => size > 0) ? net.padEnd(x, [0, ...padding, 0], path) : x;
  const sides = padded.shape.slice(1, 3);
  // A window that covers the whole side has nothing to be shifted against.
  const shifts = sides.map((size) => (isShifted && side < size ? Math.floor(side / 2) : 0));
  const shifted = shifts.reduce((y, shift, axis) => rolled(net, y, axis + 1, shift, path), padded);

  const [rows = 1, columns = 1] = sides.map((size) => size / side);
  const grid = net.reshape(shifted, [batch, rows, side, columns, side, channels], path);
  const windows = net.reshape(
    net.transpose(grid, path, [0, 1, 3, 2, 4, 5]),
    [batch * rows * columns, side * side, channels],
    path,
  );
  const bias = positionBias(net, path, side, heads);
  const mask = shifts.some((shift) => shift > 0) ? shiftMask(net, sides, side, shifts) : null;
  const y = attention(net, windows, path, {
    weight: net.weight(`${path}.qkv.weight`, [3 * channels, channels]),
    bias: net.weights.has(`${path}.qkv.bias`) ? net.weight(`${path}.qkv.bias`, [3 * channels]) : null,
    out: `${path}.proj`,
    heads,
    adjust: (scores) => masked(net, net.add(scores, bias, path), mask, batch, path),
  });

  const apart = net.reshape(y, [batch, rows, columns, side, side, channels], path);
  const together = net.reshape(net.transpose(apart, path, [0, 1, 3, 2, 4, 5]), [batch, ...sides, channels], path);
  const back = shifts.reduce((z, shift, axis) => rolled(net, z, axis + 1, -shift, path), together);
  return [height, width].reduce(
    (z, size, axis) => (size === z.shape[axis + 1] ? z : net.slice(z, axis + 1, 0, size, path)),
    back,
  );
}

/** The first `by` rows go to the end; where negative, as many of the last ones to the start. */
function rolled(net: Network, x: Value, axis: number, by: number, path: string): Value {
  if (by === 0) return x;
  const size = x.shape[axis]!;
  const at = by > 0 ? by : size + by;
  return net.concat([net.slice(x, axis, at, size, path), net.slice(x, axis, 0, at, path)], axis, path);
}

/** [heads, cells, cells]: learnt for every distance between two cells of a window. */
function positionBias(net: Network, path: string, side: number, heads: number): Value {
  const span = 2 * side - 1;
  const table = net.weight(`${path}.relative_position_bias_table`, [span * span, heads]);
  const cells = side * side;
  const indices = Array.from({ length: cells * cells }, (_, index) => {
    const [from, to] = [Math.floor(index / cells), index % cells];
    const row = Math.floor(from / side) - Math.floor(to / side) + side - 1;
    const column = (from % side) - (to % side) + side - 1;
    return row * span + column;
  });
  return net.transpose(net.reshape(net.rows(table, indices, path), [cells, cells, heads], path), path, [2, 0, 1]);
}

/** [windows, 1, cells, cells]: which cells of a window lay apart before the shift. */
function shiftMask(net: Network, sides: readonly number[], side: number, shifts: readonly number[]): Value {
  const [height = 1, width = 1] = sides;
  // Of three regions along each side: before the last window, in it, in the part that came from the other end.
  const regionOf = (at: number, size: number, shift: number): number =>
    shift === 0 ? 0 : at < size - side ? 0 : at < size - shift ? 1 : 2;
  const [rows, columns] = [height / side, width / side];
  const cells = side * side;
  const mask = new Float32Array(rows * columns * cells * cells);
  for (let window = 0; window < rows * columns; window++) {
    const regions = Array.from({ length: cells }, (_, cell) => {
      const row = Math.floor(window / columns) * side + Math.floor(cell / side);
      const column = (window % columns) * side + (cell % side);
      return 3 * regionOf(row, height, shifts[0]!) + regionOf(column, width, shifts[1]!);
    });
    for (let from = 0; from < cells; from++) {
      for (let to = 0; to < cells; to++) {
        if (regions[from] !== regions[to]) mask[(window * cells + from) * cells + to] = APART;
      }
    }
  }
  return net.constant(constantOf('float32', [rows * columns, 1, cells, cells], mask));
}

function masked(net: Network, scores: Value, mask: Value | null, batch: number, path: string): Value {
  if (mask === null) return scores;
  const [groups = 1, heads = 1, cells = 1] = scores.shape;
  const perPicture = net.reshape(scores, [batch, groups / batch, heads, cells, cells], path);
  return net.reshape(net.add(perPicture, mask, path), scores.shape, path);
}
