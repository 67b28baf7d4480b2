// The key to an overlay: colours, the values at their ends, the name of the scale. As SVG for pages and papers, as PNG.
import { formatNumber } from '../lib/format.ts';
import { drawSvg } from './canvas.ts';
import type { Colormap } from './colormap.ts';
import { requireColormap, type ColormapId } from './colormaps.ts';

export interface ColourbarOptions {
  readonly colormap: ColormapId | Colormap;
  /** Values at the first and the last colour. */
  readonly min: number;
  readonly max: number;
  /** What the values are and how they are scaled, e.g. `per sample`. Any text. */
  readonly label: string;
  /** Of the whole drawing, in px of 1/96 inch. Default 320. */
  readonly width?: number;
  /** Ink of frame and text, a CSS colour. Default black. */
  readonly ink?: string;
}

/** Between two of this many stops a straight line in sRGB stays within rounding of all tables. */
const stops = 86;
const margin = 8;
const barHeight = 14;
const fontSize = 12;
const height = margin + barHeight + 4 + fontSize + margin;

/** A horizontal colourbar as an SVG document. Where the scale has both signs, zero is marked. */
export function colourbarSvg(options: ColourbarOptions): string {
  const { min, max, width = 320, ink = 'black' } = options;
  const rgb = requireColormap(options.colormap).rgb;
  const bar = { x: margin, y: margin, width: width - 2 * margin };
  const gradient = Array.from({ length: stops }, (_, i) => {
    const index = Math.round((i * 255) / (stops - 1));
    return `<stop offset="${(i / (stops - 1)).toFixed(4)}" stop-color="rgb(${rgb.slice(3 * index, 3 * index + 3).join(',')})"/>`;
  }).join('');
  const baseline = margin + barHeight + 4 + fontSize * 0.8;
  const text = (x: number, anchor: string, content: string): string =>
    `<text x="${x}" y="${baseline}" text-anchor="${anchor}" fill="${escape(ink)}">${escape(content)}</text>`;
  const zeroX = bar.x + (bar.width * -min) / (max - min);
  const zero = min < 0 && max > 0 ? `<path d="M${zeroX} ${bar.y}v${barHeight}" stroke="${escape(ink)}"/>` : '';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    ` font-family="Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif" font-size="${fontSize}">`,
    // In units of the drawing, not of the bar: pages with several bars may share the id, their gradients are the same.
    `<defs><linearGradient id="colours" gradientUnits="userSpaceOnUse" x1="${bar.x}" x2="${bar.x + bar.width}">${gradient}</linearGradient></defs>`,
    `<rect x="${bar.x}" y="${bar.y}" width="${bar.width}" height="${barHeight}" fill="url(#colours)" stroke="${escape(ink)}" stroke-width="0.5"/>`,
    zero,
    text(bar.x, 'start', formatNumber(min)),
    text(bar.x + bar.width / 2, 'middle', options.label),
    text(bar.x + bar.width, 'end', formatNumber(max)),
    '</svg>',
  ].join('');
}

/** The same as PNG, `scale` pixels for each px. */
export async function colourbarPng(options: ColourbarOptions, scale = 2): Promise<Uint8Array> {
  return drawSvg(colourbarSvg(options), scale);
}

/** Text for SVG: markup as entities; characters that XML forbids as the replacement character. */
function escape(text: string): string {
  return text
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
