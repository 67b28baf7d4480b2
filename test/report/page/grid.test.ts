import { describe, expect, it } from 'vitest';
import { blendOverlay } from '../../../src/image/blend.ts';
import { colormaps, type ColormapId } from '../../../src/image/colormaps.ts';
import { upsample } from '../../../src/image/upsample.ts';
import { paintDifference, paintMap, pixelColors, valueAt } from '../../../templates/page/grid.js';

const width = 40;
const height = 28;
const noise = (i: number): number => ((i * 2654435761) >>> 0) / 2 ** 32;
const grid = { width: 5, height: 4, data: Float32Array.from({ length: 20 }, (_, i) => noise(i + 1) * 0.3) };
const rgba = new Uint8ClampedArray(width * height * 4).map((_, i) => (i % 4 === 3 ? 255 : noise(i) * 256));
const places = {
  whole: { x: 0, y: 0, width, height },
  crop: { x: 6, y: 0, width: 28, height },
  pad: { x: 0, y: -6, width, height: 40 },
};

/** The picture under the painted map, as a browser puts one over the other. */
function composed(pixels: Uint32Array, alpha: number): Uint8ClampedArray {
  const over = new Uint8ClampedArray(pixels.buffer);
  return rgba.map((value, i) =>
    (pixels[i >> 2] ?? 0) === 0 || i % 4 === 3 ? value : (1 - alpha) * value + alpha * (over[i] ?? 0),
  );
}

describe('paintMap', () => {
  const ids = Object.keys(colormaps) as ColormapId[];
  it.each(
    ids.flatMap((id) =>
      Object.keys(places).flatMap((place) =>
        [true, false].map((smooth) => [id, place as keyof typeof places, smooth] as const),
      ),
    ),
  )('draws what overlays on disk show: %s, %s, smooth %s', (id, placeId, smooth) => {
    const place = places[placeId];
    const shares = {
      x: place.x / width,
      y: place.y / height,
      width: place.width / width,
      height: place.height / height,
    };
    const pixels = new Uint32Array(width * height);
    paintMap(pixels, width, height, {
      grid,
      place: shares,
      bottom: 0,
      top: 0.25,
      threshold: -Infinity,
      smooth,
      colors: pixelColors(colormaps[id].rgb),
    });
    const overlay = blendOverlay({
      picture: { width, height, rgba },
      heatmap: grid,
      placement: place,
      scaleMax: 0.25,
      colormap: id,
      alpha: 0.4,
      smooth,
    });
    const page = composed(pixels, 0.4);
    let worst = 0;
    for (const [i, value] of overlay.rgba.entries()) worst = Math.max(worst, Math.abs(value - (page[i] ?? 0)));
    expect(worst).toBeLessThanOrEqual(1);
  });

  it('leaves out what lies under the threshold, and draws a map without extent with the first colour', () => {
    const colors = Uint32Array.from({ length: 256 }, (_, i) => i + 1);
    const step = { width: 2, height: 1, data: Float32Array.of(0.1, 0.8) };
    const whole = { x: 0, y: 0, width: 1, height: 1 };
    const pixels = new Uint32Array(4).fill(7);
    paintMap(pixels, 4, 1, { grid: step, place: whole, bottom: 0, top: 1, threshold: 0.5, smooth: false, colors });
    expect([...pixels]).toEqual([0, 0, 205, 205]);
    const zero = { width: 1, height: 1, data: Float32Array.of(0) };
    paintMap(pixels, 4, 1, { grid: zero, place: whole, bottom: 0, top: 0, threshold: -Infinity, smooth: true, colors });
    expect([...pixels]).toEqual([1, 1, 1, 1]);
  });
});

describe('valueAt', () => {
  it.each([true, false])('is the value at the pixel under the point, smooth %s', (smooth) => {
    const place = { x: 0.1, y: -0.2, width: 0.8, height: 1.3 };
    const placement = { x: 0.1 * width, y: -0.2 * height, width: 0.8 * width, height: 1.3 * height };
    const values = upsample(grid, { width, height, placement, smooth });
    for (const [x, y] of [
      [4, 0],
      [12, 9],
      [20, 27],
      [35, 14],
    ] as const) {
      const value = valueAt(grid, place, (x + 0.5) / width, (y + 0.5) / height, smooth);
      expect(value).toBeCloseTo(values[y * width + x] ?? NaN, 6);
    }
    expect(valueAt(grid, place, 0.05, 0.5, smooth)).toBeNull();
  });
});

describe('paintDifference', () => {
  it('is first minus second in shares of their tops, where both reach', () => {
    const colors = Uint32Array.from({ length: 256 }, (_, i) => i + 1);
    const flat = (value: number) => ({ width: 1, height: 1, data: Float32Array.of(value) });
    const whole = { x: 0, y: 0, width: 1, height: 1 };
    const right = { x: 0.5, y: 0, width: 0.5, height: 1 };
    const pixels = new Uint32Array(4);
    const paint = (a: number, b: number) => {
      paintDifference(pixels, 4, 1, {
        first: { grid: flat(a), place: whole, unit: 2 },
        second: { grid: flat(b), place: right, unit: 0.5 },
        smooth: true,
        colors,
      });
      return [...pixels];
    };
    expect(paint(2, 0)).toEqual([0, 0, 256, 256]); // 1 - 0: the last colour
    expect(paint(0, 0.5)).toEqual([0, 0, 1, 1]); // 0 - 1: the first
    expect(paint(1, 0.25)).toEqual([0, 0, 129, 129]); // a half each: the middle
  });
});
