// SVG: letters as outlines, so that it looks the same where Arimo is not installed.
import { encodeFineJpeg, encodeSmallPng } from '../../image/codec.ts';
import { coordinate, point, rectanglePath, type Box, type Item, type TextItem } from '../drawing.ts';
import type { FigureFormat, Figure } from '../format.ts';
import { outlineOf, startOf, type Typeface } from '../typeface.ts';

export const svg: FigureFormat = {
  id: 'svg',
  title: 'SVG, letters as outlines',
  async files(figure) {
    const { width, height } = figure.drawing;
    const text = await svgOf(figure, `${coordinate(width)}mm`, `${coordinate(height)}mm`);
    return [{ suffix: '.svg', data: text }];
  },
};

/** The drawing as an SVG document of the given size, which may have a unit. */
export async function svgOf({ drawing, typeface, quality }: Figure, width: string, height: string): Promise<string> {
  const parts: string[] = [];
  for (const [index, item] of drawing.items.entries()) parts.push(await markupOf(item, index, typeface, quality));
  const size = `${coordinate(drawing.width)} ${coordinate(drawing.height)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="0 0 ${size}" preserveAspectRatio="none" role="img">`,
    `<title>${escape(drawing.title)}</title>`,
    `<desc>${escape(drawing.description)}</desc>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

async function markupOf(item: Item, index: number, typeface: Typeface, quality: number | null): Promise<string> {
  switch (item.kind) {
    case 'raster': {
      const { picture, box } = item;
      const data = quality === null ? await encodeSmallPng(picture) : await encodeFineJpeg(picture, quality);
      const type = quality === null ? 'png' : 'jpeg';
      const uri = `data:image/${type};base64,${Buffer.from(data).toString('base64')}`;
      return `<image ${attributes(box)} preserveAspectRatio="none" xlink:href="${uri}"/>`;
    }
    case 'text': {
      const face = item.bold ? typeface.bold : typeface.regular;
      return `<g fill="${item.ink}" transform="${transformOf(item, typeface)}"><title>${escape(item.text)}</title><path d="${outlineOf(item.text, item.size, face)}"/></g>`;
    }
    case 'path': {
      const { path, fill, stroke, clip } = item;
      const line =
        stroke === null
          ? ''
          : ` stroke="${stroke.ink}" stroke-width="${coordinate(stroke.width * point)}" stroke-linecap="${stroke.dash === null ? 'round' : 'butt'}" stroke-linejoin="round"${
              stroke.dash === null
                ? ''
                : ` stroke-dasharray="${stroke.dash.map((length) => coordinate(length * point)).join(' ')}"`
            }`;
      const drawn = `<path d="${path}" fill="${fill ?? 'none'}"${line}`;
      if (clip === null) return `${drawn}/>`;
      return `<clipPath id="clip${index}"><path d="${rectanglePath(clip)}"/></clipPath>${drawn} clip-path="url(#clip${index})"/>`;
    }
    case 'gradient':
      return gradientMarkup(item.box, item.rgb, `gradient${index}`);
  }
}

/** Where the text's outline goes: its start on the baseline, and the way it reads. */
function transformOf(item: TextItem, typeface: Typeface): string {
  const start = coordinate(-startOf(item, typeface));
  const turn = item.upwards ? ' rotate(-90)' : '';
  return `translate(${coordinate(item.x)} ${coordinate(item.y)})${turn} translate(${start} 0)`;
}

function gradientMarkup(box: Box, rgb: Uint8Array, id: string): string {
  const stops = Array.from({ length: 86 }, (_, i) => {
    const color = rgb.slice(9 * i, 9 * i + 3).join(',');
    return `<stop offset="${coordinate(i / 85)}" stop-color="rgb(${color})"/>`;
  }).join('');
  return `<linearGradient id="${id}">${stops}</linearGradient><rect ${attributes(box)} fill="url(#${id})"/>`;
}

function attributes({ x, y, width, height }: Box): string {
  return `x="${coordinate(x)}" y="${coordinate(y)}" width="${coordinate(width)}" height="${coordinate(height)}"`;
}

/** Text for SVG: markup as entities; characters that XML forbids as the replacement character. */
function escape(text: string): string {
  return text
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
