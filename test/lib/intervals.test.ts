// How long anything was under way.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Intervals, sharedNow } from '../../src/lib/intervals.ts';

const totalOf = (intervals: readonly (readonly [number, number])[]): number => {
  const all = new Intervals();
  for (const [from, to] of intervals) all.add(from, to);
  return all.total;
};

test('what lasts side by side counts once, and nothing between', () => {
  expect(totalOf([])).toBe(0);
  expect(
    totalOf([
      [0, 10],
      [5, 12],
      [20, 21],
    ]),
  ).toBe(13);
  expect(
    totalOf([
      [5, 6],
      [20, 30],
      [0, 40],
    ]),
  ).toBe(40);
  expect(
    totalOf([
      [20, 30],
      [0, 10],
      [10, 20],
    ]),
  ).toBe(30);
});

test('the order in which they come does not matter', () => {
  const interval = fc
    .tuple(fc.nat(60), fc.integer({ min: 1, max: 9 }))
    .map(([from, long]) => [from, from + long] as const);
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 20 }), (intervals) => {
      const seconds = new Set(intervals.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i)));
      expect(totalOf(intervals)).toBe(seconds.size);
    }),
  );
});

test('the shared clock goes on in milliseconds', async () => {
  const before = sharedNow();
  await new Promise((done) => setTimeout(done, 20));
  expect(sharedNow() - before).toBeGreaterThan(15);
  expect(sharedNow() - before).toBeLessThan(5000);
});
