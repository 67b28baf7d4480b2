import { describe, expect, it } from 'vitest';
import { attentionDifference } from '../../../templates/page/attention.js';
import { contourPath } from '../../../templates/page/contours.js';
import { panned, unzoomed, zoomAt } from '../../../templates/page/zoom.js';

const whole = { x: 0, y: 0, width: 1, height: 1 };
const map = (width: number, height: number, data: number[]) => ({
  grid: { width, height, data: Float32Array.from(data) },
  place: whole,
});

describe('attentionDifference', () => {
  it('is half the sum of differences of shares, whatever the strength', () => {
    // Shares (1/4, 3/4) and (3/4, 1/4): (1/2 + 1/2) / 2.
    expect(attentionDifference([map(2, 1, [1, 3]), map(2, 1, [30, 10])])).toBeCloseTo(0.5, 6);
    expect(attentionDifference([map(2, 1, [1, 0]), map(2, 1, [0, 9])])).toBe(1);
    expect(attentionDifference([map(2, 1, [1, 3]), map(2, 1, [2, 6])])).toBe(0);
  });

  it('takes the two that differ most, and ignores what is not positive', () => {
    expect(attentionDifference([map(2, 1, [1, 1]), map(2, 1, [1, 1]), map(2, 1, [1, -5])])).toBeCloseTo(0.5, 6);
    expect(attentionDifference([map(2, 1, [1, 1]), map(2, 1, [0, 0])])).toBeNull();
    expect(attentionDifference([])).toBeNull();
  });

  it('compares maps of different sizes', () => {
    expect(attentionDifference([map(2, 2, [1, 1, 1, 1]), map(3, 3, Array<number>(9).fill(5))])).toBeCloseTo(0, 6);
    expect(attentionDifference([map(1, 2, [1, 0]), map(3, 4, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1])])).toBeGreaterThan(
      0.7,
    );
  });
});

describe('contourPath', () => {
  it('runs where the interpolated map has the level', () => {
    // From 0 at a quarter to 1 at three quarters of the width: 0.5 lies in the middle, from the top to the bottom.
    const { grid, place } = map(2, 1, [0, 1]);
    const points = [...contourPath(grid, place, [0.5]).matchAll(/[ML](\d+) (\d+)/g)].map(([, x, y]) => [
      Number(x),
      Number(y),
    ]);
    expect(new Set(points.map(([x]) => x))).toEqual(new Set([500]));
    expect(Math.min(...points.map(([, y]) => y ?? NaN))).toBe(0);
    expect(Math.max(...points.map(([, y]) => y ?? NaN))).toBe(1000);
  });

  it('is empty for a flat map and stays inside the place', () => {
    expect(contourPath({ width: 2, height: 2, data: new Float32Array(4) }, whole, [0.1])).toBe('');
    const place = { x: 0.5, y: 0.5, width: 0.5, height: 0.5 };
    const path = contourPath({ width: 3, height: 3, data: Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0) }, place, [0.5]);
    const numbers = [...path.matchAll(/\d+/g)].map(Number);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(500);
    expect(numbers.length % 4).toBe(0);
  });
});

describe('zoom', () => {
  it('keeps the point under the pointer, and the frame filled', () => {
    const zoomed = zoomAt(unzoomed, 4, 0.75, 0.25);
    const point = (0.75 - zoomed.x) / zoomed.zoom;
    expect(point).toBeCloseTo(0.75, 9);
    expect(panned(zoomed, 10, -10)).toEqual({ zoom: 4, x: 0, y: -3 });
    expect(zoomAt(zoomed, 0.01, 0, 0)).toEqual({ zoom: 1, x: 0, y: 0 });
    expect(zoomAt(unzoomed, 100, 0.5, 0.5).zoom).toBe(16);
  });
});
