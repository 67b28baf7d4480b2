// Pictures for tests.
import type { Picture } from '../../src/image/picture.ts';

/** A picture from one [red, green, blue] for each pixel. */
export function pictureOf(
  width: number,
  height: number,
  colourAt: (x: number, y: number) => readonly number[],
): Picture {
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rgba.set(colourAt(x, y), (y * width + x) * 4);
  return { width, height, rgba };
}

/** A smooth, busy picture: every colour differs from its neighbours, like a photograph without noise. */
export function waves(width: number, height: number): Picture {
  return pictureOf(width, height, (x, y) => [
    128 + 100 * Math.sin(x / 9 + y / 17),
    128 + 100 * Math.cos(x / 23 - y / 11),
    128 + 100 * Math.sin((x * y) / 700),
  ]);
}

/** [red, green, blue] of one pixel. */
export function colourAt(picture: Picture, x: number, y: number): number[] {
  return [...picture.rgba.subarray((y * picture.width + x) * 4, (y * picture.width + x) * 4 + 3)];
}

/** Mean absolute difference in levels of 8 bits. */
export function meanDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`${a.length} and ${b.length} values`);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum / a.length;
}
