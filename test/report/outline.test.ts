import { describe, expect, it } from 'vitest';
import { outlinePath, reduceMask, shareInside } from '../../src/report/outline.ts';

const square = (size: number, inside: (x: number, y: number) => boolean) => ({
  width: size,
  height: size,
  data: Uint8Array.from({ length: size * size }, (_, i) => (inside(i % size, Math.floor(i / size)) ? 1 : 0)),
});

describe('outlinePath', () => {
  it('goes once round a square, its corners cut by half a cell', () => {
    const path = outlinePath(square(10, (x, y) => x >= 2 && x < 8 && y >= 2 && y < 8));
    const numbers = [...path.matchAll(/\d+/g)].map(Number);
    expect(path).toMatch(/^M[^M]*z$/);
    expect(Math.min(...numbers)).toBe(200);
    expect(Math.max(...numbers)).toBe(800);
    expect(numbers.length / 2).toBeLessThanOrEqual(8);
  });

  it('goes round every part and every hole, and is empty for an empty mask', () => {
    const ring = square(20, (x, y) => x >= 2 && x < 18 && y >= 2 && y < 18 && !(x >= 8 && x < 12 && y >= 8 && y < 12));
    expect(outlinePath(ring).match(/M/g)).toHaveLength(2);
    expect(outlinePath(square(8, () => false))).toBe('');
    expect(outlinePath(square(8, () => true))).toMatch(/^M/);
  });

  it('follows a circle to within a cell with few points', () => {
    const path = outlinePath(square(128, (x, y) => Math.hypot(x - 63.5, y - 63.5) < 50));
    const points = [...path.matchAll(/(\d+) (\d+)/g)].map(([, x, y]) =>
      Math.hypot(Number(x) * 0.128 - 64, Number(y) * 0.128 - 64),
    );
    expect(points.length).toBeLessThan(60);
    for (const radius of points) expect(Math.abs(radius - 50)).toBeLessThan(1);
  });
});

describe('reduceMask', () => {
  it('keeps small masks, and the form of large ones', () => {
    const small = square(20, (x) => x < 5);
    expect(reduceMask(small)).toBe(small);
    const reduced = reduceMask(square(1000, (x, y) => x < 500 && y < 250));
    expect([reduced.width, reduced.height]).toEqual([128, 128]);
    expect(reduced.data.reduce((sum, value) => sum + value, 0)).toBe(64 * 32);
  });
});

describe('shareInside', () => {
  const half = square(8, (x) => x < 4);
  const picture = { width: 80, height: 80 };
  it('is the part of the positive values over the mask', () => {
    const flat = { width: 2, height: 2, data: Float32Array.of(1, 1, 1, 1) };
    expect(shareInside(flat, half, { x: 0, y: 0, width: 80, height: 80 }, picture)).toBeCloseTo(0.5, 6);
    // The map covers the right half of the picture only, where no mask is.
    expect(shareInside(flat, half, { x: 40, y: 0, width: 40, height: 80 }, picture)).toBe(0);
    const negative = { width: 2, height: 1, data: Float32Array.of(3, -100) };
    expect(shareInside(negative, half, { x: 0, y: 0, width: 80, height: 80 }, picture)).toBe(1);
  });

  it('is nothing for a map that is zero', () => {
    expect(
      shareInside(
        { width: 1, height: 1, data: Float32Array.of(0) },
        half,
        { x: 0, y: 0, width: 80, height: 80 },
        picture,
      ),
    ).toBeNull();
  });
});
