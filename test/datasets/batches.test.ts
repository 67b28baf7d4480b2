// The pipeline in the calling thread: what a batch holds, that it follows from seed, epoch and step alone, pictures that
// cannot be read. With threads: batches.slow.test.ts.
import { writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openBatches, type Batch, type BatchOptions } from '../../src/datasets/batches.ts';
import type { DatasetItem } from '../../src/datasets/dataset.ts';
import { classWeights, orderOf } from '../../src/datasets/sampler.ts';
import { decodePicture } from '../../src/image/codec.ts';
import type { PrepareSpec } from '../../src/image/picture.ts';
import { encodePng } from '../../src/image/png.ts';
import { prepareInput } from '../../src/image/prepare.ts';
import { pictureOf } from '../image/pictures.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';

const spec: PrepareSpec = {
  size: [6, 8],
  resize: 'squash',
  scale: [0, 1],
  mean: [0, 0, 0],
  std: [1, 1, 1],
  channels: 'rgb',
  layout: 'nchw',
};

/** `count` pictures, each of one colour and its own: red is 10 times its number. Labels go round. */
function pictures(count: number, classes = 3): DatasetItem[] {
  const folder = temporaryFolder();
  return Array.from({ length: count }, (_, i) => {
    const path = folder.put(`${i}.png`, encodePng(pictureOf(9, 7, (x) => [10 * i, x, 7])));
    return { id: String(i), path, label: i % classes, labels: null, group: null, split: null, mask: null };
  });
}

async function epochsOf(options: Partial<BatchOptions> & { items: readonly DatasetItem[] }, epochs = [0], from = 0) {
  const batches = openBatches({ classes: 3, spec, batch: 4, ...options });
  const all: Batch[] = [];
  for (const epoch of epochs) for await (const batch of batches.epoch(epoch, from)) all.push(batch);
  await batches.close();
  return { all, skipped: batches.skipped, steps: batches.steps };
}

it('gives every picture once an epoch, with its label, as inference would see it', async () => {
  const items = pictures(10);
  const { all, steps } = await epochsOf({ items });
  expect(steps).toBe(3);
  expect(all.map(({ count }) => count)).toEqual([4, 4, 2]);
  expect(all[0]!.shape).toEqual([4, 3, 6, 8]);
  expect(all.flatMap(({ ids }) => ids).sort()).toEqual(items.map(({ id }) => id).sort());
  const [first] = all;
  for (const [row, id] of first!.ids.entries()) {
    const item = items[Number(id)]!;
    expect(first!.labels[row]).toBe(item.label);
    const expected = prepareInput(await decodePicture(item.path), spec).data;
    expect(first!.images.subarray(row * 144, (row + 1) * 144)).toEqual(expected);
  }
});

it('follows from seed, epoch and step: whatever was read before, ahead or kept', async () => {
  const items = pictures(10);
  const augment = { flip: true, rotate: true, colour: true, mixup: true } as const;
  const whole = await epochsOf({ items, augment, seed: 4, epochs: 2 }, [0, 1]);
  const resumed = await epochsOf({ items, augment, seed: 4, ahead: 1, cacheBytes: 0 }, [1], 1);
  expect(resumed.all).toEqual(whole.all.slice(4));
  const other = await epochsOf({ items, augment, seed: 5 }, [1]);
  expect(other.all.flatMap(({ ids }) => ids)).not.toEqual(whole.all.slice(3).flatMap(({ ids }) => ids));
  expect(whole.all[0]!.images).not.toEqual(whole.all[3]!.images);
});

it('keeps decoded pictures in memory and on disk', async () => {
  const items = pictures(6);
  const folder = temporaryFolder();
  const first = await epochsOf({ items, sampler: 'in-order', cacheFolder: folder.path, cacheBytes: 3 * 144 }, [0]);
  const batches = openBatches({ items, classes: 3, spec, batch: 6, sampler: 'in-order' });
  const once = await batches.epoch(0).next();
  for (const { path } of items) writeFileSync(path, 'gone');
  expect((await batches.epoch(1).next()).value).toEqual(once.value); // from memory
  await batches.close();
  expect(first.skipped).toEqual([]);
  for (const { path } of items) rmSync(path);
  const { skipped } = await epochsOf({ items, sampler: 'in-order' }, [0]);
  expect(skipped).toHaveLength(6);
});

it('reads decoded pictures from disk in a later run, and none of a file that has changed', async () => {
  const items = pictures(2);
  const folder = temporaryFolder();
  const options = { items, sampler: 'in-order', cacheFolder: folder.path } as const;
  const first = await epochsOf(options);
  const again = await epochsOf(options);
  expect(again.all).toEqual(first.all);
  writeFileSync(items[0]!.path, encodePng(pictureOf(9, 7, () => [200, 200, 200])));
  expect((await epochsOf(options)).all[0]!.images[0]).toBeCloseTo(200 / 255);
});

it('puts another picture of the class in the place of an unreadable one, the same however it is met', async () => {
  const items = pictures(12);
  writeFileSync(items[4]!.path, 'no picture');
  const { all, skipped } = await epochsOf({ items, seed: 1, ahead: 1 }, [0, 1]);
  expect(all.map(({ count }) => count)).toEqual([4, 4, 4, 4, 4, 4]);
  expect(all.flatMap(({ ids }) => ids)).not.toContain('4');
  expect(
    all
      .slice(0, 3)
      .flatMap(({ labels }) => [...labels])
      .sort(),
  ).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
  expect(skipped).toEqual([{ path: items[4]!.path, reason: 'not a picture: text' }]);
  const resumed = await epochsOf({ items, seed: 1, ahead: 5 }, [1]);
  expect(resumed.all).toEqual(all.slice(3));
});

it('leaves an unreadable picture out where the order is that of the items', async () => {
  const items = pictures(6);
  writeFileSync(items[1]!.path, '');
  const { all } = await epochsOf({ items, sampler: 'in-order', batch: 3 });
  expect(all.map(({ ids }) => ids)).toEqual([
    ['0', '2'],
    ['3', '4', '5'],
  ]);
});

it('ends where no picture can be read, and where there are too few', async () => {
  const items = pictures(3);
  for (const { path } of items) writeFileSync(path, 'no picture');
  await expect(epochsOf({ items })).rejects.toMatchObject({ code: 'no-readable-picture' });
  expect(() => openBatches({ items, classes: 3, spec, batch: 4, dropLast: true })).toThrow(/no batch of 4/);
  expect(() => openBatches({ items: [], classes: 3, spec, batch: 4 })).toThrow(/no picture/);
});

it('blends pictures and labels alike', async () => {
  const items = pictures(4);
  const { all } = await epochsOf({ items, augment: { mixup: { alpha: 5 } } });
  const { images, targets, ids } = all[0]!;
  for (let row = 0; row < 4; row++) {
    const shares = targets!.subarray(row * 3, row * 3 + 3);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
    // Red of picture i is 10 i: the blend lies between two of them, and its own share tells which.
    expect(images[row * 144]! * 255).toBeLessThanOrEqual(30.001);
  }
  const mean = (index: number) => ids.reduce((sum, _, row) => sum + images[row * 144 + index]!, 0) / 4;
  expect(mean(0) * 255).toBeCloseTo(15, 3); // partners are a permutation: the mean stays
});

it('has several labels as targets', async () => {
  const items = pictures(4).map((item, i) => ({ ...item, label: -1, labels: [1, i % 2, 0] }));
  const { all } = await epochsOf({ items, sampler: 'in-order' });
  expect([...all[0]!.targets!]).toEqual([1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0]);
});

it('draws rare classes as often as common ones, or by their effective numbers', () => {
  const items = Array.from({ length: 1000 }, (_, i): DatasetItem => {
    return {
      id: '',
      path: join('x', String(i)),
      label: i < 990 ? 0 : 1,
      labels: null,
      group: null,
      split: null,
      mask: null,
    };
  });
  const share = (sampler: 'class-balanced' | 'effective-number') => {
    const drawn = [0, 1, 2, 3].flatMap((epoch) => orderOf(items, 2, sampler, 1, epoch));
    return drawn.filter((index) => items[index]!.label === 1).length / drawn.length;
  };
  expect(share('class-balanced')).toBeCloseTo(0.5, 1);
  // beta = 0.999: E = 1000 (1 - 0.999^n), 628.6 and 9.955; share of the rare class = 10/9.955 / (10/9.955 + 990/628.6).
  expect(classWeights([990, 10], 'effective-number').map((w) => 1 / w)).toEqual([
    expect.closeTo(628.6, 1),
    expect.closeTo(9.955, 2),
  ]);
  expect(share('effective-number')).toBeCloseTo(0.389, 1);
  expect(orderOf(items, 2, 'shuffle', 1, 0)).not.toEqual(orderOf(items, 2, 'shuffle', 1, 1));
});
