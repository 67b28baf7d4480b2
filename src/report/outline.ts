// A mask -> its outline as SVG path data, and the share of a map that lies inside. Apart because both look at pixels.
import type { Heatmap, Mask, Placement } from '../image/picture.ts';
import { upsample } from '../image/upsample.ts';
import { reducedMask } from '../metrics/maps/scene.ts';

/** Outlines and shares are taken on at most this many cells along the longer side: finer than any map, small in the page. */
const maxSide = 128;
/** Units of the path along each side of the picture. */
const units = 1000;
/** Corners closer than this to the line without them are left out, in cells: removes the stairs of the grid, little else. */
const tolerance = 0.6;

type Point = readonly [number, number];

/** The mask on at most `maxSide` cells along the longer side. */
export const reduceMask = (mask: Mask): Mask => reducedMask(mask, maxSide);

/** Closed lines round everything inside, in thousandths of the picture's width and height; empty for an empty mask. */
export function outlinePath(mask: Mask): string {
  return loopsOf(mask)
    .map((loop) => simplified(loop))
    .filter((loop) => loop.length > 2)
    .map((loop) => {
      const points = loop.map(
        ([x, y]) => `${Math.round((units * x) / mask.width)} ${Math.round((units * y) / mask.height)}`,
      );
      return `M${points.join('L')}z`;
    })
    .join('');
}

/**
 * Share of the map's positive values inside the mask, 0..1, the map interpolated over the picture. `placement` is in pixels
 * of a picture of `picture` size. Null for a map without positive values.
 */
export function shareInside(
  map: Heatmap,
  mask: Mask,
  placement: Placement,
  picture: { readonly width: number; readonly height: number },
): number | null {
  const { width, height } = mask;
  const toX = width / picture.width;
  const toY = height / picture.height;
  const scaled = {
    x: placement.x * toX,
    y: placement.y * toY,
    width: placement.width * toX,
    height: placement.height * toY,
  };
  const values = upsample(map, { width, height, placement: scaled });
  let inside = 0;
  let all = 0;
  for (const [i, value] of values.entries()) {
    if (!(value > 0)) continue;
    all += value;
    if (mask.data[i] === 1) inside += value;
  }
  return all > 0 ? inside / all : null;
}

/** Middles of the edges between inside and outside, in order round each part, the inside on the right. */
function loopsOf({ width, height, data }: Mask): Point[][] {
  const at = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < width && y < height && data[y * width + x] === 1;
  const stride = width + 1;
  /** End corners of the edges that start at a corner. */
  const next = new Map<number, number[]>();
  const edge = (x1: number, y1: number, x2: number, y2: number): void => {
    const from = y1 * stride + x1;
    next.set(from, [...(next.get(from) ?? []), y2 * stride + x2]);
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!at(x, y)) continue;
      if (!at(x, y - 1)) edge(x, y, x + 1, y);
      if (!at(x + 1, y)) edge(x + 1, y, x + 1, y + 1);
      if (!at(x, y + 1)) edge(x + 1, y + 1, x, y + 1);
      if (!at(x - 1, y)) edge(x, y + 1, x, y);
    }
  }
  const loops: Point[][] = [];
  for (const start of next.keys()) {
    const loop: Point[] = [];
    // Every corner has as many edges out as in, so a walk ends only where it began.
    for (let from = start, to = next.get(from)?.pop(); to !== undefined; from = to, to = next.get(from)?.pop()) {
      loop.push([((from % stride) + (to % stride)) / 2, (Math.floor(from / stride) + Math.floor(to / stride)) / 2]);
    }
    if (loop.length > 0) loops.push(loop);
  }
  return loops;
}

/** Douglas and Peucker's simplification of a closed line: first split at the point farthest from the first. */
function simplified(loop: readonly Point[]): Point[] {
  const first = loop[0];
  if (first === undefined) return [];
  const distances = loop.map(([x, y]) => Math.hypot(x - first[0], y - first[1]));
  const far = distances.indexOf(Math.max(...distances));
  return [...reduced(loop.slice(0, far + 1)).slice(0, -1), ...reduced([...loop.slice(far), first]).slice(0, -1)];
}

function reduced(line: readonly Point[]): Point[] {
  const a = line[0];
  const b = line[line.length - 1];
  if (a === undefined || b === undefined || line.length < 3) return [...line];
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
  let farthest = 0;
  let distance = 0;
  for (const [i, [x, y]] of line.entries()) {
    const off =
      length > 0
        ? Math.abs((b[0] - a[0]) * (a[1] - y) - (a[0] - x) * (b[1] - a[1])) / length
        : Math.hypot(x - a[0], y - a[1]);
    if (off > distance) [farthest, distance] = [i, off];
  }
  if (distance <= tolerance) return [a, b];
  return [...reduced(line.slice(0, farthest + 1)).slice(0, -1), ...reduced(line.slice(farthest))];
}
