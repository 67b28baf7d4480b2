import { describe, expect, it } from 'vitest';
import { metricsView } from '../../src/report/metrics.ts';
import { exampleRun } from './example.ts';

describe('metricsView', () => {
  it('is null where no run has metrics', () => {
    expect(metricsView([exampleRun('a'), exampleRun('b', { metrics: {} })])).toBeNull();
  });

  it('puts known numbers first under their titles, marks the best as shown, keeps the rest', () => {
    const runs = [
      exampleRun('a', { metrics: { latencyMs: 12.5, macroF1: 0.7391, accuracy: 0.7432 } }),
      exampleRun('b', { metrics: { accuracy: 0.7434, macroF1: 0.61 } }),
      exampleRun('c'),
    ];
    const table = metricsView(runs)?.scalars;
    expect(table?.columns).toEqual(['Accuracy', 'Macro F1', 'Latency ms']);
    expect(table?.rows.map((row) => row.cells.map((cell) => cell.text))).toEqual([
      ['0.743', '0.739', '12.500'],
      ['0.743', '0.610', '–'],
    ]);
    // 0.7432 and 0.7434 look the same, so neither is called best; latency has no known direction.
    expect(table?.rows.map((row) => row.cells.map((cell) => cell.best))).toEqual([
      [false, true, false],
      [false, false, false],
    ]);
  });

  it('tables records by class, matrices by share of the row, and the rest as text', () => {
    const confusion = [
      [9, 1],
      [0, 0],
    ];
    const runs = [
      exampleRun('a', { metrics: { perClassF1: { mel: 0.5, nv: 0.9 }, confusion, split: 'test', seeds: [1, 2, 3] } }),
      exampleRun('b', { metrics: { perClassF1: { nv: 0.8, df: 0.1 }, split: 'test', seeds: 'none' } }),
    ];
    const view = metricsView(runs);
    expect(view?.records[0]).toMatchObject({ title: 'F1 per class', columns: ['A', 'B'] });
    expect(view?.records[0]?.rows.map((row) => [row.name, ...row.cells.map((cell) => cell.text)])).toEqual([
      ['mel', '0.500', '–'],
      ['nv', '0.900', '0.800'],
      ['df', '–', '0.100'],
    ]);
    expect(view?.confusions.map((table) => table.run)).toEqual(['A']);
    expect(view?.confusions[0]?.rows[0]?.cells.map((cell) => cell.level)).toEqual([8, 1]);
    expect(view?.confusions[0]?.rows[1]?.cells.map((cell) => cell.level)).toEqual([0, 0]);
    expect(view?.remarks).toEqual([
      { name: 'Split', runs: null, text: { text: 'test', long: false } },
      { name: 'Seeds', runs: 'A', text: { text: '[1,2,3]', long: false } },
      { name: 'Seeds', runs: 'B', text: { text: 'none', long: false } },
    ]);
  });

  it('takes anything: null, nested, not a number, names of Object.prototype', () => {
    const metrics = JSON.parse(
      '{"__proto__": 1, "constructor": {"toString": 2}, "a": null, "b": [[1, 2], [3]], "c": {"d": {"e": 1}}}',
    ) as Record<string, unknown>;
    const view = metricsView([exampleRun('a', { metrics: { ...metrics, nan: NaN, long: 'x'.repeat(5_000) } })]);
    expect(view?.remarks.map((remark) => remark.name)).toEqual(['A', 'B', 'C', 'Long']);
    expect(view?.remarks[3]?.text.text.length).toBeLessThan(2_100);
    expect(view?.scalars?.rows[0]?.cells.map((cell) => cell.text)).toContain('NaN');
    expect(view?.records[0]?.rows[0]?.name).toBe('toString');
  });
});
