import { describe, expect, it } from 'vitest';
import { Random } from '../../src/lib/random.ts';

const draw = (random: Random, count: number, from: (random: Random) => number): number[] =>
  Array.from({ length: count }, () => from(random));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('Random', () => {
  it('gives the numbers of xoshiro128** from the state 1, 2, 3, 4', () => {
    // rotl(2 * 5, 7) * 9 = 11520; then the second word is 1 ^ 2 ^ 3 = 0; the third is the one that rand_xoshiro's tests expect.
    const random = Random.from({ words: [1, 2, 3, 4], spare: null });
    expect(draw(random, 3, (r) => r.word())).toEqual([11520, 0, 5927040]);
  });

  it('repeats itself for the same seed and names, and for nothing else', () => {
    const first = (...names: Parameters<typeof Random.of>) => draw(Random.of(...names), 4, (r) => r.word()).join();
    expect(first(1, 'a')).toBe(first(1, 'a'));
    const others = [
      first(1, 'a'),
      first(2, 'a'),
      first(1, 'b'),
      first(1),
      first(1, 'a', 'b'),
      first(1, 'ab'),
      first(-1),
      first(0.5),
    ];
    expect(new Set(others).size).toBe(others.length);
  });

  it('goes on from a stored state, also between two normal numbers', () => {
    const random = Random.of(7);
    random.normal();
    const twin = Random.from(structuredClone(random.state));
    expect(draw(twin, 5, (r) => r.normal())).toEqual(draw(random, 5, (r) => r.normal()));
  });

  it('draws evenly and normally', () => {
    const random = Random.of(11, 'moments');
    const even = draw(random, 20_000, (r) => r.unit());
    expect(mean(even)).toBeCloseTo(0.5, 1.7);
    expect(Math.min(...even)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...even)).toBeLessThan(1);
    const normal = draw(random, 20_000, (r) => r.normal());
    expect(Math.abs(mean(normal))).toBeLessThan(0.03);
    expect(Math.abs(mean(normal.map((x) => x * x)) - 1)).toBeLessThan(0.04);
    const dice = draw(random, 6000, (r) => r.below(6));
    for (let face = 0; face < 6; face++)
      expect(Math.abs(dice.filter((d) => d === face).length - 1000)).toBeLessThan(150);
  });

  it('shuffles without losing anything', () => {
    const items = Array.from({ length: 100 }, (_, index) => index);
    const shuffled = Random.of(3).shuffled(items);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
  });
});
