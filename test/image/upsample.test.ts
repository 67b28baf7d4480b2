import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { upsample } from '../../src/image/upsample.ts';
import type { Heatmap } from '../../src/image/picture.ts';

const map = (height: number, width: number, data: readonly number[]): Heatmap => ({
  height,
  width,
  data: Float32Array.from(data),
});

describe('smooth', () => {
  it('interpolates between cell centres and holds the outer values, by hand', () => {
    // Two cells over eight pixels: centres at 2 and 6. Pixel centres 0.5, 1.5 lie before the first, 6.5, 7.5 after the
    // last; between, steps of 1/4 from 1/8 on.
    const out = upsample(map(1, 2, [0, 8]), { width: 8, height: 1 });
    expect([...out]).toEqual([0, 0, 1, 3, 5, 7, 8, 8]);
  });

  it('in both directions', () => {
    // Centre of four cells: their mean. Corners: their cells.
    const out = upsample(map(2, 2, [0, 4, 8, 12]), { width: 3, height: 3 });
    expect([out[0], out[2], out[4], out[6], out[8]]).toEqual([0, 4, 6, 8, 12]);
  });

  it('is the map itself where there is a pixel for each cell', () => {
    const data = [1, 5, 2, 8, 0, 3];
    expect([...upsample(map(2, 3, data), { width: 3, height: 2 })]).toEqual(data);
  });

  it('follows the placement; outside it there is no value', () => {
    // The map covers pixels 2..6 of eight: pixel centres 2.5, 3.5, 4.5, 5.5, cell centres 3 and 5.
    const out = upsample(map(1, 2, [0, 4]), { width: 8, height: 1, placement: { x: 2, y: 0, width: 4, height: 1 } });
    expect([...out]).toEqual([NaN, NaN, 0, 1, 3, 4, NaN, NaN]);
  });

  it('shows the part of a padded map that lies on the picture', () => {
    const out = upsample(map(4, 1, [9, 1, 2, 9]), {
      width: 1,
      height: 2,
      placement: { x: 0, y: -1, width: 1, height: 4 },
    });
    expect([...out]).toEqual([1, 2]);
  });

  it('takes a fraction of a pixel into account', () => {
    // Covered: 0.75 to 2.75; centres inside: 1.5 (u = 0.75) and 2.5 (u = 1.75), of cells centred at 0.5 and 1.5.
    const out = upsample(map(1, 2, [0, 4]), { width: 4, height: 1, placement: { x: 0.75, y: 0, width: 2, height: 1 } });
    expect([...out]).toEqual([NaN, 1, 4, NaN]);
  });

  it('keeps a constant map constant and every value within its ends', () => {
    const side = fc.integer({ min: 1, max: 9 });
    const placement = fc.record({
      x: fc.double({ min: -20, max: 20, noNaN: true }),
      y: fc.double({ min: -20, max: 20, noNaN: true }),
      width: fc.double({ min: 0.5, max: 60, noNaN: true }),
      height: fc.double({ min: 0.5, max: 60, noNaN: true }),
    });
    fc.assert(
      fc.property(
        side,
        side,
        placement,
        fc.infiniteStream(fc.float({ min: -8, max: 8, noNaN: true })),
        (height, width, place, stream) => {
          const data = [...stream.take(height * width)];
          const out = upsample(map(height, width, data), { width: 23, height: 19, placement: place });
          for (const value of out) {
            if (Number.isNaN(value)) continue;
            expect(value).toBeGreaterThanOrEqual(Math.min(...data) - 1e-5);
            expect(value).toBeLessThanOrEqual(Math.max(...data) + 1e-5);
          }
          const flat = upsample(
            map(
              height,
              width,
              data.map(() => 0.3),
            ),
            { width: 23, height: 19, placement: place },
          );
          for (const value of flat) if (!Number.isNaN(value)) expect(value).toBe(Math.fround(0.3));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('spreads a missing cell only to pixels that it has a part in', () => {
    const out = upsample(map(1, 3, [1, NaN, 3]), { width: 6, height: 1 });
    expect([...out]).toEqual([1, NaN, NaN, NaN, NaN, 3]);
  });
});

describe('cell by cell', () => {
  it('takes the cell that the pixel lies in', () => {
    expect([...upsample(map(1, 2, [1, 7]), { width: 5, height: 1, smooth: false })]).toEqual([1, 1, 7, 7, 7]);
    expect([...upsample(map(1, 3, [1, NaN, 3]), { width: 6, height: 1, smooth: false })]).toEqual([
      1,
      1,
      NaN,
      NaN,
      3,
      3,
    ]);
  });
});
