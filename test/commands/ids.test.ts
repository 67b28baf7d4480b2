// Ids that help and checks of options use, held equal to the tables that they stand for.
import { expect, it } from 'vitest';
import { methodIds } from '../../src/cam/ids.ts';
import { methods } from '../../src/cam/methods.ts';
import { datasets } from '../../src/datasets/formats.ts';
import { datasetIds } from '../../src/datasets/ids.ts';
import { engines } from '../../src/engine/engines.ts';
import { engineIds } from '../../src/engine/ids.ts';
import { lossIds } from '../../src/losses/ids.ts';
import { losses } from '../../src/losses/losses.ts';

it('lists every method', () => {
  expect(methodIds).toEqual(Object.keys(methods));
});

it('lists every engine', () => {
  expect(engineIds).toEqual(['auto', ...engines.map(({ id }) => id)]);
});

it('lists every loss and dataset, in the order of the tables', () => {
  expect(lossIds).toEqual(Object.keys(losses));
  expect(datasetIds).toEqual(Object.keys(datasets));
});
