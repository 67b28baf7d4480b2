// A bounded number at a time, first come first served.
import { expect, test } from 'vitest';
import { Slots } from '../../src/lib/slots.ts';

/** Work that ends when it is told to. */
function held() {
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return { end, work: () => ended };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('no more than its size begin, the others in the order in which they asked', async () => {
  const slots = new Slots(2);
  const begun: string[] = [];
  const works = new Map(['a', 'b', 'c', 'd'].map((name) => [name, held()]));
  const all = [...works].map(([name, { work }]) =>
    slots.run(() => {
      begun.push(name);
      return work();
    }),
  );
  await turn();
  expect(begun).toEqual(['a', 'b']);
  works.get('b')!.end();
  await turn();
  expect(begun).toEqual(['a', 'b', 'c']);
  for (const { end } of works.values()) end();
  await Promise.all(all);
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
});

test('work that fails gives its slot back and its error on', async () => {
  const slots = new Slots(1);
  await expect(slots.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await slots.run(() => Promise.resolve(7))).toBe(7);
});
