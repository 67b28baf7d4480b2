// The part of a picture that a figure shows, in shares of the picture.
import type { Mask } from '../image/picture.ts';
import { GradcamError } from '../lib/errors.ts';
import type { ReportSample } from '../report/report.ts';
import type { Box } from './drawing.ts';

export type Crop =
  | { readonly kind: 'none' }
  | { readonly kind: 'square' }
  /** The mask's bounding box, widened on each side by this share of it. */
  | { readonly kind: 'mask'; readonly margin: number }
  | { readonly kind: 'box'; readonly box: Box };

const whole: Box = { x: 0, y: 0, width: 1, height: 1 };

/** `none`, `square`, `mask[:margin]`, `x,y,width,height` in shares of the picture. Throws GradcamError `bad-option`. */
export function parseCrop(text: string): Crop {
  if (text === 'none' || text === 'square') return { kind: text };
  const mask = /^mask(?::(\d*\.?\d+))?$/.exec(text);
  if (mask !== null) return { kind: 'mask', margin: Number(mask[1] ?? 0.25) };
  const [x, y, width, height, ...rest] = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (x! >= 0 && y! >= 0 && width! > 0 && height! > 0 && x! + width! <= 1 && y! + height! <= 1 && rest.length === 0)
    return { kind: 'box', box: { x: x!, y: y!, width: width!, height: height! } };
  throw new GradcamError({
    code: 'bad-option',
    what: 'the option crop is wrong',
    expected: 'none, square, mask, mask:0.25 (margin), or x,y,width,height from 0 to 1 within the picture',
    found: text,
  });
}

/** The part of this sample's picture. A sample without a mask is shown whole under `mask`. */
export function cropOf(crop: Crop, { width, height }: ReportSample, mask: Mask | null): Box {
  switch (crop.kind) {
    case 'none':
      return whole;
    case 'box':
      return crop.box;
    case 'square': {
      const side = Math.min(width, height);
      return {
        x: (width - side) / 2 / width,
        y: (height - side) / 2 / height,
        width: side / width,
        height: side / height,
      };
    }
    case 'mask':
      return mask === null ? whole : around(mask, crop.margin);
  }
}

function around(mask: Mask, margin: number): Box {
  let [left, top, right, bottom] = [mask.width, mask.height, -1, -1];
  for (let i = 0; i < mask.data.length; i++) {
    if (mask.data[i] !== 1) continue;
    const [x, y] = [i % mask.width, Math.floor(i / mask.width)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  }
  if (right < 0) return whole;
  const [across, down] = [(right + 1 - left) * margin, (bottom + 1 - top) * margin];
  const x = Math.max(0, left - across) / mask.width;
  const y = Math.max(0, top - down) / mask.height;
  return {
    x,
    y,
    width: Math.min(mask.width, right + 1 + across) / mask.width - x,
    height: Math.min(mask.height, bottom + 1 + down) / mask.height - y,
  };
}
