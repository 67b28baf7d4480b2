import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kerasV3 } from '../../../src/model/formats/keras-v3.ts';
import { largestDifference } from '../../arrays.ts';
import { fixtures, readNpy, variants } from '../keras/fixtures.ts';
import { loadFixture, runForward } from './traced.ts';

const archives = variants.filter(({ file }) => file.endsWith('.keras'));

describe('Keras archives', () => {
  it.each(archives)('$fixture/$file, traced, gives the logits that Keras gave', async ({ fixture, file, logits }) => {
    const model = await loadFixture(kerasV3, fixture, file);
    const found = await runForward(model, readNpy(join(fixtures, fixture, 'inputs.npy')));
    expect(largestDifference(found.logits, readNpy(join(fixtures, fixture, logits)).data)).toBeLessThan(1e-4);
  });
});
