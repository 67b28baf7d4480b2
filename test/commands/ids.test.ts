// Ids that help and checks of options use, held equal to the tables that they stand for.
import { expect, it } from 'vitest';
import { methodIds } from '../../src/cam/ids.ts';
import { methods } from '../../src/cam/methods.ts';
import { engines } from '../../src/engine/engines.ts';
import { engineIds } from '../../src/engine/ids.ts';

it('lists every method', () => {
  expect(methodIds).toEqual(Object.keys(methods));
});

it('lists every engine', () => {
  expect(engineIds).toEqual(['auto', ...engines.map(({ id }) => id)]);
});
