import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Picture } from '../../src/image/picture.ts';
import { resample } from '../../src/image/resample.ts';
import { pictureOf, waves } from './pictures.ts';

interface Case {
  readonly from: [number, number];
  readonly to: [number, number];
  readonly source: number[];
  readonly result: number[];
}
const { cases } = JSON.parse(readFileSync(new URL('pillow-bilinear.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};

const whole = ([height, width]: readonly [number, number]) => ({ left: 0, top: 0, width, height });
const rgbOf = ({ rgba }: Picture) => rgba.filter((_, i) => i % 4 !== 3);

it.each(cases)('equals Pillow, bit for bit: $from to $to', ({ from: [height, width], to, source, result }) => {
  const picture = pictureOf(width, height, (x, y) => source.slice((y * width + x) * 3, (y * width + x) * 3 + 3));
  expect([...resample(picture, to, whole(to))]).toEqual(result);
});

it('halves a row by hand', () => {
  // Support 2 around centres 1 and 3: weights 3, 3, 1 of 8 parts and 1 missing beyond the edge, so of 7.
  // First: (3 * 0 + 3 * 70 + 1 * 140) / 7 = 50; second: (1 * 70 + 3 * 140 + 3 * 210) / 7 = 160.
  const picture = pictureOf(4, 1, (x) => [70 * x, 0, 255]);
  expect([...resample(picture, [1, 2], whole([1, 2]))]).toEqual([50, 0, 255, 160, 0, 255]);
});

it('gives the same pixels for the same size', () => {
  const picture = waves(31, 17);
  expect([...resample(picture, [17, 31], whole([17, 31]))]).toEqual([...rgbOf(picture)]);
});

it('a window is a part of the whole', () => {
  const picture = waves(53, 41);
  const size = [29, 37] as const;
  const all = resample(picture, size, whole(size));
  const part = resample(picture, size, { left: 5, top: 7, width: 20, height: 11 });
  for (let y = 0; y < 11; y++) {
    const start = ((7 + y) * 37 + 5) * 3;
    expect(part.subarray(y * 60, y * 60 + 60)).toEqual(all.subarray(start, start + 60));
  }
});

it('keeps a constant picture constant, whatever the sizes', () => {
  const side = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(side, side, side, side, fc.nat(255), (width, height, toWidth, toHeight, value) => {
      const picture = pictureOf(width, height, () => [value, 255 - value, 7]);
      const out = resample(picture, [toHeight, toWidth], whole([toHeight, toWidth]));
      for (let i = 0; i < out.length; i += 3) expect([...out.subarray(i, i + 3)]).toEqual([value, 255 - value, 7]);
    }),
    { numRuns: 50 },
  );
});
