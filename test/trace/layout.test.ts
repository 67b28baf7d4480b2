import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { permute, repeat } from '../../src/trace/elements.ts';
import { identity, inverse, pick, regroup, sameSequence, withoutAxes } from '../../src/trace/layout.ts';

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, dim) => size * dim, 1);
const counting = (length: number): Float32Array => Float32Array.from({ length }, (_, index) => index);

/** Axes permuted one element at a time. */
function permutedSlowly(elements: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  const result = new Float32Array(elements.length);
  const target = pick(shape, order);
  elements.forEach((element, index) => {
    let rest = index;
    const position = shape.toReversed().map((extent) => {
      const at = rest % extent;
      rest = Math.floor(rest / extent);
      return at;
    }).reverse(); // prettier-ignore
    result[pick(position, order).reduce((flat, at, axis) => flat * target[axis]! + at, 0)] = element;
  });
  return result;
}

const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 0, maxLength: 5 });
const placed = shapes.chain((shape) =>
  fc.shuffledSubarray(identity(shape.length), { minLength: shape.length }).map((order) => ({ shape, order })),
);

describe('permute', () => {
  test('equals moving one element at a time', () => {
    fc.assert(
      fc.property(placed, ({ shape, order }) => {
        const elements = counting(sizeOf(shape));
        expect(permute(elements, shape, order)).toEqual(permutedSlowly(elements, shape, order));
      }),
    );
  });

  test.each([
    [
      [70, 45],
      [1, 0],
    ],
    [
      [3, 3, 37, 65],
      [3, 2, 0, 1],
    ],
    [
      [40, 33, 3, 3],
      [1, 0, 2, 3],
    ],
    [
      [40, 33, 9, 9],
      [1, 0, 2, 3],
    ],
    [
      [2, 41, 3, 35],
      [2, 3, 0, 1],
    ],
  ] as [number[], number[]][])('%j as %j, larger than a tile', (shape, order) => {
    const elements = counting(sizeOf(shape));
    expect(permute(elements, shape, order)).toEqual(permutedSlowly(elements, shape, order));
  });

  test('shares the array where nothing moves', () => {
    const elements = counting(12);
    expect(permute(elements, [3, 1, 4], [1, 0, 2])).toBe(elements);
  });
});

test('repeat carries out broadcasting', () => {
  expect([...repeat(Float32Array.of(1, 2), [2, 1], [2, 3])]).toEqual([1, 1, 1, 2, 2, 2]);
  expect([...repeat(Int32Array.of(1, 2), [1, 2], [2, 2])]).toEqual([1, 2, 1, 2]);
  expect([...repeat(Uint8Array.of(1), [1, 1], [2, 2])]).toEqual([1, 1, 1, 1]);
});

describe('regroup', () => {
  /** Another way to write a shape: factors split off and merged at random. */
  const target = (shape: readonly number[]): fc.Arbitrary<number[]> => {
    const size = sizeOf(shape);
    const divisors = identity(size + 1).filter((n) => n > 0 && size % n === 0);
    const split = fc.constantFrom(...divisors).map((n) => [n, size / n]);
    const twice = split.chain(([a, b]) => split.map(([c]) => (b! % c! === 0 ? [a!, c!, b! / c!] : [a!, b!])));
    const widened: number[][] = [
      [1, size, 1],
      [...shape, 1],
      [1, ...shape],
    ];
    return fc.oneof(split, twice, fc.constantFrom(...widened));
  };

  test('reads the same elements as a reshape in logical order', () => {
    let direct = 0;
    fc.assert(
      fc.property(
        placed.chain((value) => target(value.shape).map((to) => ({ ...value, to }))),
        ({ shape, order, to }) => {
          const result = regroup(shape, shape, order, to);
          if (result === null) return;
          direct++;
          const logical = counting(sizeOf(shape));
          const physical = permute(logical, shape, order);
          expect([...result.order].sort((a, b) => a - b)).toEqual(identity(to.length));
          expect(result.extents).toEqual(to);
          // Back from physical to logical: axis k of the result lies at place inverse(order)[k].
          expect(permute(physical, pick(to, result.order), inverse(result.order))).toEqual(logical);
        },
      ),
    );
    expect(direct).toBeGreaterThan(20);
  });

  const nhwcAsNchw = [0, 3, 1, 2];

  test('places merge where channels lie first', () => {
    const result = regroup([2, 4, 5, 3], [2, 4, 5, 3], nhwcAsNchw, [2, 20, 3]);
    expect(result).toEqual({ order: [0, 2, 1], extents: [2, 20, 3] });
  });

  test('flattening an image that lies channels first needs the data moved, unless it has one place', () => {
    expect(regroup([2, 4, 5, 3], [2, 4, 5, 3], nhwcAsNchw, [2, 60])).toBeNull();
    expect(regroup([2, 1, 1, 3], [2, 1, 1, 3], nhwcAsNchw, [2, 3])).toEqual({ order: [0, 1], extents: [2, 3] });
  });

  test('a pending repetition stays pending, unless it is merged with what is stored', () => {
    expect(regroup([2, 3], [2, 1], [0, 1], [2, 1, 3])).toMatchObject({ extents: [2, 1, 1] });
    expect(regroup([2, 3], [1, 1], [0, 1], [6])).toMatchObject({ extents: [1] });
    expect(regroup([2, 3], [2, 1], [0, 1], [6])).toBeNull();
  });

  test('nothing is nothing in any order', () => {
    expect(regroup([0, 3], [0, 3], [0, 1], [3, 0])).toEqual({ order: [0, 1], extents: [3, 0] });
    expect(regroup([0, 3], [0, 3], [1, 0], [3, 0])).toBeNull();
  });
});

test('axes of one element do not count in a sequence', () => {
  expect(sameSequence([0, 3, 1, 2], [0, 1, 2, 3], [2, 1, 1, 5])).toBe(true);
  expect(sameSequence([0, 3, 1, 2], [0, 1, 2, 3], [2, 4, 1, 5])).toBe(false);
});

test('dropping axes renumbers the others', () => {
  expect(withoutAxes([0, 3, 1, 2], [1, 2])).toEqual([0, 1]);
  expect(withoutAxes([0, 3, 1, 2], [0])).toEqual([2, 0, 1]);
});
