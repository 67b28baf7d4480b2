// The figures' letters: Arimo, drawn as wide as Arial and Helvetica, the same on every machine. Text is measured and
// outlined here, so that no format depends on the fonts of the machine.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { create, type Font } from 'fontkit';
import { GradcamError, messageOf } from '../lib/errors.ts';
import { fileError } from '../lib/files.ts';
import { coordinate, point, type TextItem } from './drawing.ts';

export interface Face {
  readonly bytes: Uint8Array;
  readonly font: Font;
}

export interface Typeface {
  readonly regular: Face;
  readonly bold: Face;
}

/** What stands for a character that the typeface has not: a white square. */
const missing = '\u25a1';
/** Nobody reads more in a figure, and measuring costs time. */
const mostCharacters = 300;

/** `file`: a TrueType or OpenType font instead of Arimo, for other scripts. Throws GradcamError `bad-font`. */
export async function loadTypeface(file?: string): Promise<Typeface> {
  if (file !== undefined) {
    const face = await loadFace(file);
    return { regular: face, bold: face };
  }
  const { resolve } = createRequire(import.meta.url);
  const [regular, bold] = await Promise.all(
    ['400Regular/Arimo_400Regular.ttf', '700Bold/Arimo_700Bold.ttf'].map((name) =>
      loadFace(resolve(`@expo-google-fonts/arimo/${name}`)),
    ),
  );
  return { regular: regular!, bold: bold! };
}

async function loadFace(file: string): Promise<Face> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw fileError(error, file, 'read');
  });
  try {
    const font = create(bytes);
    if ('fonts' in font) throw new TypeError('a collection of fonts');
    return { bytes, font };
  } catch (error) {
    throw new GradcamError({
      code: 'bad-font',
      what: `cannot read the font ${file}`,
      expected: 'one font as .ttf or .otf',
      found: messageOf(error),
      cause: error,
    });
  }
}

/** Width in millimetres at so many points. */
export function widthOf(text: string, size: number, { font }: Face): number {
  return (font.layout(text).advanceWidth / font.unitsPerEm) * size * point;
}

/**
 * The text as it can be drawn: one line, no characters that only steer (direction, control), a white square for what the
 * typeface has not; those are added to `lost`.
 */
export function drawable(text: string, { font }: Face, lost: Set<string>): string {
  const line = text
    .normalize('NFC')
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Variation_Selector}]/gu, '')
    .trim();
  const characters = Array.from(line);
  return characters
    .slice(0, mostCharacters)
    .map((character) => {
      if (font.hasGlyphForCodePoint(character.codePointAt(0) ?? 0)) return character;
      lost.add(character);
      return font.hasGlyphForCodePoint(0x25a1) ? missing : '?';
    })
    .join('');
}

/** As much of the text as fits into `width` millimetres, cut at a whole character and marked with an ellipsis. */
export function fitted(text: string, width: number, size: number, face: Face): string {
  if (widthOf(text, size, face) <= width) return text;
  const characters = Array.from(text);
  let [least, most] = [0, characters.length];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    const fits = widthOf(`${characters.slice(0, middle).join('')}…`, size, face) <= width;
    if (fits) least = middle;
    else most = middle - 1;
  }
  return least === 0 ? '' : `${characters.slice(0, least).join('').trimEnd()}…`;
}

/** The text's outline as SVG path data, starting at the origin of its baseline, y downwards, in millimetres. */
export function outlineOf(text: string, size: number, { font }: Face): string {
  const scale = (size * point) / font.unitsPerEm;
  const run = font.layout(text);
  let x = 0;
  return run.glyphs
    .map((glyph, i) => {
      const position = run.positions[i]!;
      const left = x + position.xOffset;
      const up = position.yOffset;
      x += position.xAdvance;
      return glyph.path.commands
        .map(({ command, args }) => {
          const numbers = args.map((value, k) =>
            coordinate(k % 2 === 0 ? (left + value) * scale : -(up + value) * scale),
          );
          return `${letters[command]}${numbers.join(' ')}`;
        })
        .join('');
    })
    .join('');
}

const letters = { moveTo: 'M', lineTo: 'L', quadraticCurveTo: 'Q', bezierCurveTo: 'C', closePath: 'Z' } as const;

/** How far the text begins before its anchor, in millimetres. */
export function startOf({ text, size, bold, anchor }: TextItem, { regular, bold: heavy }: Typeface): number {
  if (anchor === 'start') return 0;
  const width = widthOf(text, size, bold ? heavy : regular);
  return anchor === 'end' ? width : width / 2;
}
