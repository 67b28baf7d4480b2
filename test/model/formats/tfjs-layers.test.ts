import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tfjsLayers } from '../../../src/model/formats/tfjs-layers.ts';
import { largestDifference } from '../../arrays.ts';
import { fixtures, readNpy, variants } from '../keras/fixtures.ts';
import { loadFixture, runForward } from './traced.ts';

const files = variants.filter(({ file }) => file.endsWith('model.json'));

describe('TensorFlow.js LayersModels', () => {
  it.each(files)('$fixture/$file, traced, gives the logits that Keras gave', async ({ fixture, file, logits }) => {
    const model = await loadFixture(tfjsLayers, fixture, file);
    const found = await runForward(model, readNpy(join(fixtures, fixture, 'inputs.npy')));
    expect(largestDifference(found.logits, readNpy(join(fixtures, fixture, logits)).data)).toBeLessThan(1e-4);
  });
});
