// The synthetic set: the same for the same seed at any size, long-tailed, shortcuts where they should be, drawn once.
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { countClasses } from '../../src/datasets/dataset.ts';
import { demoClasses, trainCounts } from '../../src/datasets/demo/classes.ts';
import { listDemo } from '../../src/datasets/demo/demo.ts';
import { drawDemoPicture, type DemoPicture } from '../../src/datasets/demo/draw.ts';
import { drawSamples } from '../../src/datasets/demo/samples.ts';
import { openDataset } from '../../src/datasets/open.ts';
import { itemsOf, splitDataset } from '../../src/datasets/split.ts';
import { decodeMask, decodePicture } from '../../src/image/codec.ts';
import { meanDifference } from '../image/pictures.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';

const one: DemoPicture = { seed: 3, split: 'test', name: 'mel', lesion: 0, photo: 0, height: 48 };

it('draws the same picture for the same seed, another for another', () => {
  const first = drawDemoPicture(one);
  expect(drawDemoPicture(one)).toEqual(first);
  expect(drawDemoPicture({ ...one, seed: 4 }).picture.rgba).not.toEqual(first.picture.rgba);
  expect([first.picture.width, first.picture.height]).toEqual([64, 48]);
});

it('draws the same lesion at any size', () => {
  const share = ({ mask }: { mask: Uint8Array }) => mask.reduce((sum, value) => sum + value, 0) / mask.length;
  const small = drawDemoPicture(one);
  const large = drawDemoPicture({ ...one, height: 96 });
  expect(share(large)).toBeCloseTo(share(small), 2);
  expect(large.facts).toEqual(small.facts);
});

it('photographs a lesion again from nearly the same place, with other marks', () => {
  const first = drawDemoPicture(one);
  const second = drawDemoPicture({ ...one, photo: 1 });
  const other = drawDemoPicture({ ...one, lesion: 1 });
  expect(second.facts.like).toBe(first.facts.like);
  expect(second.picture.rgba).not.toEqual(first.picture.rgba);
  const overlap = (a: Uint8Array, b: Uint8Array) => a.reduce((sum, value, i) => sum + (value & b[i]!), 0);
  expect(overlap(first.mask, second.mask)).toBeGreaterThan(overlap(first.mask, other.mask) * 0.5);
});

it('sets a shortcut by hand and leaves all else as it was', () => {
  const without = drawDemoPicture({ ...one, force: { patch: false, ruler: false } });
  const sticker = drawDemoPicture({ ...one, force: { patch: true, ruler: false } });
  expect(without.cue.every((value) => value === 0)).toBe(true);
  expect(sticker.cue.some((value) => value === 1)).toBe(true);
  const outside = [...sticker.cue.keys()].filter((i) => sticker.cue[i] === 0);
  const red = (rgba: Uint8ClampedArray) => outside.map((i) => rgba[4 * i]!);
  expect(meanDifference(red(sticker.picture.rgba), red(without.picture.rgba))).toBeLessThan(0.5); // the blur of its edge
});

it('is long-tailed as HAM10000 in training, balanced elsewhere, with several photographs of one lesion in five', () => {
  expect(trainCounts(3000)).toEqual({ akiec: 98, bcc: 154, bkl: 329, df: 50, mel: 333, nv: 2008, vasc: 50 });
  const pictures = listDemo({ seed: 0, train: 3000, perClass: 40, size: 128 });
  expect(pictures).toHaveLength(3022 + 280 + 280);
  const train = pictures.filter(({ split }) => split === 'train');
  const lesions = new Set(train.map(({ name, lesion }) => `${name} ${lesion}`));
  expect(train.length / lesions.size).toBeCloseTo(1.25, 1);
  expect(pictures.filter(({ split }) => split === 'test').every(({ photo }) => photo === 0)).toBe(true);
});

it('is drawn once, taken up where it was interrupted, opened afterwards', async () => {
  const root = join(temporaryFolder().path, 'demo');
  const demo = { train: 14, perClass: 1, size: 24, seed: 1 };
  let told = 0;
  const first = await openDataset('demo', { root, demo, onProgress: () => told++ });
  expect(first.classes).toEqual(demoClasses);
  expect([first.synthetic, first.multiLabel, told]).toEqual([true, false, first.items.length]);
  expect(countClasses(itemsOf(first, 'test'), 7)).toEqual([1, 1, 1, 1, 1, 1, 1]);
  expect(splitDataset(first).items).toEqual(first.items);
  const { path, mask } = first.items[0]!;
  const picture = await decodePicture(path);
  expect([picture.width, picture.height]).toEqual([32, 24]);
  expect((await decodeMask(mask!)).data.some((value) => value === 1)).toBe(true);
  expect(readFileSync(join(root, 'README.txt'), 'utf8')).toMatch(/^SYNTHETIC/);
  const time = statSync(path).mtimeMs;
  expect(await openDataset('demo', { root })).toEqual(first);
  expect(statSync(path).mtimeMs).toBe(time);
  rmSync(join(root, 'labels.csv'));
  rmSync(path);
  expect((await openDataset('demo', { root })).items).toEqual(first.items);
  await expect(openDataset('demo', { root, demo: { seed: 2 } })).rejects.toMatchObject({ code: 'demo-differs' });
  // It is a folder of classes as well.
  const folder = await openDataset('imagefolder', { root });
  expect(folder.items.map(({ id, label, split }) => [id, label, split]).sort()).toEqual(
    first.items.map(({ id, label, split }) => [id, label, split]).sort(),
  );
  expect(folder.items.every((item) => item.mask !== null)).toBe(true);
});

it('draws into no folder that holds other things, and nothing senseless', async () => {
  const folder = temporaryFolder();
  folder.put('thesis.tex');
  await expect(openDataset('demo', { root: folder.path })).rejects.toMatchObject({ code: 'folder-in-use' });
  const root = join(folder.path, 'x');
  await expect(openDataset('demo', { root, demo: { train: 0 } })).rejects.toMatchObject({ code: 'bad-demo' });
  writeFileSync(join(folder.path, 'manifest.json'), '{ "other": 1 }');
  await expect(openDataset('demo', { root: folder.path })).rejects.toMatchObject({ code: 'folder-in-use' });
});

it('draws samples with labels and masks', async () => {
  const folder = temporaryFolder();
  const ids = await drawSamples({ folder: folder.path, perClass: 1, height: 24 });
  expect(ids).toHaveLength(7);
  expect(readFileSync(join(folder.path, 'labels.csv'), 'utf8')).toMatch(/^image_id,dx\nSYN_0001,akiec\n/);
  expect(JSON.parse(readFileSync(join(folder.path, 'facts.json'), 'utf8'))).toMatchObject({ synthetic: true });
});
