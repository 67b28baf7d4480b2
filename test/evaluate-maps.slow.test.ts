// `evaluate --maps` on what ships: numbers in evaluation.json are those of the table of maps, tests are over the same pictures.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { evaluate } from '../src/evaluate.ts';
import { parseCsv } from '../src/lib/csv.ts';
import type { Evaluation } from '../src/report/evaluation/evaluation.ts';

let out: string;
let evaluation: Evaluation;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'gradcam-test-'));
  evaluation = await evaluate({
    models: ['runs/ce', 'runs/focal', 'runs/lmf'],
    data: 'samples',
    labels: 'samples/labels.csv',
    maps: true,
    masks: 'samples/masks',
    metrics: ['energy-in-mask', 'pointing-game', 'gini', 'average-drop', 'spearman'],
    mapSamples: 9,
    bootstrap: 200,
    seed: 3,
    engine: 'cpu',
    out,
  });
});
afterAll(() => rm(out, { recursive: true, force: true }));

const csv = async (name: string): Promise<Record<string, string>[]> => {
  const [header, ...rows] = parseCsv(await readFile(join(out, name), 'utf8'), name);
  return rows.map(({ cells }) => Object.fromEntries(header!.cells.map((key, i) => [key, cells[i]!])));
};

test('as many pictures as asked for, drawn by the seed, every one with its mask', async () => {
  const maps = evaluation.maps!;
  expect([maps.samples, maps.of, maps.masks]).toEqual([9, 14, { usable: 9, empty: 0, missing: 0 }]);
  expect(maps.columns.map(({ run }) => run)).toEqual(['ce', 'focal', 'lmf']);
  expect(new Set((await csv('maps.csv')).map(({ sample }) => sample)).size).toBe(9);
});

test('means are those of the table of maps, inside their intervals', async () => {
  const rows = await csv('maps.csv');
  for (const { run, metrics } of evaluation.maps!.columns) {
    const own = rows.filter((row) => row['run'] === run).map((row) => Number(row['energy_in_mask']));
    const { mean, interval } = metrics['energy-in-mask']!;
    expect(mean).toBeCloseTo(own.reduce((a, b) => a + b, 0) / own.length, 6);
    expect(mean).toBeGreaterThan(interval![0]);
    expect(mean).toBeLessThan(interval![1]);
    expect(Object.keys(metrics).sort()).toEqual(['average-drop', 'energy-in-mask', 'gini', 'pointing-game']);
  }
});

test('runs are tested in pairs and all at once; the sharper heads of LMF are found', () => {
  const gini = evaluation.maps!.tests.find(({ metric }) => metric === 'gini')!;
  expect(gini.pairs.map(({ first, second, n }) => [first, second, n])).toEqual([
    ['ce', 'focal', 9],
    ['ce', 'lmf', 9],
    ['focal', 'lmf', 9],
  ]);
  // Above on every picture: 2 of 512 sign patterns, times three.
  expect(gini.pairs[1]).toMatchObject({ rankBiserial: -1, p: 2 / 512, adjustedP: 6 / 512 });
  expect(gini.friedman!.p).toBeLessThan(0.01);
});

test('tables, LaTeX and evaluation.json have them', async () => {
  expect(evaluation.sections[0]!.tables.map(({ id }) => id)).toEqual([
    'map-localisation',
    'map-faithfulness',
    'map-complexity',
    'map-differences',
    'map-friedman',
    'map-agreement',
  ]);
  expect(await csv('map-tests.csv')).toHaveLength(4 * 3);
  expect(await readFile(join(out, 'tables.tex'), 'utf8')).toContain('a spot in the middle');
  const written = JSON.parse(await readFile(join(out, 'evaluation.json'), 'utf8')) as Evaluation;
  expect(written.maps).toEqual(JSON.parse(JSON.stringify(evaluation.maps)));
});
