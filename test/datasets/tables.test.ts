// Files, tables and the page of datasets agree.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { augmentations, augmentPresets } from '../../src/datasets/augmentations.ts';
import { datasets } from '../../src/datasets/formats.ts';
import { samplers } from '../../src/datasets/sampler.ts';

const source = new URL('../../src/datasets/', import.meta.url);
const page = readFileSync(new URL('../../docs/datasets.md', import.meta.url), 'utf8');
const filesOf = (folder: string) => readdirSync(new URL(folder, source)).map((name) => name.replace(/\.ts$/, ''));

it('every dataset is a file, a line of the table, and a row and a section of the page', () => {
  expect(Object.keys(datasets).sort()).toEqual(filesOf('formats/').sort());
  for (const [key, { id }] of Object.entries(datasets)) {
    expect(id).toBe(key);
    expect(page).toContain(`| \`${id}\``);
    expect(page).toContain(`\n## ${id}\n`);
  }
});

it('every augmentation is a file and a line of the table; the page names them, presets and samplers', () => {
  const files = filesOf('augment/').filter((name) => !['augmentation', 'render'].includes(name));
  expect(Object.keys(augmentations).sort()).toEqual(files.sort());
  for (const [key, { id }] of Object.entries(augmentations)) expect(id).toBe(key);
  for (const name of [...Object.keys(augmentations), ...Object.keys(augmentPresets), ...samplers])
    expect(page).toContain(`\`${name}\``);
});
