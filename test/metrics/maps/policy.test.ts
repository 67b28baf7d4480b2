// Ids of map metrics = files = rows of docs/metrics.md: none is missing in one place, none is too many.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mapMetrics } from '../../../src/metrics/maps/metrics.ts';

const folder = new URL('../../../src/metrics/maps/', import.meta.url);
const kinds = ['localisation', 'complexity', 'agreement', 'faithfulness'];
const docs = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
const rows = Array.from(docs.matchAll(/^\| `([\w-]+)` \|(.+)\|$/gm), ([, id = '', rest = '']) => ({
  id,
  cells: rest.split(/(?<!\\)\|/).map((cell) => cell.trim()),
}));

test('each id is its key, its file and its row', () => {
  const keys = Object.keys(mapMetrics);
  const files = kinds.flatMap((kind) =>
    readdirSync(new URL(kind, folder)).map((file) => ({ kind, id: file.replace(/\.ts$/, '') })),
  );
  expect(Object.entries(mapMetrics).filter(([key, { id }]) => key !== id)).toEqual([]);
  expect(rows.map(({ id }) => id)).toEqual(keys);
  expect(files.map(({ id }) => id).sort()).toEqual([...keys].sort());
  for (const { kind, id } of files) expect(mapMetrics[id as keyof typeof mapMetrics].kind, id).toBe(kind);
});

test('titles, ranges, directions and sources in the docs are those of the code', () => {
  for (const { id, cells } of rows) {
    const metric = mapMetrics[id as keyof typeof mapMetrics];
    const range = metric.range.map((end) => String(end).replace('-', '−')).join('..');
    expect(cells[0], id).toContain(metric.title);
    expect(cells.slice(2), id).toEqual([range, metric.better, metric.paper]);
  }
});
