// Drawings -> PNG. The only file that imports the canvas binding; overlays do not come here, their pixels are computed.
import { createCanvas, loadImage } from '@napi-rs/canvas';

/** An SVG drawing as PNG, `scale` pixels for each of its units, on a transparent ground. Text needs fonts on the machine. */
export async function drawSvg(svg: string, scale = 1): Promise<Uint8Array> {
  const image = await loadImage(Buffer.from(svg));
  const width = Math.ceil(image.width * scale);
  const height = Math.ceil(image.height * scale);
  const canvas = createCanvas(width, height);
  canvas.getContext('2d').drawImage(image, 0, 0, image.width * scale, image.height * scale);
  return canvas.encode('png');
}
