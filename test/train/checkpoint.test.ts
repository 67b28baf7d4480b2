import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bestFile, lastFile, readCheckpoint, removeCheckpoints, writeCheckpoint } from '../../src/train/checkpoint.ts';
import { requireSameRecipe } from '../../src/train/progress.ts';
import { isModelName } from '../../src/model/locate.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';

const tensor = (shape: number[], values: number[]) =>
  ({ dtype: 'float32', shape, data: Float32Array.from(values) }) as const;
const tensors = {
  'parameter/w': tensor([2, 2], [1, -0.1, 3e-42, Infinity]),
  'slot/mean/w': tensor([2, 2], [0, 0, 0, 1e30]),
  'state/n': tensor([], [7]),
};
const meta = { step: 3, progress: { history: [], text: 'ä' } };

test('what is written is read again, bit by bit', async () => {
  const file = lastFile(temporaryFolder().path);
  await writeCheckpoint(file, meta, tensors);
  expect(await readCheckpoint(file)).toEqual({ meta, tensors });
});

test('a view into a larger buffer is written as what it shows', async () => {
  const file = lastFile(temporaryFolder().path);
  const data = Float32Array.from([9, 1, 2, 9]).subarray(1, 3);
  await writeCheckpoint(file, {}, { w: { dtype: 'float32', shape: [2], data } });
  expect((await readCheckpoint(file))?.tensors.w?.data).toEqual(Float32Array.from([1, 2]));
});

test('nothing there is null; nothing but the checkpoint is left behind', async () => {
  const { path } = temporaryFolder();
  expect(await readCheckpoint(lastFile(path))).toBeNull();
  await writeCheckpoint(lastFile(path), meta, tensors);
  await writeCheckpoint(lastFile(path), meta, tensors);
  expect(readdirSync(`${path}/checkpoint`)).toEqual(['last.state']);
  await removeCheckpoints(path);
  expect(readdirSync(path)).toEqual([]);
});

test('is no model for those who look for some', () => {
  for (const file of [lastFile('run'), bestFile('run')]) expect(isModelName(file.split('/').at(-1)!)).toBe(false);
});

describe('damage', () => {
  const damages: readonly (readonly [string, (file: string) => void])[] = [
    ['cut off', (file) => truncateSync(file, 60)],
    ['empty', (file) => truncateSync(file, 0)],
    ['longer', (file) => appendFileSync(file, 'x')],
    ['one bit', (file) => {
      const bytes = readFileSync(file);
      bytes[bytes.length - 40]! ^= 1;
      writeFileSync(file, bytes);
    }],
    ['something else', (file) => writeFileSync(file, 'a text that is longer than the shortest checkpoint could be')],
  ]; // prettier-ignore
  test.each(damages)('%s', async (_, damage) => {
    const file = lastFile(temporaryFolder().path);
    await writeCheckpoint(file, meta, tensors);
    damage(file);
    await expect(readCheckpoint(file)).rejects.toMatchObject({ code: 'checkpoint-damaged' });
  });
});

test('a folder that is a file: named', async () => {
  const folder = temporaryFolder();
  const file = folder.put('run');
  await expect(writeCheckpoint(lastFile(file), meta, tensors)).rejects.toMatchObject({ code: 'not-a-folder' });
});

test('a recipe that differs is told by what differs; patience may change', () => {
  const before = { lr: 0.1, loss: 'lmf', patience: 3 };
  expect(() => requireSameRecipe(before, { ...before, patience: 5 }, 'lmf')).not.toThrow();
  expect(() => requireSameRecipe(before, { ...before, resize: 'pad' }, 'lmf')).not.toThrow(); // not known then
  expect(() => requireSameRecipe(before, { ...before, lr: 0.2 }, 'lmf')).toThrow(/lr 0.1[^]*lr 0.2/);
});
