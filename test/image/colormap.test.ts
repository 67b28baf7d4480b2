import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tableOf, type Colormap } from '../../src/image/colormap.ts';
import { colormaps, defaultColormap, requireColormap } from '../../src/image/colormaps.ts';

const all: Colormap[] = Object.values(colormaps);

/** CIE 1976 lightness of an 8-bit sRGB colour, 0..100. */
function lightnessOf([red = 0, green = 0, blue = 0]: ArrayLike<number> & Iterable<number>): number {
  const linear = (value: number) => (value <= 10.31475 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const y = 0.2126729 * linear(red) + 0.7151522 * linear(green) + 0.072175 * linear(blue);
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}
const lightnesses = ({ rgb }: Colormap) =>
  Array.from({ length: 256 }, (_, i) => lightnessOf(rgb.subarray(3 * i, 3 * i + 3)));
const steps = (values: number[]) => values.slice(1).map((value, i) => value - values[i]!);
const hexAt = ({ rgb }: Colormap, index: number) => Buffer.from(rgb.subarray(3 * index, 3 * index + 3)).toString('hex');

describe('the table of colormaps', () => {
  it('has one file for each, named by its id', () => {
    const files = readdirSync(new URL('../../src/image/colormaps/', import.meta.url)).map((file) => file.slice(0, -3));
    expect(files.sort()).toEqual(Object.keys(colormaps).sort());
    for (const [id, colormap] of Object.entries<Colormap>(colormaps)) expect(colormap.id).toBe(id);
  });

  it.each(all)('$id has 256 colours and says where they come from', (colormap) => {
    expect(colormap.rgb).toHaveLength(768);
    expect(colormap.source.length).toBeGreaterThan(20);
    expect(colormap.title).not.toBe('');
  });

  it.each([
    ['viridis', '440154', '21918c', 'fde725'],
    ['magma', '000004', 'b73779', 'fcfdbf'],
    ['inferno', '000004', 'bc3754', 'fcffa4'],
    ['cividis', '00224e', '7d7c78', 'fee838'],
    ['turbo', '30123b', 'a4fc3c', '7a0403'],
    ['grey', '000000', '808080', 'ffffff'],
    ['jet', '000080', '7dff7a', '800000'],
    ['vik', '001261', 'ece5e0', '590008'],
  ] as const)('%s has its published colours at the ends and in the middle', (id, first, middle, last) => {
    expect(hexAt(colormaps[id], 0)).toBe(first);
    expect(hexAt(colormaps[id], 128)).toBe(middle);
    expect(hexAt(colormaps[id], 255)).toBe(last);
  });
});

describe('perceptual', () => {
  it.each(all.filter(({ perceptual, kind }) => perceptual && kind === 'sequential'))(
    '$id rises in lightness all the way, at an even rate',
    (colormap) => {
      const values = lightnesses(colormap);
      expect(Math.min(...steps(values))).toBeGreaterThan(-0.2); // rounding to 8 bits
      const wide = Array.from({ length: 15 }, (_, i) => values[17 * (i + 1)]! - values[17 * i]!);
      // Even in CIECAM02-UCS, by which they were made; in this older measure of lightness up to 2.4.
      expect(Math.max(...wide) / Math.min(...wide)).toBeLessThan(2.5);
    },
  );

  it.each(all.filter(({ kind }) => kind === 'diverging'))(
    '$id is lightest in the middle and falls to both sides',
    (colormap) => {
      const values = lightnesses(colormap);
      const top = values.indexOf(Math.max(...values));
      expect(Math.abs(top - 127.5)).toBeLessThan(8);
      expect(Math.min(...steps(values.slice(0, top + 1)))).toBeGreaterThan(-0.2);
      expect(Math.max(...steps(values.slice(top)))).toBeLessThan(0.2);
    },
  );

  it.each(all.filter(({ perceptual }) => !perceptual))(
    '$id, which is not, falls somewhere though it is sequential',
    (colormap) => {
      expect(Math.min(...steps(lightnesses(colormap)))).toBeLessThan(-0.5);
    },
  );
});

describe('requireColormap', () => {
  it('finds by id and takes objects as they are', () => {
    expect(requireColormap('magma')).toBe(colormaps.magma);
    expect(requireColormap(defaultColormap)).toBe(colormaps.viridis);
    const own: Colormap = { ...colormaps.grey, id: 'own' };
    expect(requireColormap(own)).toBe(own);
  });

  it('names the nearest for an unknown one', () => {
    expect(() => requireColormap('virdis')).toThrow(
      /unknown colormap "virdis"[^]*viridis, magma[^]*did you mean "viridis"/,
    );
    expect(() => requireColormap('toString')).toThrow(/unknown colormap/);
  });
});

it('tableOf refuses a table of another length', () => {
  expect(() => tableOf('000000 ffffff')).toThrow(RangeError);
});
