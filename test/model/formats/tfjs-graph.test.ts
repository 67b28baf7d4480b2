import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tfjsGraph } from '../../../src/model/formats/tfjs-graph.ts';
import { largestDifference } from '../../arrays.ts';
import { fixtures, readNpy } from '../keras/fixtures.ts';
import { loadFixture, runForward } from './traced.ts';

const models = readdirSync(fixtures)
  .filter((name) => name.startsWith('keras-'))
  .flatMap((fixture) =>
    ['', '-uint8', '-uint16', '-float16']
      .map((kind) => ({ fixture, folder: `graph${kind}`, logits: kind === '' ? 'logits.npy' : `logits${kind}.npy` }))
      .filter(({ folder }) => existsSync(join(fixtures, fixture, folder))),
  );

describe('TensorFlow.js GraphModels', () => {
  it.each(models)('$fixture/$folder, traced, gives the logits that Keras gave', async ({ fixture, folder, logits }) => {
    const model = await loadFixture(tfjsGraph, fixture, folder, 'model.json');
    const found = await runForward(model, readNpy(join(fixtures, fixture, 'inputs.npy')));
    expect(largestDifference(found.logits, readNpy(join(fixtures, fixture, logits)).data)).toBeLessThan(1e-4);
  });
});
