import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../lib/temporary-folder.ts';
import { damages, survive } from './keras-damage.ts';
import { peakMemory } from './loading.ts';

describe('1,000 damaged models of each kind', () => {
  it.each(Object.keys(damages))('%s: a model or a clear error, soon, in little memory', async (name) => {
    const [start, before] = [performance.now(), peakMemory()];
    const results = await survive(damages[name]!, { count: 1000, seed: 1, folder: temporaryFolder().path });
    expect(Object.values(results).reduce((sum, count) => sum + count)).toBe(1000);
    expect(performance.now() - start).toBeLessThan(300_000);
    expect(peakMemory() - before).toBeLessThan(1000);
  });
});
