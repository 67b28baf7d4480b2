import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Colormap } from '../../src/image/colormap.ts';
import { colormaps } from '../../src/image/colormaps.ts';
import { colourbarPng, colourbarSvg } from '../../src/image/colourbar.ts';
import { meanDifference } from './pictures.ts';

const options = { colormap: 'viridis', min: 0, max: 0.0131, label: 'per sample' } as const;
const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);

describe('colourbarSvg', () => {
  it('names the ends and the scale', () => {
    expect(texts(colourbarSvg(options))).toEqual(['0', 'per sample', '0.0131']);
  });

  it('marks zero only where the scale has both signs', () => {
    expect(colourbarSvg(options)).not.toContain('<path');
    // Zero at a quarter of 8..312.
    expect(colourbarSvg({ ...options, min: -1, max: 3 })).toContain('<path d="M84 8v14"');
  });

  it('shows names as text, whatever is in them', () => {
    const svg = colourbarSvg({ ...options, label: `<script>"&' \u0000\ud800 é 🙂` });
    expect(texts(svg)[1]).toBe('&#60;script&#62;&#34;&#38;&#39; \ufffd\ufffd é 🙂');
    expect(svg).not.toMatch(/<script/);
  });
});

describe('colourbarPng', () => {
  it.each(Object.values<Colormap>(colormaps))('has the colours of $id along the bar', async (colormap) => {
    const { rgb } = colormap;
    const png = await colourbarPng({ ...options, colormap, width: 272 }, 2);
    const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    expect(info.width).toBe(544);
    // The bar is 256 px from 8 on, doubled: colour i at pixel 2 * (8 + i + 0.5), in the middle of its height.
    const row = 2 * (8 + 7) * info.width;
    for (let i = 2; i < 254; i++) {
      const at = 4 * (row + 2 * (8 + i) + 1);
      const [from, to] = [3 * i - 3, 3 * i + 6];
      const near = [...rgb.subarray(from, to)];
      for (let channel = 0; channel < 3; channel++) {
        const around = [near[channel]!, near[3 + channel]!, near[6 + channel]!];
        expect(data[at + channel]).toBeGreaterThanOrEqual(Math.min(...around) - 4);
        expect(data[at + channel]).toBeLessThanOrEqual(Math.max(...around) + 4);
      }
    }
  });

  it('grows with its scale', async () => {
    const [small, large] = await Promise.all(
      [colourbarPng(options, 1), colourbarPng(options, 3)].map(async (png) => sharp(await png).metadata()),
    );
    expect([small?.width, large?.width]).toEqual([320, 960]);
    expect(large?.height).toBe(3 * (small?.height ?? 0));
  });

  it('draws its text', async () => {
    const pixels = async (label: string) =>
      sharp(await colourbarPng({ ...options, label }))
        .raw()
        .toBuffer();
    expect(meanDifference(await pixels('per sample'), await pixels(''))).toBeGreaterThan(0.1);
  });
});
