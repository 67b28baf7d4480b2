// The figures' letters: Arimo, drawn as wide as Arial and Helvetica, the same on every machine. Text is measured and
// outlined here, so that no format depends on the fonts of the machine.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { create, type Font } from 'fontkit';
import { GradcamError, messageOf } from '../lib/errors.ts';
import { fileError } from '../lib/files.ts';
import { coordinate, point, type TextItem } from './drawing.ts';

/** One font file. */
export interface FontFile {
  readonly bytes: Uint8Array;
  readonly font: Font;
}

/** Fonts in the order in which they are asked for a character. */
export type Face = readonly [FontFile, ...FontFile[]];

export interface Typeface {
  readonly regular: Face;
  readonly bold: Face;
}

/** What stands for a character that the typeface has not: a white square. */
const missing = '\u25a1';
/** Nobody reads more in a figure, and measuring costs time. */
const mostCharacters = 300;

/** `file`: a TrueType or OpenType font for characters that Arimo has not. Throws GradcamError `bad-font`. */
export async function loadTypeface(file?: string): Promise<Typeface> {
  const { resolve } = createRequire(import.meta.url);
  const [regular, bold, ...others] = await Promise.all([
    loadFont(resolve('@expo-google-fonts/arimo/400Regular/Arimo_400Regular.ttf')),
    loadFont(resolve('@expo-google-fonts/arimo/700Bold/Arimo_700Bold.ttf')),
    ...(file === undefined ? [] : [loadFont(file)]),
  ]);
  return { regular: [regular, ...others], bold: [bold, ...others] };
}

async function loadFont(file: string): Promise<FontFile> {
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

/** A stretch of text that one font draws. */
export interface Stretch {
  readonly text: string;
  /** Which font of the face. */
  readonly index: number;
}

/** The text cut where another font takes over: each character by the first font that has it, spaces as what is before. */
export function stretchesOf(text: string, face: Face): Stretch[] {
  const stretches: { text: string; index: number }[] = [];
  for (const character of text) {
    const last = stretches.at(-1);
    const found = face.findIndex(({ font }) => hasCharacter(font, character));
    const index = character === ' ' ? (last?.index ?? 0) : Math.max(0, found);
    if (last?.index === index) last.text += character;
    else stretches.push({ text: character, index });
  }
  return stretches;
}

function hasCharacter(font: Font, character: string): boolean {
  return font.hasGlyphForCodePoint(character.codePointAt(0) ?? 0);
}

/** Width in millimetres at so many points. */
export function widthOf(text: string, size: number, face: Face): number {
  return stretchesOf(text, face).reduce((sum, stretch) => sum + stretchWidth(stretch, size, face), 0);
}

export function stretchWidth({ text, index }: Stretch, size: number, face: Face): number {
  const { font } = face[index]!;
  return (font.layout(text).advanceWidth / font.unitsPerEm) * size * point;
}

/**
 * The text as it can be drawn: one line, no characters that only steer (direction, control), a white square for what the
 * typeface has not; those are added to `lost`.
 */
export function drawable(text: string, face: Face, lost: Set<string>): string {
  const has = (character: string): boolean => face.some(({ font }) => hasCharacter(font, character));
  const line = text
    .normalize('NFC')
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Variation_Selector}]/gu, '')
    .trim();
  return Array.from(line)
    .slice(0, mostCharacters)
    .map((character) => {
      if (has(character)) return character;
      lost.add(character);
      return has(missing) ? missing : '?';
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
export function outlineOf(text: string, size: number, face: Face): string {
  let start = 0;
  return stretchesOf(text, face)
    .map((stretch) => {
      const path = stretchOutline(stretch, start, size, face);
      start += stretchWidth(stretch, size, face);
      return path;
    })
    .join('');
}

function stretchOutline({ text, index }: Stretch, start: number, size: number, face: Face): string {
  const { font } = face[index]!;
  const scale = (size * point) / font.unitsPerEm;
  const run = font.layout(text);
  let pen = 0;
  return run.glyphs
    .flatMap((glyph, i) => {
      const { xOffset, yOffset, xAdvance } = run.positions[i]!;
      const x = (value: number): number => start + (left + value) * scale;
      const y = (value: number): number => -(yOffset + value) * scale;
      const left = pen + xOffset;
      pen += xAdvance;
      return glyph.path.commands.map(({ command, args }) => {
        const numbers = args.map((value, k) => coordinate(k % 2 === 0 ? x(value) : y(value)));
        return `${letters[command]}${numbers.join(' ')}`;
      });
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
