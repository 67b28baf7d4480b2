import { describe, expect, it } from 'vitest';
import {
  drawable,
  fitted,
  loadTypeface,
  outlineOf,
  stretchesOf,
  widthOf,
  type Face,
} from '../../src/figure/typeface.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';

const { regular, bold } = await loadTypeface();

describe('typeface', () => {
  it('says what is wrong with a font of the user’s own', async () => {
    const file = temporaryFolder().put('mine.ttf', 'not a font');
    await expect(loadTypeface(file)).rejects.toMatchObject({ code: 'bad-font' });
    await expect(loadTypeface(`${file}.gone`)).rejects.toThrow(/cannot read/);
  });

  it('is as wide as Arial: 1139, 1366 and 569 thousandths of 2048 for a, A and a blank', () => {
    // Advance widths of Arial and Liberation Sans, in units of 1/2048 em.
    for (const [text, units] of [
      ['a', 1139],
      ['A', 1366],
      [' ', 569],
      ['0', 1139],
    ] as const)
      expect(widthOf(text, 72, regular)).toBeCloseTo((25.4 * units) / 2048, 6);
  });

  it('cuts text at whole characters, and never wider than its room', () => {
    const text = 'melanocytic naevus';
    expect(fitted(text, 100, 8, regular)).toBe(text);
    const cut = fitted(text, 12, 8, regular);
    expect(cut).toMatch(/^melan.*…$/);
    expect(widthOf(cut, 8, regular)).toBeLessThanOrEqual(12);
    expect(fitted(text, 0.1, 8, regular)).toBe('');
  });

  it('leaves out what only steers, and tells what it has not', () => {
    const lost = new Set<string>();
    expect(drawable('a\n\tb\u202e \u0000c e\u0301 \u5929', regular, lost)).toBe('a b c é \u25a1');
    expect([...lost]).toEqual(['\u5929']);
    expect(drawable('x'.repeat(10_000), regular, lost)).toHaveLength(300);
  });

  it('draws each character with the first font that has it, one after another', () => {
    const only = (characters: string, file: Face[0]): Face[0] => {
      // The same outlines, but nothing else than these characters.
      const font = Object.create(file.font) as typeof file.font;
      font.hasGlyphForCodePoint = (code) => characters.includes(String.fromCodePoint(code));
      return { bytes: file.bytes, font };
    };
    const face: Face = [only('ab ', regular[0]), only('xy', bold[0])];
    expect(stretchesOf('ab x yb', face)).toEqual([
      { text: 'ab ', index: 0 },
      { text: 'x y', index: 1 },
      { text: 'b', index: 0 },
    ]);
    const width = widthOf('ab ', 8, regular) + widthOf('x y', 8, bold) + widthOf('b', 8, regular);
    expect(widthOf('ab x yb', 8, face)).toBeCloseTo(width, 9);
    const xs = Array.from(outlineOf('ab x yb', 8, face).matchAll(/[ML](\S+) /g), ([, x]) => Number(x));
    expect(Math.max(...xs)).toBeLessThanOrEqual(width);
    expect(Math.max(...xs)).toBeGreaterThan(width - 0.5);
  });
});
