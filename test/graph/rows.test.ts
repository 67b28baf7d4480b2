// Convolutions of 3 x 3 by several rows at a time: the same numbers as the convolution, and only where it is one of that kind.
import { expect, test } from 'vitest';
import { blockSize } from '../../src/engine/block-size.ts';
import { float, int, ints } from '../../src/graph/attributes.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { BLOCKED_DOMAIN, blocked } from '../../src/graph/passes/blocked/blocked.ts';
import { constantOf } from '../../src/graph/tensor.ts';
import { largestDifference } from '../arrays.ts';
import { Network, run } from './gated-network.ts';

const KERNEL = { pads: ints([1, 1, 1, 1]) };

interface Case {
  readonly title: string;
  readonly batch?: number;
  readonly size?: readonly [number, number];
  /** Of a map of 64 channels. */
  readonly make: (n: Network, x: string) => string;
  readonly byRows: number;
}

const plain = (n: Network, x: string): string => n.conv(x, 64, 64, 3);
const cases: readonly Case[] = [
  { title: 'as it is', make: plain, byRows: 1 },
  { title: 'four rows', size: [4, 5], make: plain, byRows: 1 },
  { title: 'two rows', size: [2, 5], make: plain, byRows: 1 },
  { title: 'one column', size: [4, 1], make: plain, byRows: 1 },
  { title: 'three pictures, fewer channels after', batch: 3, make: (n, x) => n.conv(x, 48, 64, 3), byRows: 1 },
  { title: 'two in a row', make: (n, x) => plain(n, plain(n, x)), byRows: 2 },
  { title: 'no bias', make: (n, x) => n.node('Conv', [x, n.known(64, 64, 3, 3)], KERNEL), byRows: 1 },
  { title: 'followed by ReLU', make: (n, x) => n.node('Relu', [plain(n, x)]), byRows: 1 },
  {
    title: 'followed by a leaky ReLU',
    make: (n, x) => n.node('LeakyRelu', [plain(n, x)], { alpha: float(0.3) }),
    byRows: 1,
  },
  { title: 'followed by swish', make: (n, x) => swish(n, plain(n, x)), byRows: 1 },
  {
    title: 'a filter times a number for each channel after',
    make: (n, x) =>
      n.node('Conv', [x, n.node('Mul', [n.known(64, 64, 3, 3), n.known(64, 1, 1, 1)]), n.known(64)], KERNEL),
    byRows: 1,
  },
  {
    title: 'a filter times another',
    make: (n, x) => n.node('Conv', [x, n.node('Mul', [n.known(64, 64, 3, 3), n.known(64, 64, 3, 3)])], KERNEL),
    byRows: 1,
  },
  {
    title: 'two that are added: the first of them',
    make: (n, x) => n.node('Add', [plain(n, x), plain(n, x)]),
    byRows: 1,
  },
  { title: 'an odd number of rows', size: [7, 5], make: plain, byRows: 0 },
  { title: 'few channels', make: (n, x) => n.conv(x, 32, 64, 3), byRows: 0 },
  { title: 'five taps', make: (n, x) => n.conv(x, 64, 64, 5), byRows: 0 },
  {
    title: 'steps of two',
    make: (n, x) => n.node('Conv', [x, n.known(64, 64, 3, 3)], { ...KERNEL, strides: ints([2, 2]) }),
    byRows: 0,
  },
  {
    title: 'taps two apart',
    make: (n, x) => n.node('Conv', [x, n.known(64, 64, 3, 3)], { pads: ints([2, 2, 2, 2]), dilations: ints([2, 2]) }),
    byRows: 0,
  },
  { title: 'no padding', make: (n, x) => n.node('Conv', [x, n.known(64, 64, 3, 3)]), byRows: 0 },
  {
    title: 'groups',
    make: (n, x) => n.node('Conv', [x, n.known(64, 32, 3, 3)], { ...KERNEL, group: int(2) }),
    byRows: 0,
  },
  { title: 'added to another map', make: (n, x) => n.node('Add', [plain(n, x), x]), byRows: 0 },
];

const swish = (n: Network, x: string): string => n.node('Mul', [x, n.node('Sigmoid', [x])]);

/** How many rows at a time each of these convolutions is written by. */
const rowsAtOnce = ({ nodes }: Graph): number[] =>
  nodes
    .filter(({ op, inputs }) => op === 'Concat' && inputs.every((name) => name.startsWith('blocked/')))
    .map(({ inputs }) => inputs.length);

for (const { title, batch = 1, size, make, byRows } of cases)
  for (const [height, width] of size === undefined
    ? ([
        [6, 5],
        [8, 5],
      ] as const)
    : [size])
    // prettier-ignore
    test(`${title}, ${height} x ${width}`, async (context) => {
      const block = await blockSize();
      if (block === null) context.skip('ONNX Runtime has no blocked layout on this processor');
      const n = new Network(batch, [height, width]);
      const before = n.finish(make(n, n.gate(n.conv(n.x, 64, 3, 3), 64)));
      const after = blocked(before, block!);
      expect(rowsAtOnce(after)).toEqual(new Array(byRows).fill(height % 4 === 0 ? 4 : 2));
      expect(largestDifference(await run(after), await run(before))).toBeLessThan(5e-6);
    });

for (const [height, counts] of [
  [2, [4, 6, 4, 4, 6, 4]],
  [4, [4, 6, 4, 6, 9, 6, 6, 9, 6, 4, 6, 4]],
] as const)
  test(`a map of ones under a filter of ones counts what is there, ${height} rows`, async (context) => {
    const block = await blockSize();
    if (block === null) context.skip('ONNX Runtime has no blocked layout on this processor');
    const n = new Network(1, [height, 3]);
    const ones = n.node('HardSigmoid', [n.gate(n.conv(n.x, 64, 3, 3), 64)], { alpha: float(0), beta: float(1) });
    const filter = n.b.constant(constantOf('float32', [64, 64, 3, 3], new Float32Array(64 * 64 * 9).fill(1)));
    const graph = blocked(n.finish(n.node('Conv', [ones, filter], KERNEL)), block!);
    expect(rowsAtOnce(graph)).toEqual([height]);
    const found = [...(await run(graph)).subarray(0, counts.length)];
    found.forEach((value, at) => expect(value).toBeCloseTo(counts[at]! * 64, 3));
  });

/** Convolutions and pools as in VGG, of a picture of so many rows and columns. */
function ofPools(side: number, pool: Parameters<Network['node']>[2]): Graph {
  const n = new Network(2, [side, side]);
  const stage = (x: string, after: number, before: number): string => {
    const first = n.node('Relu', [n.conv(x, after, before, 3)]);
    const second = n.node('Relu', [n.conv(first, after, after, 3)]);
    return n.node('MaxPool', [second], { kernel_shape: ints([2, 2]), strides: ints([2, 2]), ...pool });
  };
  return n.finish(stage(stage(n.x, 64, 3), 96, 64), 0);
}

const pools = [
  { title: 'pools of two', pool: {}, inBlocks: 2 },
  { title: 'pools of three with an edge', pool: { kernel_shape: ints([3, 3]), pads: ints([1, 1, 1, 1]) }, inBlocks: 2 },
  { title: 'pools with an edge on one side', pool: { pads: ints([0, 1, 0, 1]) }, inBlocks: 2 },
  { title: 'pools that round up', pool: { ceil_mode: int(1) }, inBlocks: 0 },
  { title: 'pools of places two apart', pool: { dilations: ints([2, 2]) }, inBlocks: 0 },
];
for (const { title, pool, inBlocks } of pools)
  test(`a network without gates, ${title}`, async (context) => {
    const block = await blockSize();
    if (block === null) context.skip('ONNX Runtime has no blocked layout on this processor');
    const before = ofPools(48, pool);
    const after = blocked(before, block!);
    const isWritten = inBlocks > 0;
    expect(rowsAtOnce(after).length > 0).toBe(isWritten);
    expect(after.nodes.filter(({ op, domain }) => op === 'MaxPool' && domain === BLOCKED_DOMAIN)).toHaveLength(
      inBlocks,
    );
    expect(largestDifference(await run(after), await run(before))).toBeLessThan(5e-6);
  });

test('a network without gates is left to the runtime where maps are small or pictures few', async (context) => {
  const block = await blockSize();
  if (block === null) context.skip('ONNX Runtime has no blocked layout on this processor');
  const [small, large] = [ofPools(16, {}), ofPools(48, {})];
  expect(blocked(small, block!)).toBe(small);
  expect(blocked(small, block!, 1000)).not.toBe(small);
  expect(blocked(large, block!, 5)).toBe(large);
});

const reduced = [
  ['mean', (n: Network, x: string): string => n.node('ReduceMean', [x, n.integers(2, 3)])],
  ['sum', (n: Network, x: string): string => n.node('ReduceSum', [x, n.integers(2, 3)])],
  ['sum of products', (n: Network, x: string): string => n.node('ReduceSum', [swish(n, x), n.integers(2, 3)])],
] as const;
for (const [title, make] of reduced)
  test(`a ${title} over ten thousand places is as exact as the runtime's`, async (context) => {
    const block = await blockSize();
    if (block === null) context.skip('ONNX Runtime has no blocked layout on this processor');
    const n = new Network(2, [96, 108]);
    const near = n.node('HardSigmoid', [n.node('Relu', [n.conv(n.conv(n.x, 64, 3, 3), 64, 64, 3)])], { alpha: float(1e-3), beta: float(0.1) }); // prettier-ignore
    const before = n.finish(make(n, near), 0);
    const after = blocked(before, block!);
    expect(after).not.toBe(before);
    const wanted = await run(before);
    const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largestDifference(await run(after), wanted) / largest).toBeLessThan(2e-5);
  });
