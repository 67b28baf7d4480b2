import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { viewInput } from '../../src/image/input-picture.ts';
import type { PrepareSpec } from '../../src/image/picture.ts';
import { prepareInput } from '../../src/image/prepare.ts';
import { pictureOf, waves } from './pictures.ts';

const plain: PrepareSpec = {
  size: [7, 7],
  resize: 'crop',
  scale: [0, 255],
  mean: [0, 0, 0],
  std: [1, 1, 1],
  channels: 'rgb',
  layout: 'nhwc',
};

interface CropCase {
  readonly from: [number, number];
  readonly shortSide: number;
  readonly size: [number, number];
  readonly source: number[];
  readonly result: number[];
}
const recorded = JSON.parse(readFileSync('test/image/torchvision-crop.json', 'utf8')) as { cases: CropCase[] };

describe('crop out of a longer side', () => {
  it.each(recorded.cases)('equals torchvision: $from, short side $shortSide, $size', (given) => {
    const [height, width] = given.from;
    const picture = pictureOf(width, height, (x, y) =>
      given.source.slice(3 * (y * width + x), 3 * (y * width + x) + 3),
    );
    const { data } = prepareInput(picture, { ...plain, size: given.size, shortSide: given.shortSide });
    // Pillow 13 scales the columns of tall pictures first: a level apart at most.
    for (const [i, value] of given.result.entries()) expect(Math.abs(data[i]! - value)).toBeLessThanOrEqual(1);
  });

  it('says where in the picture the model looked: 600 x 450 to 341 x 256, its middle 224 x 224', () => {
    const { placement } = prepareInput(waves(600, 450), { ...plain, size: [224, 224], shortSide: 256 });
    // (341 - 224) / 2 = 58.5, to the even 58; (256 - 224) / 2 = 16
    expect(placement.x).toBeCloseTo((58 * 600) / 341, 10);
    expect(placement.y).toBeCloseTo((16 * 450) / 256, 10);
    expect(placement.width).toBeCloseTo((224 * 600) / 341, 10);
    expect(placement.height).toBeCloseTo((224 * 450) / 256, 10);
  });

  it('refuses a shorter side than what is cut out', () => {
    expect(() => prepareInput(waves(20, 20), { ...plain, shortSide: 6 })).toThrow(/shortSide/);
  });
});

describe('viewInput', () => {
  const picture = waves(31, 22);
  const expected = prepareInput(picture, { ...plain, size: [9, 12], resize: 'squash' }).data;

  it.each(['nchw', 'nhwc'] as const)('undoes mean, deviation, scale and order (%s)', (layout) => {
    for (const channels of ['rgb', 'bgr'] as const) {
      const spec: PrepareSpec = {
        size: [9, 12],
        resize: 'squash',
        scale: [-1, 1],
        mean: [0.1, -0.2, 0.3],
        std: [0.5, 2, 0.25],
        channels,
        layout,
      };
      const { picture: seen, range, means } = viewInput(prepareInput(picture, spec), spec);
      const rgb = [...seen.rgba].filter((_, i) => i % 4 < 3);
      expect(rgb).toEqual([...expected]);
      expect(range[0]).toBeLessThan(means[0]!);
      expect(range[1]).toBeGreaterThan(means[0]!);
      expect(means).toHaveLength(3);
    }
  });

  it('shows grey inputs grey, and tells the numbers that the model gets', () => {
    const spec: PrepareSpec = {
      ...plain,
      size: [2, 2],
      resize: 'squash',
      channels: 'grey',
      scale: [0, 1],
      mean: [0.5],
      std: [0.5],
    };
    const {
      picture: seen,
      range,
      means,
    } = viewInput(
      prepareInput(
        pictureOf(2, 2, (x) => (x === 0 ? [0, 0, 0] : [255, 255, 255])),
        spec,
      ),
      spec,
    );
    expect([...seen.rgba.subarray(0, 8)]).toEqual([0, 0, 0, 255, 255, 255, 255, 255]);
    expect(range).toEqual([-1, 1]);
    expect(means).toEqual([0]);
  });
});
