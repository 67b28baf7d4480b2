import { expect, it } from 'vitest';
import { mapTables } from '../../src/report/map-metrics.ts';
import { exampleReport } from './example.ts';

const of = (mean: number) => ({ mean, n: 4, random: 0.125, centred: 0.5, aboveCentred: 1 });
const columns = ['ce', 'lmf'].map((run, i) => ({
  run,
  method: 'gradcam',
  maps: 4,
  zero: 0,
  metrics: { 'energy-in-mask': of(0.25 + i / 2), gini: { ...of(0.5), random: null, centred: null } },
}));
const pairs = [
  {
    a: { run: 'ce', method: 'gradcam' },
    b: { run: 'lmf', method: 'gradcam' },
    metrics: { spearman: { mean: -0.25, n: 4 } },
  },
];

it('is empty where nothing was measured', () => {
  expect(mapTables(exampleReport())).toEqual([]);
});

it('has runs beside the baselines, and only metrics that were measured', () => {
  const mapMetrics = { masks: { usable: 4, empty: 0, missing: 0 }, columns, pairs };
  const [where, shape, alike] = mapTables(exampleReport({ mapMetrics }));
  expect(where).toMatchObject({ title: 'Where the maps are', columns: ['Energy in mask ↑'] });
  expect(where!.rows.map(({ name, cells }) => [name, ...cells.map(({ text }) => text)])).toEqual([
    ['CE', '0.25'],
    ['LMF', '0.75'],
    ['a spot in the middle', '0.50'],
    ['random maps', '0.13'],
  ]);
  expect(shape).toMatchObject({ columns: ['Gini index'], rows: [{ name: 'CE' }, { name: 'LMF' }] });
  expect(alike!.rows[0]).toMatchObject({ name: 'CE and LMF', cells: [{ text: '−0.25' }, { text: '–' }, {}, {}] });
});
