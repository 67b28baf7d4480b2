// Tables, files and documentation of methods and targets agree.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isManyPass, type MapMethod } from '../src/cam/method.ts';
import { methods } from '../src/cam/methods.ts';
import { parameters } from '../src/cam/parameters.ts';
import { targets } from '../src/cam/targets.ts';

const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));
const files = (folder: string): string[] => readdirSync(path(folder)).map((name) => name.replace(/\.ts$/, ''));
const fileOf = (id: string): string => id.replace('++', '-plus-plus');
const docs = readFileSync(path('docs/methods.md'), 'utf8');
/** First cells, in back quotes, of the rows of a section's first table. */
const rowsOf = (section: string): string[] =>
  [
    ...docs
      .split(`## ${section}\n`)[1]!
      .split('\n\n| setting')[0]!
      .split('\n## ')[0]!
      .matchAll(/^\| `([^`]+)`/gm),
  ].map(([, id]) => id!);

test('every method has one file, one line in the table and one row in docs/methods.md, in one order', () => {
  const ids = Object.keys(methods);
  expect(ids.map(fileOf).sort()).toEqual(files('src/cam/methods').sort());
  expect(rowsOf('Methods')).toEqual(ids);
});

test('every target has one file, one line in the table and one row in docs/methods.md', () => {
  expect(Object.keys(targets).sort()).toEqual(files('src/cam/targets').sort());
  expect(rowsOf('Targets')).toEqual(Object.keys(targets));
});

test('papers in the table are those of the files', () => {
  for (const { id, paper } of Object.values<MapMethod>(methods)) {
    const reference = /arXiv [\d.]+\d|doi \S+|hal-\d+|WACV/.exec(paper)?.[0] ?? paper.split(',')[0]!;
    const row = docs.split('\n').find((line) => line.startsWith(`| \`${id}\``))!;
    const source = readFileSync(path(`src/cam/methods/${fileOf(id)}.ts`), 'utf8');
    if (id !== 'eigengradcam') expect(row, id).toContain(reference);
    expect(source.slice(0, source.indexOf('import ')), id).toContain(reference.replace('WACV', 'WACV 2020'));
  }
});

test('settings belong to methods that read them, and are in the documentation', () => {
  for (const [id, settings] of Object.entries(parameters)) {
    const method: MapMethod | undefined = Object.values<MapMethod>(methods).find((one) => one.id === id);
    expect(method !== undefined && isManyPass(method), id).toBe(true);
    expect(docs).toContain(`\`${id}.${Object.keys(settings)[0]!}\``);
    for (const name of Object.keys(settings).slice(1))
      expect(docs, `${id}.${name}`).toMatch(new RegExp(`\`${id.replace(/[+]/g, '\\+')}\\..*\`\\.${name}\``));
  }
});
