// What stands in a table has a file of its own, and its id is the file's name.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { datasets } from '../src/datasets/formats.ts';
import { engines } from '../src/engine/engines.ts';
import { figureFormats } from '../src/figure/formats.ts';
import { colormaps } from '../src/image/colormaps.ts';
import { losses } from '../src/losses/losses.ts';
import { formats } from '../src/model/formats.ts';

const filesIn = (folder: string): string[] =>
  readdirSync(join(import.meta.dirname, '../src', folder)).map((name) => name.replace(/\.ts$/, ''));
const idsOf = (table: object): string[] => Object.values(table).map(({ id }: { id: string }) => id);

test.each([
  ['datasets/formats', datasets],
  ['engine/engines', engines],
  ['figure/formats', figureFormats],
  ['image/colormaps', colormaps],
  ['model/formats', formats],
])('%s', (folder, table) => {
  expect(idsOf(table).sort()).toEqual(filesIn(folder).sort());
});

test.each([
  ['datasets', datasets],
  ['figure formats', figureFormats],
  ['colormaps', colormaps],
  ['losses', losses],
])('%s are in the table by their id', (_, table) => {
  expect(Object.keys(table)).toEqual(idsOf(table));
});

test('losses', () => {
  expect(filesIn('losses')).toEqual(expect.arrayContaining(idsOf(losses)));
});
