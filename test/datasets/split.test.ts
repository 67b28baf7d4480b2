// Splits: shares, groups kept whole, rare classes, what the data says itself, the file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countClasses, type Dataset, type DatasetItem, type SplitName } from '../../src/datasets/dataset.ts';
import { readSplit, writeSplit } from '../../src/datasets/split-file.ts';
import { itemsOf, requireTrainable, splitDataset } from '../../src/datasets/split.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';

interface Row {
  readonly label?: number;
  readonly labels?: readonly number[];
  readonly group?: string | null;
  readonly split?: SplitName | null;
}

function datasetOf(classes: number, rows: readonly Row[]): Dataset {
  const items = rows.map(({ label = -1, labels = null, group = null, split = null }, index): DatasetItem => {
    return { id: `i${index}`, path: join('root', `${index}.jpg`), label, labels, group, split, mask: null };
  });
  const names = Array.from({ length: classes }, (_, index) => `c${index}`);
  const rest = { synthetic: false, licence: null, citation: null, skipped: [], warnings: [], notes: [] };
  const multiLabel = items.some(({ labels }) => labels !== null);
  return { id: 'csv', title: '', root: 'root', classes: names, items, multiLabel, ...rest };
}

/** Lesions of one class, `sizes[i]` pictures each. */
function lesions(label: number, sizes: readonly number[]): Row[] {
  return sizes.flatMap((size, i) => Array.from({ length: size }, () => ({ label, group: `${label}-${i}` })));
}

function countsOf(dataset: Dataset): Record<SplitName, number[]> {
  const of = (split: SplitName) => countClasses(itemsOf(dataset, split), dataset.classes.length);
  return { train: of('train'), val: of('val'), test: of('test') };
}

function crossings({ items }: Dataset): number {
  const splits = new Map<string, Set<string | null>>();
  for (const { group, split } of items)
    if (group !== null) splits.set(group, (splits.get(group) ?? new Set()).add(split));
  return [...splits.values()].filter((set) => set.size > 1).length;
}

it('gives each class 70, 15 and 15 of 100', () => {
  const rows = Array.from({ length: 300 }, (_, i) => ({ label: i % 3 }));
  expect(countsOf(splitDataset(datasetOf(3, rows)))).toEqual({
    train: [70, 70, 70],
    val: [15, 15, 15],
    test: [15, 15, 15],
  });
});

it('keeps groups whole and spreads large ones as small ones', () => {
  // 40 lesions of five pictures, 200 of one: 400 pictures, 280, 60 and 60 of them.
  const dataset = splitDataset(datasetOf(1, lesions(0, [...Array<number>(40).fill(5), ...Array<number>(200).fill(1)])));
  expect(crossings(dataset)).toBe(0);
  expect(countsOf(dataset)).toEqual({ train: [280], val: [60], test: [60] });
  const large = (split: SplitName) =>
    itemsOf(dataset, split).filter(({ group }) => Number(group!.slice(2)) < 40).length;
  expect([large('train'), large('val'), large('test')]).toEqual([140, 30, 30]);
});

it('is the same for the same seed, another for another, whatever else is asked', () => {
  const rows = Array.from({ length: 60 }, (_, i) => ({ label: i % 2 }));
  const splits = (seed: number) => splitDataset(datasetOf(2, rows), { seed }).items.map(({ split }) => split);
  expect(splits(1)).toEqual(splits(1));
  expect(splits(1)).not.toEqual(splits(2));
});

it('gives a rare class one picture in each split, trains on one of two, says what cannot be', () => {
  const common = Array.from({ length: 100 }, () => ({ label: 0 }));
  const three = splitDataset(datasetOf(2, [...common, ...lesions(1, [1, 1, 1])]));
  expect(Object.values(countsOf(three)).map((counts) => counts[1])).toEqual([1, 1, 1]);
  expect(three.warnings).toEqual([]);
  const two = splitDataset(datasetOf(2, [...common, ...lesions(1, [4, 1])]));
  expect(countsOf(two).train[1]).toBe(4);
  expect(countsOf(two).val[1]).toBe(1);
  expect(two.warnings).toEqual(['Too few lesions or patients: no picture of c1 in test.']);
});

it('holds for any groups: none crosses, shares are off by no more than the largest groups', () => {
  const row = fc.record({ label: fc.nat(3), group: fc.option(fc.nat(30).map(String)) });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 120 }), fc.nat(9), (rows, seed) => {
      const dataset = splitDataset(datasetOf(4, rows), { seed });
      expect(crossings(dataset)).toBe(0);
      expect(dataset.items.every(({ split }) => split !== null)).toBe(true);
      const sizes = new Map<string, number>();
      for (const { group } of rows) if (group !== null) sizes.set(group, (sizes.get(group) ?? 0) + 1);
      const largest = Math.max(1, ...sizes.values());
      const off = itemsOf(dataset, 'test').length - 0.15 * rows.length;
      expect(Math.abs(off)).toBeLessThanOrEqual(4 * (largest + 1)); // each class may be a group off
    }),
    { numRuns: 100 },
  );
});

it('spreads labels of a multi-label dataset, negatives too', () => {
  const rows = Array.from({ length: 200 }, (_, i) => ({ labels: [i % 10 === 0 ? 1 : 0, i % 4 === 0 ? 1 : 0] }));
  const counts = countsOf(splitDataset(datasetOf(2, rows)));
  expect(counts.train).toEqual([14, 35]);
  expect(counts.val.map((count, i) => count + counts.test[i]!)).toEqual([6, 15]);
});

it('keeps splits that the data has and divides only what is missing', () => {
  const given = (split: SplitName, count: number) => Array.from({ length: count }, () => ({ label: 0, split }));
  const all = splitDataset(datasetOf(1, [...given('train', 5), ...given('val', 3), ...given('test', 2)]));
  expect(countsOf(all)).toEqual({ train: [5], val: [3], test: [2] });
  const noVal = splitDataset(datasetOf(1, [...given('train', 85), ...given('test', 9)]));
  expect(countsOf(noVal)).toEqual({ train: [70], val: [15], test: [9] });
  const noTest = splitDataset(datasetOf(1, [...given('train', 8), ...given('val', 2)]));
  expect(countsOf(noTest)).toEqual({ train: [8], val: [2], test: [0] });
  expect(noTest.warnings).toEqual(['No pictures for test.']);
  const onlyTrain = splitDataset(datasetOf(1, given('train', 100)));
  expect(countsOf(onlyTrain)).toEqual({ train: [70], val: [15], test: [15] });
  const free = Array.from({ length: 85 }, () => ({ label: 0 }));
  expect(countsOf(splitDataset(datasetOf(1, [...free, ...given('test', 4)])))).toEqual({
    train: [70],
    val: [15],
    test: [4],
  });
});

it('lets the rest of a lesion follow what is fixed, and says where published splits divide one', () => {
  const rows: Row[] = [
    { label: 0, group: 'a', split: 'test' },
    ...Array.from({ length: 20 }, (_, i) => ({ label: 0, group: i < 3 ? 'a' : null })),
  ];
  const dataset = splitDataset(datasetOf(1, rows));
  expect(dataset.items.filter(({ group }) => group === 'a').every(({ split }) => split === 'test')).toBe(true);
  const published: Row[] = (['train', 'val', 'test'] as const).map((split) => ({ label: 0, group: 'x', split }));
  expect(splitDataset(datasetOf(1, published)).warnings.join()).toMatch(/1 lesion or patient in several splits/);
});

it('refuses shares that are none, and training without pictures of a class', () => {
  const dataset = datasetOf(2, [{ label: 0 }, { label: 0 }, { label: 0 }]);
  expect(() => splitDataset(dataset, { fractions: [0, 1, 0] })).toThrow(/shares of the splits/);
  expect(() => requireTrainable(splitDataset(dataset))).toThrow(/no training picture of c1/);
  expect(() => requireTrainable(datasetOf(1, [{ label: 0, split: 'train' }]))).toThrow(/root has only one class/);
  expect(() => requireTrainable(datasetOf(1, [{ label: 0, split: 'test' }]))).toThrow(/no training picture in root/);
});

it('writes splits down and reads them again', async () => {
  const folder = temporaryFolder();
  const dataset = splitDataset(datasetOf(2, [...lesions(0, [2, 1, 1, 1]), ...lesions(1, [1, 1, 1])]), { seed: 5 });
  const file = join(folder.path, 'split.csv');
  await writeSplit(dataset, file);
  expect(readFileSync(file, 'utf8').split('\n').slice(0, 2)).toEqual([
    'id,path,label,group,split',
    `i0,0.jpg,c0,0-0,${dataset.items[0]!.split}`,
  ]);
  const bare = { ...dataset, items: dataset.items.map((item) => ({ ...item, split: null })) };
  expect((await readSplit(bare, file)).items).toEqual(dataset.items);
  const more = { ...bare, items: [...bare.items, { ...bare.items[0]!, id: 'new' }] };
  expect((await readSplit(more, file)).warnings.join()).toMatch(/1 picture not in .*left out: new/);
  const relabelled = { ...bare, items: bare.items.map((item) => ({ ...item, label: 1 })) };
  await expect(readSplit(relabelled, file)).rejects.toMatchObject({ code: 'split-does-not-fit' });
});
