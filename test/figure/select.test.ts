import { describe, expect, it } from 'vitest';
import { selectSamples } from '../../src/figure/select.ts';
import { gridReport } from '../report/on-disk.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';

const report = gridReport(12);
const choose = async (choice: string | undefined) => {
  const { samples, words } = await selectSamples(report, choice);
  return [samples.map(({ id }) => id).join(' '), words];
};

describe('selectSamples', () => {
  it('takes all, or says how few were drawn and from which seed', async () => {
    expect((await choose('all'))[1]).toBe('all 12 samples');
    const [ids, words] = await choose(undefined);
    expect(ids?.split(' ')).toHaveLength(6);
    expect(words).toBe('6 of 12 samples, drawn at random (seed 0)');
    expect(await choose('random:6')).toEqual([ids, words]);
    expect(await choose('random:6:0')).toEqual([ids, words]);
    expect(await choose('random:6(5)')).toEqual(await choose('random:6:5'));
    expect((await choose('random:6:5'))[0]).not.toBe(ids);
    expect((await choose('random:99'))[1]).toBe('all 12 samples');
  });

  it('keeps the order of ids that are named, by hand or in a file', async () => {
    expect(await choose('s03, s01')).toEqual(['s03 s01', '2 of 12 samples, chosen by hand']);
    const file = temporaryFolder().put('ids.txt', 's05\r\n\ns02\n');
    expect(await choose(file)).toEqual(['s05 s02', '2 of 12 samples, by a list of ids']);
  });

  it('finds disagreement, doubt and one of each class', async () => {
    // The second run predicts another class on every third sample.
    expect(await choose('disagreement:4')).toEqual([
      's01 s04 s07 s10',
      '4 of 12 samples on whose class the runs disagree most',
    ]);
    // Where it is wrong the true class gets nothing; elsewhere sureness falls from row to row.
    expect((await choose('hard:5'))[0]).toBe('s10 s07 s04 s01 s12');
    const [ids, words] = await choose('per-class:2:3');
    expect(words).toBe('4 of 12 samples, 2 of each class, drawn at random (seed 3)');
    const labels = ids?.split(' ').map((id) => report.samples.find((sample) => sample.id === id)?.label);
    expect(labels).toEqual(['mel', 'mel', 'nv', 'nv']);
  });

  it('names the nearest sample', async () => {
    await expect(choose('s3')).rejects.toThrow(/unknown sample "s3"[\s\S]*did you mean/);
    await expect(choose('random:0')).rejects.toThrow(/random:1 or more/);
  });
});
