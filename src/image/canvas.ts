// Drawings -> PNG, and the pictures that sharp does not read. The only file that imports the canvas binding; overlays do not
// come here, their pixels are computed.
import { createCanvas, loadImage } from '@napi-rs/canvas';
import type { Picture } from './picture.ts';

/** An SVG drawing as PNG, `scale` pixels for each of its units, on a transparent ground. Text needs fonts on the machine. */
export async function drawSvg(svg: string, scale = 1): Promise<Uint8Array> {
  const image = await loadImage(Buffer.from(svg));
  const width = Math.ceil(image.width * scale);
  const height = Math.ceil(image.height * scale);
  const canvas = createCanvas(width, height);
  canvas.getContext('2d').drawImage(image, 0, 0, image.width * scale, image.height * scale);
  return canvas.encode('png');
}

/** The pixels of a picture file, its transparent parts on `background`. Rejects where it is damaged. */
export async function decodeByCanvas(bytes: Uint8Array, background: string): Promise<Picture> {
  const image = await loadImage(Buffer.from(bytes));
  const { width, height } = image;
  const context = createCanvas(width, height).getContext('2d');
  context.fillStyle = background;
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0);
  return { width, height, rgba: context.getImageData(0, 0, width, height).data };
}
