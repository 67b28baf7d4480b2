import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../lib/temporary-folder.ts';
import { damages, survive } from './keras-damage.ts';
import { peakMemory } from './loading.ts';

describe('damaged Keras and TensorFlow.js models', () => {
  it.each(Object.keys(damages))('%s: a model or a clear error, in little memory', async (name) => {
    const before = peakMemory();
    const results = await survive(damages[name]!, { count: 60, seed: 11, folder: temporaryFolder().path });
    expect(peakMemory() - before).toBeLessThan(500);
    // An archive's checksums find all of it.
    if (name === 'keras archive, bytes') expect(results).toEqual({ 'zip-damaged': 60 });
    else {
      // Both happen, or the damage was too weak or too strong to say anything.
      const { model = 0, ...errors } = results;
      expect(model).toBeGreaterThan(0);
      expect(Object.keys(errors).length).toBeGreaterThan(2);
    }
  });
});
