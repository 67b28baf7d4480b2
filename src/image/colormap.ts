// The seam of colormaps: 256 colours for the values between the ends of a scale. The table is colormaps.ts.

export interface Colormap {
  readonly id: string;
  readonly title: string;
  /** 256 colours from the lowest to the highest value, 8-bit sRGB: [256, 3], row by row. */
  readonly rgb: Uint8Array;
  /** Equal steps in value look like equal steps in brightness. False ones draw edges where the map has none. */
  readonly perceptual: boolean;
  /** diverging: the middle colour stands for zero, for maps with a sign. */
  readonly kind: 'sequential' | 'diverging';
  /** Who made it, where the numbers come from, and their licence where it asks to be named. */
  readonly source: string;
}

/** 256 colours, written as `rrggbb` with white space between, as bytes [256, 3]. */
export function tableOf(hex: string): Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(hex.replace(/\s+/g, ''), 'hex'));
  if (bytes.length !== 768) throw new RangeError(`a colormap has 256 colours, not ${bytes.length / 3}`);
  return bytes;
}
