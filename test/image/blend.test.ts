import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blendOverlay, type BlendOptions } from '../../src/image/blend.ts';
import type { Colormap } from '../../src/image/colormap.ts';
import { colormaps } from '../../src/image/colormaps.ts';
import type { Heatmap } from '../../src/image/picture.ts';
import { colourAt, pictureOf, waves } from './pictures.ts';

const map = (height: number, width: number, data: readonly number[]): Heatmap => ({
  height,
  width,
  data: Float32Array.from(data),
});
const all = (width: number, height: number) => ({ x: 0, y: 0, width, height });
const viridisAt = (index: number) => [...colormaps.viridis.rgb.subarray(3 * index, 3 * index + 3)];

function blend(options: Partial<BlendOptions> & Pick<BlendOptions, 'heatmap'>) {
  const picture = options.picture ?? waves(16, 12);
  return blendOverlay({
    picture,
    placement: all(picture.width, picture.height),
    scaleMax: 1,
    colormap: 'viridis',
    alpha: 0.5,
    ...options,
  });
}

describe('by hand', () => {
  // One pixel a cell, no interpolation: colours at 0, 0.5 and 1 of the scale.
  const picture = pictureOf(3, 1, () => [100, 101, 250]);
  const heatmap = map(1, 3, [0, 2, 4]);

  it('mixes picture and colour by alpha', () => {
    const out = blend({ picture, heatmap, scaleMax: 4, alpha: 0.25 });
    // index of 2 of 4: floor(127.5 + 0.5) = 128; 0.75 * picture + 0.25 * colour, rounded
    const mix = (colour: number[]) => [75, 75.75, 187.5].map((part, i) => Math.floor(part + 0.25 * colour[i]! + 0.5));
    expect([0, 1, 2].map((x) => colourAt(out, x, 0))).toEqual([
      mix(viridisAt(0)),
      mix(viridisAt(128)),
      mix(viridisAt(255)),
    ]);
  });

  it('alpha 1 is the colour itself', () => {
    const out = blend({ picture, heatmap, scaleMax: 4, alpha: 1 });
    expect([0, 1, 2].map((x) => colourAt(out, x, 0))).toEqual([viridisAt(0), viridisAt(128), viridisAt(255)]);
  });

  it('values beyond the ends of the scale take the end colours; the map’s own maximum plays no part', () => {
    const out = blend({ picture, heatmap: map(1, 3, [-5, 2, 1e9]), scaleMax: 8, alpha: 1 });
    expect([0, 1, 2].map((x) => colourAt(out, x, 0))).toEqual([viridisAt(0), viridisAt(64), viridisAt(255)]);
  });

  it('a scale with a sign puts zero in the middle', () => {
    const out = blend({
      picture,
      heatmap: map(1, 3, [-2, 0, 2]),
      scaleMin: -2,
      scaleMax: 2,
      alpha: 1,
      colormap: 'vik',
    });
    expect(colourAt(out, 1, 0)).toEqual([...colormaps.vik.rgb.subarray(3 * 128, 3 * 129)]);
  });

  it('takes a colormap of one’s own', () => {
    const red: Colormap = {
      ...colormaps.grey,
      id: 'red',
      rgb: colormaps.grey.rgb.map((value, i) => (i % 3 === 0 ? value : 0)),
    };
    expect(colourAt(blend({ picture, heatmap, scaleMax: 4, alpha: 1, colormap: red }), 2, 0)).toEqual([255, 0, 0]);
  });
});

describe('always', () => {
  it('alpha 0 is the picture', () => {
    const picture = waves(33, 21);
    const out = blend({ picture, heatmap: map(2, 2, [0, 1, 2, NaN]), alpha: 0 });
    expect(out.rgba).toEqual(picture.rgba);
    expect(out.rgba.buffer).not.toBe(picture.rgba.buffer);
  });

  it('a constant map tints evenly', () => {
    const picture = pictureOf(19, 13, () => [10, 20, 30]);
    const out = blend({ picture, heatmap: map(7, 7, Array<number>(49).fill(0.013)), scaleMax: 0.02 });
    const first = colourAt(out, 0, 0);
    for (let i = 0; i < out.rgba.length; i += 4) expect([...out.rgba.subarray(i, i + 4)]).toEqual([...first, 255]);
  });

  it('an all-zero map is drawn in the colour of zero, though its scale has no extent', () => {
    const out = blend({ heatmap: map(2, 2, [0, 0, 0, 0]), scaleMax: 0, alpha: 1 });
    expect(colourAt(out, 5, 5)).toEqual(viridisAt(0));
  });

  it('pixels outside the placement and cells that are not numbers keep the picture', () => {
    const picture = waves(8, 1);
    const out = blend({
      picture,
      heatmap: map(1, 2, [NaN, 1]),
      placement: { x: 2, y: 0, width: 4, height: 1 },
      alpha: 1,
      smooth: false,
    });
    for (const x of [0, 1, 2, 3, 6, 7]) expect(colourAt(out, x, 0)).toEqual(colourAt(picture, x, 0));
    for (const x of [4, 5]) expect(colourAt(out, x, 0)).toEqual(viridisAt(255));
  });

  it('infinite values leave the picture too, whatever the scale', () => {
    const picture = waves(3, 1);
    for (const scaleMax of [0, 1]) {
      const out = blend({ picture, heatmap: map(1, 3, [Infinity, 0, -Infinity]), scaleMax, alpha: 1, smooth: false });
      expect([0, 2].map((x) => colourAt(out, x, 0))).toEqual([0, 2].map((x) => colourAt(picture, x, 0)));
      expect(colourAt(out, 1, 0)).toEqual(viridisAt(0));
    }
  });

  it('is the stated formula at every pixel', () => {
    const value = fc.float({ min: -3, max: 3, noNaN: true });
    const cells = fc.array(value, { minLength: 12, maxLength: 12 });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        cells,
        share,
        fc.constantFrom(0.5, 1, 2.75),
        fc.constantFrom(-1, 0),
        (data, alpha, scaleMax, scaleMin) => {
          const picture = waves(4, 3);
          const out = blend({ picture, heatmap: map(3, 4, data), alpha, scaleMax, scaleMin, colormap: 'turbo' });
          const gain = 255 / (scaleMax - scaleMin);
          for (const [i, v] of Float32Array.from(data).entries()) {
            const index = Math.min(255, Math.max(0, Math.floor(v * gain + (0.5 - scaleMin * gain))));
            for (let channel = 0; channel < 3; channel++) {
              const colour = colormaps.turbo.rgb[3 * index + channel]!;
              const expected = Math.floor((1 - alpha) * picture.rgba[4 * i + channel]! + 0.5 + alpha * colour);
              expect(out.rgba[4 * i + channel]).toBe(expected);
            }
          }
        },
      ),
    );
  });
});

it.each([
  [{ alpha: 1.5 }, /alpha from 0 to 1[^]*1\.5/],
  [{ alpha: NaN }, /alpha from 0 to 1/],
  [{ scaleMax: NaN }, /scale with finite ends/],
  [{ heatmap: map(2, 3, [1, 2]) }, /a value for every cell[^]*2 values for 2 x 3 cells/],
  [{ heatmap: map(0, 0, []) }, /a value for every cell/],
] as const)('refuses %o', (wrong, message) => {
  expect(() => blend({ heatmap: map(1, 1, [1]), ...wrong })).toThrow(message);
});
