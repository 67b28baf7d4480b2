// Levels against sorting everything, and their sort against the language's own.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { levelsOf, sidesOf, sorted } from '../../../src/metrics/maps/levels.ts';

/** Few distinct values, so that there are ties; now and then one far off, so that parts of the range are crowded. */
const value = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: -4, max: 9 }).map((n) => n / 8) },
  { weight: 4, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true, min: -2, max: 2 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, 1e30, -1e30, 1e-40) },
);

test('levels worked by hand', () => {
  // Descending: 5 in, 4 out, 3 in, 3 out, 2 out, 1 in; 0 out lies below all inside.
  const values = Float32Array.of(3, 0, 5, 4, 1, 3, 2);
  const { count, ...level } = levelsOf(values, sidesOf(Uint8Array.of(1, 0, 1, 0, 1, 0, 0)));
  expect(count).toBe(3);
  expect([...level.value]).toEqual([5, 3, 1]);
  expect([...level.inside]).toEqual([1, 1, 1]);
  expect([...level.outside]).toEqual([0, 1, 0]);
  expect([...level.above]).toEqual([0, 1, 3]);
});

test('levels are those of counting', () => {
  const pixels = fc.array(fc.tuple(value, fc.boolean()), { minLength: 1, maxLength: 120 });
  fc.assert(
    fc.property(pixels, (all) => {
      const values = Float32Array.from(all, ([one]) => one);
      const inside = Uint8Array.from(all, ([, within]) => (within ? 1 : 0));
      inside[0] = 1;
      const distinct = [...new Set([...values].filter((_, p) => inside[p] === 1).map((one) => one + 0))];
      const counted = distinct
        .sort((a, b) => b - a)
        .map((level) => ({
          level,
          inside: values.filter((one, p) => inside[p] === 1 && one === level).length,
          outside: values.filter((one, p) => inside[p] === 0 && one === level).length,
          above: values.filter((one, p) => inside[p] === 0 && one > level).length,
        }));
      const levels = levelsOf(values, sidesOf(inside));
      const found = Array.from({ length: levels.count }, (_, k) => ({
        level: levels.value[k]! + 0,
        inside: levels.inside[k],
        outside: levels.outside[k],
        above: levels.above[k],
      }));
      expect(found).toEqual(counted);
    }),
    { numRuns: 300 },
  );
});

test('values are sorted, however they lie', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 200 }), (all) => {
      const values = Float32Array.from(all, (one) => one + 0);
      expect(sorted(values)).toEqual(values.slice().sort());
    }),
    { numRuns: 300 },
  );
});
