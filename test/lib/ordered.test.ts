import { expect, test } from 'vitest';
import { Backlog, limited, ordered } from '../../src/lib/ordered.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('results keep their order, and no more than `ahead` calls run before they are asked for', async () => {
  let open = 0;
  let most = 0;
  const results: number[] = [];
  const work = async (item: number): Promise<number> => {
    most = Math.max(most, ++open);
    await pause(item % 2 === 0 ? 4 : 1);
    open--;
    return item;
  };
  for await (const result of ordered([0, 1, 2, 3, 4, 5, 6], 3, work)) results.push(result);
  expect(results).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(most).toBe(3);
});

test('a failure is thrown in its place', async () => {
  const seen: number[] = [];
  const run = async (): Promise<void> => {
    for await (const result of ordered([0, 1, 2], 3, (item) =>
      item === 1 ? Promise.reject(new Error('one')) : Promise.resolve(item),
    ))
      seen.push(result);
  };
  await expect(run()).rejects.toThrow('one');
  expect(seen).toEqual([0]);
});

test('a backlog is bounded and throws its first failure', async () => {
  const backlog = new Backlog(2);
  let open = 0;
  let most = 0;
  for (let i = 0; i < 6; i++) {
    await backlog.add(async () => {
      most = Math.max(most, ++open);
      await pause(1);
      open--;
    });
  }
  await backlog.settle();
  expect(most).toBe(2);
  await backlog.add(() => Promise.reject(new Error('broken')));
  await expect(backlog.settle()).rejects.toThrow('broken');
});

test('limited work keeps its order and its limit', async () => {
  let open = 0;
  let most = 0;
  const results = await limited([3, 1, 2], 2, async (item, index) => {
    most = Math.max(most, ++open);
    await pause(item);
    open--;
    return item * 10 + index;
  });
  expect(results).toEqual([30, 11, 22]);
  expect(most).toBe(2);
});
