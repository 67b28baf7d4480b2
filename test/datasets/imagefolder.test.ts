// Folders of classes: order, splits, nesting, masks, what is passed over.
import { basename } from 'node:path';
import { expect, it } from 'vitest';
import { countClasses, fitClasses } from '../../src/datasets/dataset.ts';
import { openDataset } from '../../src/datasets/open.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';

function folderWith(...names: string[]): string {
  const folder = temporaryFolder();
  for (const name of names) folder.put(name);
  return folder.path;
}

it('takes folders for classes in the order of code points, at any depth', async () => {
  const root = folderWith('b/1.jpg', 'a/x/y/2.JPEG', 'B/3.png', 'é/4.jpg', '10/5.jpg', '2/6.jpg', 'a/notes.txt');
  const dataset = await openDataset('imagefolder', { root });
  expect(dataset.classes).toEqual(['10', '2', 'B', 'a', 'b', 'é']); // as Python's sorted
  expect(dataset.items.map(({ id, label }) => [id, dataset.classes[label]])).toEqual([
    ['6', '2'],
    ['5', '10'],
    ['2', 'a'],
    ['1', 'b'],
    ['3', 'B'],
    ['4', 'é'],
  ]);
  expect(dataset.items.every(({ split, group, mask }) => split === null && group === null && mask === null)).toBe(true);
  expect(dataset.warnings).toEqual([]);
});

it('keeps splits that are there, under any of their names', async () => {
  const root = folderWith('Train/a/1.jpg', 'Train/b/2.jpg', 'valid/a/3.jpg', 'test/b/4.jpg', 'test/c/5.jpg');
  const dataset = await openDataset('imagefolder', { root });
  expect(dataset.classes).toEqual(['a', 'b', 'c']);
  const splits = Object.fromEntries(dataset.items.map(({ id, split }) => [id, split]));
  expect(splits).toEqual({ 1: 'train', 2: 'train', 3: 'val', 4: 'test', 5: 'test' });
});

it('takes train and test for classes where pictures lie directly in them', async () => {
  const root = folderWith('train/1.jpg', 'test/2.jpg', 'bus/3.jpg');
  expect((await openDataset('imagefolder', { root })).classes).toEqual(['bus', 'test', 'train']);
});

it('leaves masks, hidden and system files out, finds the mask of a picture', async () => {
  const root = folderWith(
    ...['nv/I1.jpg', 'mel/I2.jpg', 'masks/I1_segmentation.png', 'segmentations/I2.png', 'masks/I1.png'],
    ...['nv/.I1.jpg', '.cache/nv/z.jpg', '__MACOSX/nv/I1.jpg', 'nv/Thumbs.db', 'nv/.DS_Store'],
  );
  const dataset = await openDataset('imagefolder', { root });
  expect(dataset.classes).toEqual(['mel', 'nv']);
  const masks = dataset.items.map(({ id, mask }) => [id, mask === null ? null : basename(mask)]);
  expect(masks).toEqual([
    ['I2', 'I2.png'],
    ['I1', 'I1_segmentation.png'],
  ]);
});

it('knows a class called with_mask from a folder of masks', async () => {
  const root = folderWith('with_mask/1.jpg', 'with_mask/2.jpg', 'without_mask/3.jpg');
  expect((await openDataset('imagefolder', { root })).classes).toEqual(['with_mask', 'without_mask']);
});

it('counts and names pictures in no folder of a class, and kinds of pictures that cannot be read', async () => {
  const root = folderWith('a/1.jpg', 'a/2.heic', 'b/2.jpg', 'loose.jpg');
  const { skipped, warnings } = await openDataset('imagefolder', { root });
  expect(warnings.join()).toMatch(/1 picture outside folders of classes, left out: .*loose\.jpg/);
  expect(skipped.map(({ path }) => basename(path)).sort()).toEqual(['2.heic', 'loose.jpg']);
});

it('keeps a class whose folder is empty, and says so', async () => {
  const root = folderWith('a/1.jpg', 'b/notes.txt');
  const { classes, items, warnings } = await openDataset('imagefolder', { root });
  expect(countClasses(items, classes.length)).toEqual([1, 0]);
  expect(warnings).toEqual(['1 class without a picture: b.']);
});

it('gives two pictures of one name ids that differ', async () => {
  const root = folderWith('a/1.jpg', 'b/1.jpg', 'b/1.png');
  const ids = (await openDataset('imagefolder', { root })).items.map(({ id }) => id);
  expect(new Set(ids).size).toBe(3);
});

it('says what it looked for where there is nothing', async () => {
  const root = folderWith('readme.txt');
  await expect(openDataset('imagefolder', { root })).rejects.toMatchObject({ code: 'no-items' });
  await expect(openDataset('imagefolder', { root: `${root}/none` })).rejects.toMatchObject({ code: 'data-not-found' });
  await expect(openDataset('imagefolders', { root })).rejects.toMatchObject({ code: 'unknown-dataset' });
});

it("puts labels into a model's order of classes, or says which do not fit", async () => {
  const root = folderWith('NV/1.jpg', 'mel/2.jpg', 'empty/x.txt');
  const dataset = await openDataset('imagefolder', { root });
  const fitted = fitClasses(dataset, ['df', 'mel', 'nv'], 'runs/ce');
  expect(fitted.items.map(({ id, label }) => [id, label])).toEqual([
    ['2', 1],
    ['1', 2],
  ]);
  expect(() => fitClasses(dataset, ['df', 'nv'], 'runs/ce')).toThrow(
    /do not fit those of runs\/ce[^]*mel \(1 picture\)/,
  );
});
