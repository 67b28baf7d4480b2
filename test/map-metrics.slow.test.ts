// Faithfulness and sanity on the runs that ship: what must hold of any maps that mean something, and of maps that do not.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compare } from '../src/compare.ts';
import type { Report } from '../src/report/report.ts';
import { stepCounts } from '../src/sanity.ts';

let out: string;
let report: Report;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'gradcam-test-'));
  report = await compare({
    models: ['runs/ce', 'runs/lmf'],
    images: ['samples/SYN_0002.jpg', 'samples/SYN_0009.jpg'],
    method: ['gradcam', 'hirescam'],
    faithfulness: ['deletion', 'insertion', 'road', 'average-drop', 'arcc', 'sensitivity-n'],
    sanity: true,
    permuted: ['lmf=runs/focal', 'runs/lmf'],
    out,
    engine: 'cpu',
  });
});
afterAll(() => rm(out, { recursive: true, force: true }));

test('every cell has the metrics that were asked for, in their ranges', () => {
  for (const { metrics } of report.cells) {
    expect(Object.keys(metrics!)).toEqual(
      expect.arrayContaining(['energy-in-mask', 'gini', 'deletion', 'insertion', 'road', 'average-drop', 'arcc']),
    );
    for (const id of ['deletion', 'insertion', 'average-drop', 'arcc']) {
      expect(metrics![id]).toBeGreaterThanOrEqual(0);
      expect(metrics![id]).toBeLessThanOrEqual(1);
    }
  }
});

test('maps of a head of global average pooling are the same under both methods, and so is all that is measured of them', () => {
  const of = (method: string) => report.mapMetrics.columns.filter((column) => column.method === method);
  for (const [i, column] of of('gradcam').entries())
    for (const [id, { mean }] of Object.entries(column.metrics))
      expect(of('hirescam')[i]!.metrics[id]!.mean, id).toBeCloseTo(mean, 3);
});

test('deleting by the map hurts more than by a random map', () => {
  for (const { run, metrics } of report.mapMetrics.columns) {
    // The other run takes what is left for the class itself: there the measure says nothing of the map.
    if (run === 'ce') expect(metrics['deletion']!.mean).toBeLessThan(metrics['deletion']!.random!);
    expect(metrics['road']!.mean).toBeGreaterThan(metrics['road']!.random!);
    expect(metrics['arcc']!.random).toBeNull();
  }
});

test('maps change with the weights, down to the first layer, and are not those of another model', () => {
  for (const { run, randomisation, permutedLabels } of report.sanity!) {
    expect(randomisation.at(-1)!.layer).toContain('stem');
    expect(randomisation.map(({ redrawn }) => redrawn)).toEqual(stepCounts(randomisation.at(-1)!.redrawn));
    for (const step of randomisation.slice(1)) expect(step.spearman ?? 0).toBeLessThan(0.8);
    expect(randomisation.at(-1)!.ssim ?? 0).toBeLessThan(0.5);
    // CE beside LMF, LMF beside Focal.
    expect(permutedLabels!.spearman, run).toBeLessThan(0.99);
  }
});

test('steps of a cascade are one layer, then evenly to all', () => {
  expect(stepCounts(0)).toEqual([]);
  expect(stepCounts(3)).toEqual([1, 2, 3]);
  expect(stepCounts(15)).toEqual([1, 3, 5, 7, 9, 11, 13, 15]);
});
