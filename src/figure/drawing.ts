// What every format draws: things at places, in millimetres from the upper left corner. Pure data, so that all formats agree.
import type { Picture } from '../image/picture.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Hexadecimal, `#rrggbb`. */
export type Ink = string;

export interface RasterItem {
  readonly kind: 'raster';
  readonly box: Box;
  readonly picture: Picture;
}

export interface TextItem {
  readonly kind: 'text';
  /** Of the anchor, on the baseline. */
  readonly x: number;
  readonly y: number;
  readonly text: string;
  /** Points. */
  readonly size: number;
  readonly bold: boolean;
  readonly anchor: 'start' | 'middle' | 'end';
  /** Reads from the bottom to the top. */
  readonly upwards: boolean;
  readonly ink: Ink;
}

export interface PathItem {
  readonly kind: 'path';
  /** SVG path data of absolute `M`, `L` and `z`. */
  readonly path: string;
  readonly fill: Ink | null;
  readonly stroke: {
    readonly ink: Ink;
    /** Points. */
    readonly width: number;
    /** Points on and off; null: a whole line. */
    readonly dash: readonly [number, number] | null;
  } | null;
  /** Nothing outside this is drawn; null: no limit. */
  readonly clip: Box | null;
}

export interface GradientItem {
  readonly kind: 'gradient';
  readonly box: Box;
  /** 256 colours from left to right, 8-bit sRGB: [256, 3]. */
  readonly rgb: Uint8Array;
}

export type Item = RasterItem | TextItem | PathItem | GradientItem;

export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** Later items lie over earlier ones. */
  readonly items: readonly Item[];
  readonly title: string;
  /** What it shows, for those who do not see it. */
  readonly description: string;
  /** Of the rasters, and of formats that are rasters. */
  readonly dpi: number;
}

export const millimetresPerInch = 25.4;
/** Millimetres of a point of 1/72 inch. */
export const point = millimetresPerInch / 72;

export function rectanglePath({ x, y, width, height }: Box): string {
  const [left, top, right, bottom] = [x, y, x + width, y + height].map(coordinate);
  return `M${left} ${top}L${right} ${top}L${right} ${bottom}L${left} ${bottom}z`;
}

/** Path data in thousandths of `box` as millimetres. */
export function scaledPath(path: string, box: Box): string {
  return path.replace(
    /(-?[\d.]+)[ ,](-?[\d.]+)/g,
    (_, x: string, y: string) =>
      `${coordinate(box.x + (box.width * Number(x)) / 1000)} ${coordinate(box.y + (box.height * Number(y)) / 1000)}`,
  );
}

/** To a tenth of a micrometre. */
export function coordinate(value: number): string {
  return String(Number(value.toFixed(4)));
}
