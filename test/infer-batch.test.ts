// A batch under several runs, which are given as functions here: who is asked, for which classes, how often.
import { expect, test } from 'vitest';
import { firstPass, inferBatch, settleBatch, type BatchSample } from '../src/infer-batch.ts';
import { Slots } from '../src/lib/slots.ts';
import type { OpenRun } from '../src/runs.ts';

/** A run of three classes whose logits are those given for every sample, and whose map is the class explained. */
function fakeRun(id: string, logits: readonly number[], classes = ['a', 'b', 'c']) {
  const asked: (readonly number[] | null)[] = [];
  const head = { classes, named: true, activation: 'softmax', logits: 3, logitScale: 1 } as const;
  const explained = (chosen: readonly number[]) =>
    Promise.resolve([chosen.map((index) => ({ map: Float32Array.of(index), note: `${id} ${index}` }))]);
  const run: Pick<OpenRun, 'id' | 'head' | 'infer'> = {
    id,
    head,
    infer(inputs, chosen) {
      asked.push(chosen);
      const maps = async (own: readonly number[]) => (await explained(own)).map((row) => row.map(({ map }) => map));
      return Promise.resolve({ logits: inputs.map(() => Float32Array.from(logits)), explained, maps });
    },
  };
  return { run: run as OpenRun, asked };
}

const sampleOf = (label: string | null, runs: number): BatchSample => {
  const input = { data: Float32Array.of(0), placement: { x: 0, y: 0, width: 1, height: 1 } };
  const picture: Partial<BatchSample['picture']> = { inputs: Array.from({ length: runs }, () => input) };
  return { label, picture: picture as BatchSample['picture'] };
};

test('classes known beforehand are explained in one go', async () => {
  const [first, second] = [fakeRun('first', [1, 2, 3]), fakeRun('second', [3, 2, 1], ['c', 'b', 'a'])];
  const runs = [first.run, second.run];
  const work = { runs, target: 'label', voting: false, slots: new Slots(2) };
  const { maps, notes, targets } = await inferBatch(work, [sampleOf('a', 2), sampleOf('b', 2)]);
  expect([first.asked, second.asked]).toEqual([[[0, 1]], [[2, 1]]]);
  expect(maps.map((methods) => methods.map((samples) => samples.map(([value]) => value)))).toEqual([
    [[0, 1]],
    [[2, 1]],
  ]);
  expect(notes[1]).toEqual([['second 2', 'second 1']]);
  expect(targets.map((row) => row.map(({ index }) => index))).toEqual([
    [0, 2],
    [1, 1],
  ]);
});

test('classes that are voted for come after every run has given its logits', async () => {
  const [first, second] = [fakeRun('first', [9, 0, 0]), fakeRun('second', [0, 5, 0])];
  const work = { runs: [first.run, second.run], target: 'consensus', voting: true, slots: new Slots(1) };
  const { maps } = await inferBatch(work, [sampleOf(null, 2)]);
  expect([first.asked, second.asked]).toEqual([[null], [null]]);
  expect(maps.map((methods) => methods[0]![0]![0])).toEqual([0, 0]);
});

test('a run that was asked for other classes than its names turn out to mean is asked again, the others are not', async () => {
  const [first, second] = [fakeRun('first', [1, 2, 3]), fakeRun('second', [1, 2, 3])];
  const slots = new Slots(2);
  const group = [sampleOf('c', 2)];
  const passes = [
    await firstPass(first.run, [], [-1], slots),
    await firstPass(second.run, [Float32Array.of(0)], [2], slots),
  ];
  const work = { runs: [first.run, second.run], target: 'label', voting: false, slots };
  const { maps } = await settleBatch(work, group, passes);
  expect([first.asked, second.asked]).toEqual([[[-1], [2]], [[2]]]);
  expect(maps.map((methods) => methods[0]![0]![0])).toEqual([2, 2]);
});
