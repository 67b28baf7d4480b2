import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodePicture } from '../../src/image/codec.ts';
import type { Picture, PrepareSpec } from '../../src/image/picture.ts';
import { prepareInput } from '../../src/image/prepare.ts';
import { decodeNpy } from '../../src/lib/npy.ts';
import { colourAt, pictureOf, waves } from './pictures.ts';

const plain: PrepareSpec = {
  size: [2, 2],
  resize: 'squash',
  scale: [0, 1],
  mean: [0, 0, 0],
  std: [1, 1, 1],
  channels: 'rgb',
  layout: 'nchw',
};
const levels: PrepareSpec = { ...plain, scale: [0, 255], layout: 'nhwc' };

describe('values', () => {
  const picture = pictureOf(2, 1, (x) => (x === 0 ? [0, 51, 102] : [153, 204, 255]));
  const prepare = (spec: Partial<PrepareSpec>) => {
    const { data } = prepareInput(picture, { ...plain, size: [1, 2], ...spec });
    return [...data].map((value) => Math.round(value * 1e6) / 1e6);
  };

  it('planes of channels, or pixels', () => {
    expect(prepare({ layout: 'nchw' })).toEqual([0, 0.6, 0.2, 0.8, 0.4, 1]);
    expect(prepare({ layout: 'nhwc' })).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  });

  it('mean and std belong to channels in the model’s order', () => {
    expect(prepare({ layout: 'nhwc', mean: [0, 0.1, 0.2], std: [1, 0.5, 0.25] })).toEqual([0, 0.2, 0.8, 0.6, 1.4, 3.2]);
    expect(prepare({ layout: 'nhwc', channels: 'bgr', mean: [0.2, 0.1, 0], std: [0.25, 0.5, 1] })).toEqual([
      0.8, 0.2, 0, 3.2, 1.4, 0.6,
    ]);
  });

  it('scale maps 0..255 onto its ends', () => {
    expect(prepare({ layout: 'nhwc', scale: [-1, 1] })).toEqual([-1, -0.6, -0.2, 0.2, 0.6, 1]);
    expect(prepare({ layout: 'nhwc', scale: [0, 255] })).toEqual([0, 51, 102, 153, 204, 255]);
  });

  it('grey is Rec. 601 luma, rounded to 8 bits', () => {
    // 0.299 * 0 + 0.587 * 51 + 0.114 * 102 = 41.565; 0.299 * 153 + 0.587 * 204 + 0.114 * 255 = 194.565
    expect(prepare({ channels: 'grey', mean: [0], std: [1], scale: [0, 255] })).toEqual([42, 195]);
  });

  it('is exact to float32', () => {
    const { data } = prepareInput(picture, {
      ...plain,
      size: [1, 2],
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    });
    expect(data[1]).toBe(Math.fround((153 / 255 - 0.485) / 0.229));
  });
});

describe('placement', () => {
  const placementOf = (picture: Picture, resize: PrepareSpec['resize'], size: [number, number]) =>
    prepareInput(picture, { ...plain, resize, size }).placement;

  it('squash covers the picture', () => {
    expect(placementOf(waves(600, 450), 'squash', [224, 224])).toEqual({ x: 0, y: 0, width: 600, height: 450 });
  });

  it('crop covers the middle, as torchvision rounds', () => {
    // 600 x 450 becomes floor(298.67) x 224; from column round(37) on 224 of 298 columns are kept.
    const { x, y, width, height } = placementOf(waves(600, 450), 'crop', [224, 224]);
    expect(x).toBeCloseTo((37 * 600) / 298, 9);
    expect(width).toBeCloseTo((224 * 600) / 298, 9);
    expect([y, height]).toEqual([0, 450]);
  });

  it('crop of a tall picture, of one that has the shape, and into a wide input', () => {
    expect(placementOf(waves(100, 300), 'crop', [50, 50])).toEqual({ x: 0, y: 100, width: 100, height: 100 });
    expect(placementOf(waves(90, 60), 'crop', [40, 60])).toEqual({ x: 0, y: 0, width: 90, height: 60 });
    expect(placementOf(waves(100, 100), 'crop', [25, 50])).toEqual({ x: 0, y: 24, width: 100, height: 50 });
  });

  it('pad reaches beyond the borders', () => {
    expect(placementOf(waves(200, 100), 'pad', [50, 50])).toEqual({ x: 0, y: -48, width: 200, height: 200 });
    expect(placementOf(waves(100, 200), 'pad', [50, 50])).toEqual({ x: -48, y: 0, width: 200, height: 200 });
  });

  it('pad leaves a pixel of the thinnest picture', () => {
    expect(placementOf(waves(400, 1), 'pad', [10, 10]).height).toBe(10);
  });
});

describe('what the placement says is what the model sees', () => {
  // One bright pixel block in a dark picture: its centre in the input, taken back through the placement, is its centre.
  it.each(['squash', 'crop', 'pad'] as const)('%s', (resize) => {
    const [cx, cy] = [130, 70];
    const picture = pictureOf(220, 150, (x, y) =>
      Math.abs(x + 0.5 - cx) < 6 && Math.abs(y + 0.5 - cy) < 6 ? [255, 255, 255] : [0, 0, 0],
    );
    const [height, width] = [64, 80];
    const { data, placement } = prepareInput(picture, { ...levels, resize, size: [height, width] });
    let [sum, sumX, sumY] = [0, 0, 0];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const value = data[(y * width + x) * 3]!;
        sum += value;
        sumX += value * (x + 0.5);
        sumY += value * (y + 0.5);
      }
    }
    expect(placement.x + (sumX / sum / width) * placement.width).toBeCloseTo(cx, 0);
    expect(placement.y + (sumY / sum / height) * placement.height).toBeCloseTo(cy, 0);
  });

  it('pad is black outside', () => {
    const { data } = prepareInput(
      pictureOf(4, 2, () => [200, 200, 200]),
      { ...levels, resize: 'pad', size: [4, 4] },
    );
    const rows = [0, 1, 2, 3].map((y) => data[y * 12]);
    expect(rows).toEqual([0, 200, 200, 0]);
  });

  it('a picture of the right size is taken pixel by pixel', () => {
    const picture = waves(24, 24);
    for (const resize of ['squash', 'crop', 'pad'] as const) {
      const { data } = prepareInput(picture, { ...levels, resize, size: [24, 24] });
      for (const [x, y] of [
        [0, 0],
        [23, 0],
        [11, 17],
        [23, 23],
      ] as const) {
        expect([...data.subarray((y * 24 + x) * 3, (y * 24 + x) * 3 + 3)]).toEqual(colourAt(picture, x, y));
      }
    }
  });
});

it.each([
  [{ mean: [0.5] }, /mean: a number for each of 3 channels[^]*\[0\.5\]/],
  [{ std: [1, 0, 1] }, /std: a number other than 0/],
  [{ channels: 'grey' }, /mean: a number for each of 1 channel/],
  [{ size: [0, 224] }, /size: two whole numbers/],
  [{ size: [224.5, 224] }, /size: two whole numbers/],
  [{ scale: [0, NaN] }, /scale: two numbers/],
] as const)('refuses %o', (wrong, message) => {
  expect(() => prepareInput(waves(4, 4), { ...plain, ...wrong })).toThrow(message);
});

it('equals a tensor recorded in Python from a JPEG file', async () => {
  const spec: PrepareSpec = { ...plain, size: [128, 128], mean: [0.68, 0.51, 0.43], std: [0.2, 0.18, 0.17] };
  const folder = new URL('../fixtures/demo/inputs/', import.meta.url);
  const files = readdirSync(folder);
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const expected = decodeNpy(readFileSync(new URL(file, folder)), file).data;
    const picture = await decodePicture(`samples/${file.replace('.npy', '.jpg')}`);
    const { data } = prepareInput(picture, spec);
    let worst = 0;
    for (let i = 0; i < data.length; i++) worst = Math.max(worst, Math.abs(data[i]! - expected[i]!));
    // One level would be 1 / 255 / 0.17 = 0.023. Left is rounding: NumPy computes in float32 throughout.
    expect(worst).toBeLessThan(1e-6);
  }
});
