// Graphs that look like what the pass into blocks knows and are not, or are in an unusual way: each computes the same as before.
import { expect, test } from 'vitest';
import { blockSize } from '../../src/engine/block-size.ts';
import { int } from '../../src/graph/attributes.ts';
import { blocked } from '../../src/graph/passes/blocked/blocked.ts';
import { largestDifference } from '../arrays.ts';
import { Network, run } from './gated-network.ts';

const gradient = (n: Network, axes: number[], keepdims: number): string => {
  const h = n.conv(n.x, 32, 3, 3);
  const s = n.node('Sigmoid', [n.conv(n.average(h), 32, 32)]);
  const d = n.conv(n.node('Mul', [h, s]), 32, 32, 3);
  const sum = n.node('ReduceSum', [n.node('Mul', [d, h]), n.integers(...axes)], { keepdims: int(keepdims) });
  return n.node('Mul', [sum, n.node('Mul', [s, n.oneMinus(s)])]);
};
const filtered = (n: Network, after: number, before: number, factor: string): string =>
  n.average(
    n.node('Conv', [n.gate(n.conv(n.x, before, 3, 3), before), n.node('Mul', [n.known(after, before, 3, 3), factor])]),
  );

const cases: readonly (readonly [string, number, (n: Network) => string])[] = [
  ['slice: 32 of 64 channels, two pictures', 2, (n) => n.first(n.gate(n.conv(n.x, 64, 3, 3), 64), 32)],
  ['slice: 10 of 32 channels, two pictures', 2, (n) => n.first(n.gate(n.conv(n.x, 32, 3, 3), 32), 10)],
  [
    'slice: 32 of 64 channels before a convolution',
    1,
    (n) => n.average(n.gate(n.conv(n.first(n.gate(n.conv(n.x, 64, 3, 3), 64), 32), 32, 32), 32)),
  ],
  [
    'slice: 32 of 64 channels added to a convolution',
    1,
    (n) => {
      const g = n.gate(n.conv(n.x, 64, 3, 3), 64);
      return n.average(n.gate(n.node('Add', [n.conv(g, 32, 64), n.first(g, 32)]), 32));
    },
  ],
  [
    'c + c of points',
    1,
    (n) => {
      const c = n.conv(n.average(n.x), 32, 3);
      return n.node('Add', [c, c]);
    },
  ],
  [
    'c + c of filled maps',
    1,
    (n) => {
      const c = n.conv(n.x, 24, 3, 3);
      return n.average(n.gate(n.node('Add', [c, c]), 24));
    },
  ],
  [
    'c + c of maps',
    1,
    (n) => {
      const c = n.conv(n.x, 32, 3, 3);
      return n.average(n.gate(n.node('Add', [c, c]), 32));
    },
  ],
  [
    'number [1, 1, 1, 1] with 12 channels',
    1,
    (n) => {
      const m = n.conv(n.x, 12, 3, 3);
      return n.conv(n.node('Mul', [m, n.conv(n.average(m), 1, 12)]), 32, 12);
    },
  ],
  [
    'number [1, 1, 1, 1] with 24 channels',
    1,
    (n) => {
      const m = n.conv(n.x, 24, 3, 3);
      return n.conv(n.node('Mul', [m, n.conv(n.average(m), 1, 24)]), 32, 24);
    },
  ],
  ['gate: sum over the batch, too', 2, (n) => gradient(n, [0, 2, 3], 1)],
  ['gate: sum without kept axes', 2, (n) => gradient(n, [2, 3], 0)],
  [
    'slope of swish at a sigmoid (point)',
    1,
    (n) => {
      const s = n.node('Sigmoid', [n.conv(n.average(n.x), 32, 3)]);
      const y = n.node('Mul', [n.node('Sigmoid', [s]), s]);
      return n.node('Add', [s, n.node('Mul', [y, n.oneMinus(s)])]);
    },
  ],
  ['filter times a number for each channel that it reads', 1, (n) => filtered(n, 32, 32, n.known(1, 32, 1, 1))],
  ['the same, of 24 channels', 1, (n) => filtered(n, 32, 24, n.known(24, 1, 1))],
  ['filter times a number for each tap', 1, (n) => filtered(n, 32, 32, n.known(3, 3))],
  [
    'one factor of a filter of one, and of another',
    1,
    (n) => {
      const p = n.average(n.x),
        f = n.known(1, 1, 1, 1);
      const of = (after: number): string =>
        n.node('Conv', [n.conv(p, 1096, 3), n.node('Mul', [n.known(after, 1096, 1, 1), f])]);
      return n.node('Concat', [of(1), of(12)], { axis: int(1) });
    },
  ],
];

for (const [title, batch, make] of cases)
  test(title, async (context) => {
    const size = await blockSize();
    if (size === null) context.skip('ONNX Runtime has no blocked layout on this processor');
    const n = new Network(batch);
    const before = n.finish(make(n));
    const after = blocked(before, size!);
    expect(after).not.toBe(before);
    expect(largestDifference(await run(after), await run(before))).toBeLessThan(2e-5);
  });
