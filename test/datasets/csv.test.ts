// Tables of labels: columns found and named, layouts of labels, what has no partner.
import { basename } from 'node:path';
import { expect, it } from 'vitest';
import type { DatasetSpec } from '../../src/datasets/dataset.ts';
import { openDataset } from '../../src/datasets/open.ts';
import { pythonList } from '../../src/datasets/table.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';

async function open(table: string, pictures: readonly string[], spec: Partial<DatasetSpec> = {}) {
  const folder = temporaryFolder();
  for (const name of pictures) folder.put(name);
  return openDataset('csv', { root: folder.put('labels.csv', table), ...spec });
}

it('reads ids, names of classes, lesions and splits by header, with BOM and CRLF', async () => {
  const table = '\ufeffLesion_ID,image_id,dx,split\r\nL1,I1,nv,training\r\nL1,i2,nv,Validation\r\n,I3,mel,test\r\n';
  const dataset = await open(table, ['images/I1.jpg', 'images/I2.jpg', 'images/I3.jpg']);
  expect(dataset.classes).toEqual(['mel', 'nv']);
  expect(dataset.items.map(({ id, label, group, split }) => [id, label, group, split])).toEqual([
    ['I1', 1, 'L1', 'train'],
    ['I2', 1, 'L1', 'val'],
    ['I3', 0, null, 'test'],
  ]);
  expect(dataset.notes.join()).toContain('groups from "Lesion_ID"');
});

it('takes columns that are named, and says which there are', async () => {
  const table = 'a,b,c\n1.jpg,x,p1\n2.jpg,y,p2\n';
  const dataset = await open(table, ['1.jpg', '2.jpg'], { imageCol: 'a', labelCol: 'b', groupCol: 'c' });
  expect(dataset.items.map(({ group }) => group)).toEqual(['p1', 'p2']);
  await expect(open(table, ['1.jpg'], { imageCol: 'a', labelCol: 'bb' })).rejects.toMatchObject({
    code: 'no-such-column',
  });
  await expect(open(table, ['1.jpg'])).rejects.toMatchObject({ code: 'bad-labels' });
});

it('finds pictures by relative path, by a path on another machine, by name and by id', async () => {
  const table = 'file;label\nsub/1.jpg;a\n../input/kaggle/2.png;a\nC:\\data\\3.jpg;b\n4.x;b\n';
  const dataset = await open(table, ['sub/1.jpg', 'deep/er/2.png', '3.jpg', '4.x.jpg']);
  expect(dataset.items.map(({ path }) => basename(path))).toEqual(['1.jpg', '2.png', '3.jpg', '4.x.jpg']);
});

it('reads one column per class, several 1s as multi-label', async () => {
  const single = await open('image,MEL,NV,UNK\n1,1.0,0.0,0.0\n2,0.0,1.0,0.0\n3,0,0,0\n', ['1.jpg', '2.jpg', '3.jpg']);
  expect([single.multiLabel, single.classes]).toEqual([false, ['MEL', 'NV', 'UNK']]);
  expect(single.items.map(({ label }) => label)).toEqual([0, 1]);
  expect(single.warnings.join(' ')).toMatch(/1 picture whose row gives no label.*1 class without a picture: UNK/);
  const multi = await open('image,A,B\n1,1,1\n2,0,1\n3,0,0\n', ['1.jpg', '2.jpg', '3.jpg']);
  expect(multi.multiLabel).toBe(true);
  expect(multi.items.map(({ label, labels }) => [label, labels])).toEqual([
    [-1, [1, 1]],
    [-1, [0, 1]],
    [-1, [0, 0]],
  ]);
  const chosen = await open('image,A,B,other\n1,1,0,1\n2,0,1,1\n', ['1.jpg', '2.jpg'], { labelCol: 'B,A' });
  expect([chosen.classes, chosen.items.map(({ label }) => label)]).toEqual([
    ['B', 'A'],
    [1, 0],
  ]);
});

it('reads lists of labels: bars, a separator that is named, Python lists', async () => {
  const bars = await open('image,Finding Labels\n1.jpg,B|A\n2.jpg,A\n', ['1.jpg', '2.jpg']);
  expect(bars.items.map(({ labels }) => labels)).toEqual([
    [1, 1],
    [1, 0],
  ]);
  const commas = await open('image,label\n1,"A, B"\n2,B\n', ['1.jpg', '2.jpg'], { labelSeparator: ',' });
  expect([commas.classes, commas.multiLabel]).toEqual([['A', 'B'], true]);
  const python = await open(`image,label\n1,"['N', 'D']"\n2,['D']\n`, ['1.jpg', '2.jpg']);
  expect(python.items.map(({ labels }) => labels)).toEqual([
    [1, 1],
    [1, 0],
  ]);
  expect(pythonList("['N']")).toEqual(['N']);
  expect(pythonList('[1, 0, 0]')).toEqual(['1', '0', '0']);
  expect(pythonList(`["it's", 'a, b']`)).toEqual(["it's", 'a, b']);
  expect(pythonList('N')).toBeNull();
});

it('reads indices, of a given list of classes too', async () => {
  const table = 'image,label\n1,10\n2,2.0\n3,0\n';
  const pictures = ['1.jpg', '2.jpg', '3.jpg'];
  const counted = await open(table, pictures);
  expect(counted.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10']);
  expect(counted.items.map(({ label }) => label)).toEqual([10, 2, 0]);
  const given = await open('image,label\n1,1\n2,0\n', pictures.slice(0, 2), { classes: ['nv', 'mel'] });
  expect(given.items.map(({ label }) => given.classes[label])).toEqual(['mel', 'nv']);
  await expect(open(table, pictures, { classes: ['nv', 'mel'] })).rejects.toMatchObject({ code: 'classes-do-not-fit' });
});

it('counts and names labels without a picture, pictures without a label, contradictions and repetitions', async () => {
  const table = 'image,label\n1,a\n1,a\n2,a\n2,b\n3,b\nnone,b\n4,nan\n';
  const dataset = await open(table, ['1.jpg', '2.jpg', '3.jpg', '4.jpg', 'other.jpg']);
  expect(dataset.items.map(({ id }) => id)).toEqual(['1', '3']);
  const said = dataset.warnings.join('\n');
  expect(said).toContain('1 label without a picture, left out: none.');
  expect(said).toMatch(/1 picture without a label, left out: .*other\.jpg/);
  expect(said).toMatch(/1 picture with rows that contradict each other, left out: .*2\.jpg/);
  expect(said).toMatch(/1 picture whose row gives no label, left out: .*4\.jpg/);
  expect(said).toMatch(/taken once: .*1\.jpg/);
  expect(dataset.skipped).toHaveLength(4);
  await expect(open('image,label\nx,a\n', ['1.jpg'])).rejects.toMatchObject({ code: 'no-items' });
});

it('takes train.csv, val.csv and test.csv of a folder as splits, masks that a column names', async () => {
  const folder = temporaryFolder();
  for (const name of ['1.jpg', '2.jpg', '3.jpg', 'm/1.png']) folder.put(name);
  folder.put('train.csv', 'image,label,mask\n1,a,m/1.png\n2,b,\n');
  folder.put('val.csv', 'image,label\n3,b\n');
  const { items } = await openDataset('csv', { root: folder.path });
  expect(items.map(({ id, split }) => [id, split])).toEqual([
    ['1', 'train'],
    ['2', 'train'],
    ['3', 'val'],
  ]);
  expect(items[0]!.mask).toMatch(/m[/\\]1\.png$/);
});

it('asks which table is meant where a folder has several', async () => {
  const folder = temporaryFolder();
  folder.put('a.csv', 'image,label\n');
  folder.put('b.csv', 'image,label\n');
  await expect(openDataset('csv', { root: folder.path })).rejects.toMatchObject({ code: 'no-table' });
});
