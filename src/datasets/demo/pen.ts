// Lines and discs as soft coverage, 0..1 for each pixel: distance to the shape over the width of its edge.
import type { Random } from '../../lib/random.ts';
import { ASPECT, lengthOf, type Canvas, type Field } from './canvas.ts';

export type Point = readonly [number, number];

export interface Pen {
  readonly disc: (at: Point, radius: number, strength: number, ratio?: number) => void;
  readonly ring: (at: Point, radius: number, inner: number, strength: number) => void;
  readonly line: (points: readonly Point[], width: number, strength: number) => void;
  readonly alpha: Field;
  readonly coverage: Float32Array;
}

/** `softness`: width of edges in units of the canvas; a pixel at least. */
export function createPen({ width, height, x, y }: Canvas, softness = 0): Pen {
  const coverage = new Float32Array(width * height);
  const edge = Math.max(2 / height, 2.5 * softness);

  /** Takes the greater of what is there and `strength` times coverage; `distance` is negative inside. */
  const draw = (centre: Point, reach: number, strength: number, distance: (x: number, y: number) => number): void => {
    const column = (at: number) => ((at / ASPECT + 1) * width) / 2;
    const row = (at: number) => ((at + 1) * height) / 2;
    const left = Math.max(0, Math.floor(column(centre[0] - reach - edge)));
    const right = Math.min(width, Math.ceil(column(centre[0] + reach + edge)));
    const top = Math.max(0, Math.floor(row(centre[1] - reach - edge)));
    const bottom = Math.min(height, Math.ceil(row(centre[1] + reach + edge)));
    for (let j = top; j < bottom; j++)
      for (let i = j * width + left; i < j * width + right; i++) {
        const value = strength * Math.min(1, Math.max(0, 0.5 - distance(x[i]!, y[i]!) / edge));
        if (value > coverage[i]!) coverage[i] = value;
      }
  };

  return {
    coverage,
    alpha: (i) => coverage[i]!,
    disc: ([cx, cy], radius, strength, ratio = 1) =>
      draw([cx, cy], radius * Math.max(1, ratio), strength, (px, py) => lengthOf(px - cx, (py - cy) / ratio) - radius),
    ring: ([cx, cy], radius, inner, strength) =>
      draw([cx, cy], radius, strength, (px, py) => {
        const r = lengthOf(px - cx, py - cy);
        return Math.max(r - radius, inner - r);
      }),
    line(points, thickness, strength) {
      const half = Math.max(thickness, 1.2 / height) / 2;
      for (const [k, [bx, by]] of points.entries()) {
        if (k === 0) continue;
        const [ax, ay] = points[k - 1]!;
        const [dx, dy] = [bx - ax, by - ay];
        const square = dx * dx + dy * dy || 1;
        const middle: Point = [(ax + bx) / 2, (ay + by) / 2];
        draw(middle, Math.sqrt(square) / 2 + half, strength, (px, py) => {
          const t = Math.min(1, Math.max(0, ((px - ax) * dx + (py - ay) * dy) / square));
          return lengthOf(px - ax - t * dx, py - ay - t * dy) - half;
        });
      }
    },
  };
}

/** A curve from a to b, drawn towards `control`, as a line of `steps` pieces. */
export function curve([ax, ay]: Point, [cx, cy]: Point, [bx, by]: Point, steps = 12): Point[] {
  return Array.from({ length: steps + 1 }, (_, k) => {
    const t = k / steps;
    const [u, v, w] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
    return [u * ax + v * cx + w * bx, u * ay + v * cy + w * by];
  });
}

/** A whole number whose mean is `value`. */
export function countOf(value: number, random: Random): number {
  return Math.floor(value + random.unit());
}
