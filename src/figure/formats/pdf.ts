// PDF: letters as text in an embedded subset of the typeface, lines as vectors, pictures as they are.
import PDFDocument from 'pdfkit';
import { encodeFineJpeg, encodeSmallPng } from '../../image/codec.ts';
import { point, rectanglePath, type Drawing, type Item, type PathItem, type TextItem } from '../drawing.ts';
import type { Figure, FigureFormat } from '../format.ts';
import { startOf, stretchesOf, stretchWidth, type Typeface } from '../typeface.ts';

type Page = InstanceType<typeof PDFDocument>;

export const pdf: FigureFormat = {
  id: 'pdf',
  title: 'PDF, letters embedded',
  async files(figure) {
    return [{ suffix: '.pdf', data: await pdfOf(figure) }];
  },
};

async function pdfOf({ drawing, typeface, quality, created }: Figure): Promise<Uint8Array> {
  const page = openPage(drawing, created);
  const written = bytesOf(page);
  for (const weight of ['regular', 'bold'] as const)
    for (const [index, { bytes }] of typeface[weight].entries())
      page.registerFont(`${weight}${index}`, Buffer.from(bytes));
  page.scale(1 / point); // millimetres from here on
  for (const item of drawing.items) {
    page.save();
    await drawItem(page, item, typeface, quality);
    page.restore();
  }
  page.end();
  return written;
}

function openPage({ width, height, title, description }: Drawing, created: string): Page {
  const date = new Date(created);
  return new PDFDocument({
    size: [width / point, height / point],
    margin: 0,
    info: {
      Title: title,
      Subject: description,
      Creator: 'gradcam',
      CreationDate: Number.isNaN(date.getTime()) ? new Date(0) : date,
    },
  });
}

function bytesOf(page: Page): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  return new Promise((done, failed) => {
    page.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    page.on('end', () => done(Buffer.concat(chunks)));
    page.on('error', failed);
  });
}

async function drawItem(page: Page, item: Item, typeface: Typeface, quality: number | null): Promise<void> {
  switch (item.kind) {
    case 'raster': {
      const { x, y, width, height } = item.box;
      const data = quality === null ? await encodeSmallPng(item.picture) : await encodeFineJpeg(item.picture, quality);
      page.image(Buffer.from(data), x, y, { width, height });
      return;
    }
    case 'text':
      drawText(page, item, typeface);
      return;
    case 'path':
      drawPath(page, item);
      return;
    case 'gradient': {
      const { x, y, width, height } = item.box;
      const gradient = page.linearGradient(x, y, x + width, y);
      for (let i = 0; i < 86; i++) {
        gradient.stop(i / 85, `#${Buffer.from(item.rgb.subarray(9 * i, 9 * i + 3)).toString('hex')}`);
      }
      page.rect(x, y, width, height).fill(gradient);
    }
  }
}

function drawText(page: Page, item: TextItem, typeface: Typeface): void {
  page.translate(item.x, item.y);
  if (item.upwards) page.rotate(-90);
  const weight = item.bold ? 'bold' : 'regular';
  page.fontSize(item.size * point).fillColor(item.ink);
  let x = -startOf(item, typeface);
  for (const stretch of stretchesOf(item.text, typeface[weight])) {
    page.font(`${weight}${stretch.index}`).text(stretch.text, x, 0, { lineBreak: false, baseline: 'alphabetic' });
    x += stretchWidth(stretch, item.size, typeface[weight]);
  }
}

function drawPath(page: Page, { path, fill, stroke, clip }: PathItem): void {
  if (path === '') return;
  if (clip !== null) page.path(rectanglePath(clip)).clip();
  page.path(path);
  if (stroke !== null) {
    page
      .lineWidth(stroke.width * point)
      .lineJoin('round')
      .lineCap(stroke.dash === null ? 'round' : 'butt');
    if (stroke.dash !== null) page.dash(stroke.dash[0] * point, { space: stroke.dash[1] * point });
  }
  if (fill !== null && stroke !== null) page.fillAndStroke(fill, stroke.ink);
  else if (fill !== null) page.fill(fill);
  else if (stroke !== null) page.stroke(stroke.ink);
}
