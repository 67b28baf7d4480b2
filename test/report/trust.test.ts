// The panel says what this report's numbers say, and nothing where it has none.
import { describe, expect, it } from 'vitest';
import type { ColumnSummary, MetricSummary, PairSummary } from '../../src/metrics/maps/summary.ts';
import type { Report } from '../../src/report/report.ts';
import { trustView } from '../../src/report/trust.ts';
import { isMost } from '../../src/report/trust/measured.ts';
import { exampleCell, exampleReport, exampleRun, exampleSample } from './example.ts';

const metric = (mean: number, more: Partial<MetricSummary> = {}): MetricSummary => ({
  mean,
  n: 20,
  random: null,
  centred: null,
  aboveCentred: null,
  ...more,
});
const column = (run: string, metrics: ColumnSummary['metrics'], more: Partial<ColumnSummary> = {}): ColumnSummary => ({
  run,
  method: 'gradcam',
  maps: 20,
  zero: 0,
  metrics,
  ...more,
});
const pair = (a: string, b: string, rho: number): PairSummary => ({
  a: { run: a, method: 'gradcam' },
  b: { run: b, method: 'gradcam' },
  metrics: { spearman: { mean: rho, n: 20 } },
});
const masks = { usable: 20, empty: 0, missing: 0 };

function texts(report: Report): Record<string, string> {
  const groups = trustView(report)?.groups ?? [];
  return Object.fromEntries(groups.map(({ mark, points }) => [mark, points.map(({ text }) => text).join('\n')]));
}

describe('trustView', () => {
  it('is absent without maps', () => {
    expect(trustView(exampleReport({ cells: [exampleCell('a', 'ce', { map: null })] }))).toBeNull();
  });

  it('says what was not looked at', () => {
    const { '?': open, '−': against } = texts(exampleReport());
    expect(open).toContain('no masks');
    expect(open).toContain('--faithfulness');
    expect(open).toContain('--sanity');
    expect(against).toContain('2 samples');
    expect(against).toContain(
      '3 × 2 cells, each for 32 × 32 pixels of the model’s input (32 × 32 pixels of a picture such as a)',
    );
  });

  it('holds the share inside masks against a spot in the middle, run by run', () => {
    const energy = (mean: number, above: number) => ({
      'energy-in-mask': metric(mean, { random: 0.16, centred: 0.33, aboveCentred: above }),
    });
    const columns = [column('ce', energy(0.29, 9)), column('lmf', energy(0.6, 19))];
    const { '+': good, '−': bad } = texts(exampleReport({ mapMetrics: { masks, columns, pairs: [] } }));
    expect(good).toContain('LMF 60 % (above the spot on 19 of 20)');
    expect(bad).toContain('CE 29 % (above the spot on 9 of 20)');
    expect(bad).toContain('33 % does, of random maps 16 %');
  });

  it('counts zero maps, and maps of classes that are not predicted', () => {
    const columns = [column('ce', {}, { zero: 3 })];
    const cells = [
      exampleCell('a', 'ce', { predicted: { index: 0, name: 'mel', probability: 0.6 } }),
      exampleCell('b', 'ce'),
    ];
    const { '−': bad } = texts(exampleReport({ cells, mapMetrics: { masks, columns, pairs: [] } }));
    expect(bad).toContain('3 of 20 of CE');
    expect(bad).toContain('1 of 2 maps explain a class that the run does not predict');
  });

  it('sets differences between losses against those between runs of one loss', () => {
    const runs = [exampleRun('ce-s1', { loss: 'ce' }), exampleRun('ce-s2', { loss: 'ce' }), exampleRun('lmf')];
    const report = (between: number) =>
      exampleReport({
        runs,
        cells: [exampleCell('a', 'lmf')],
        mapMetrics: {
          masks,
          columns: [],
          pairs: [pair('ce-s1', 'ce-s2', 0.7), pair('ce-s1', 'lmf', between), pair('ce-s2', 'lmf', between)],
        },
      });
    expect(texts(report(0.4))['+']).toContain('0.40 between losses, 0.70 between runs of one loss');
    expect(texts(report(0.68))['−']).toContain('may be chance');
    const single = exampleReport({ mapMetrics: { masks, columns: [], pairs: [pair('ce', 'lmf', 0.5)] } });
    expect(texts(single)['?']).toContain('no two runs of one loss');
  });

  it('tells of heads that differ, with what that does here', () => {
    const runs = [exampleRun('ce'), exampleRun('lmf', { logitScale: 30 })];
    const columns = [column('ce', { gini: metric(0.4) }), column('lmf', { gini: metric(0.7) })];
    const { '−': bad } = texts(exampleReport({ runs, mapMetrics: { masks, columns, pairs: [] } }));
    expect(bad).toContain('LMF scales its logits');
    expect(bad).toContain('sharper (Gini index 0.70) than that of CE (Gini index 0.40)');
  });

  it('reads ROAD beside random maps and the spot', () => {
    const road = (mean: number, above: number) => ({
      road: metric(mean, { random: 0.05, centred: 0.2, aboveCentred: above }),
    });
    const columns = [column('a', road(0.04, 3)), column('b', road(0.25, 11)), column('c', road(0.4, 20))];
    const runs = ['a', 'b', 'c'].map((id) => exampleRun(id));
    const { '+': good, '−': bad } = texts(exampleReport({ runs, mapMetrics: { masks, columns, pairs: [] } }));
    expect(bad).toMatch(/no more than any other order: ROAD A 0.04/);
    expect(bad).toMatch(/not clearly more than a spot in the middle: ROAD B 0.25/);
    expect(good).toMatch(/ROAD C 0.40/);
  });

  it('says whether the maps change with the weights', () => {
    const end = (spearman: number) => [{ layer: 'conv1', redrawn: 9, n: 20, spearman, ssim: 0.1 }];
    const sanity = [
      { run: 'ce', method: 'gradcam', randomisation: end(0.1), permutedLabels: null },
      { run: 'lmf', method: 'gradcam', randomisation: end(0.9), permutedLabels: { n: 20, spearman: 0.2, ssim: 0.2 } },
    ];
    const { '+': good, '−': bad, '?': open } = texts(exampleReport({ sanity }));
    expect(good).toContain('CE 0.10');
    expect(good).toContain('permuted labels: rank correlation LMF 0.20');
    expect(bad).toContain('stay much the same (rank correlation LMF 0.90)');
    expect(open).not.toContain('--sanity');
  });

  it('tells of synthetic data and of what was assumed of the pictures', () => {
    const runs = [
      exampleRun('ce', { synthetic: true, assumed: ['Pictures are prepared as RGB: nothing says otherwise.'] }),
    ];
    const { '−': bad } = texts(exampleReport({ runs, cells: [exampleCell('a', 'ce')] }));
    expect(bad).toContain('drawn pictures');
    expect(bad).toContain('How CE wants its pictures prepared was partly assumed');
  });

  it('says nothing of few samples where there are many', () => {
    const samples = Array.from({ length: 40 }, (_, i) => exampleSample(`s${i}`));
    expect(texts(exampleReport({ samples, cells: samples.map(({ id }) => exampleCell(id, 'ce')) }))['−']).not.toContain(
      'too few',
    );
  });
});

it('most: a fair coin would rarely give as many', () => {
  // P(14 or more of 20) = 0.0577, of 15 or more 0.0207
  expect([isMost(14, 20), isMost(15, 20), isMost(0, 0), isMost(5, 5), isMost(6, 6)]).toEqual([
    false,
    true,
    false,
    false,
    true,
  ]);
});
