import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../../../src/tf/tfjs.ts';
import { largestDifference } from '../../arrays.ts';
import { eagerLogits, fixtures, readKeras, readNpy, variants } from './fixtures.ts';

describe('Keras models run eagerly', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it.each(variants)('$fixture/$file gives the logits that Keras gave', async ({ fixture, file, logits }) => {
    const model = await readKeras(join(fixtures, fixture, file));
    const found = eagerLogits(model, readNpy(join(fixtures, fixture, 'inputs.npy')));
    // Float32 in another order of summation; logits spread by about 2.
    expect(largestDifference(found, readNpy(join(fixtures, fixture, logits)).data)).toBeLessThan(1e-4);
  });
});
