import { describe, expect, it } from 'vitest';
import { readEvaluation } from '../../../src/report/evaluation/read.ts';
import { evaluationView } from '../../../src/report/evaluation/view.ts';
import { renderReport } from '../../../src/report/render.ts';
import { findEvaluation } from '../../../src/report/evaluation/find.ts';
import { temporaryFolder } from '../../lib/temporary-folder.ts';
import { exampleReport } from '../example.ts';
import { exampleEvaluated, exampleEvaluation } from './example.ts';

describe('the view', () => {
  const view = evaluationView(exampleEvaluation());

  it('has values with intervals, the best marked', () => {
    const [ce, lmf] = view.metrics.rows;
    expect(ce!.cells[0]).toEqual({ text: '0.750', interval: '0.50 to 1.00', best: false });
    expect(lmf!.cells[0]).toMatchObject({ text: '1.000', best: true });
    expect(view.metrics.columns).toContain('AUROC');
    expect(lmf!.cells[view.metrics.columns.indexOf('AUROC')]!.text).toBe('–');
  });

  it('says how probabilities are made', () => {
    expect(view.scales).toBe(
      'Probabilities are softmax(s z), with the scale s that the run was trained with: LMF 30; others 1.',
    );
  });

  it('draws bins that hold pictures, and tells them in words', () => {
    const [diagram] = view.reliability;
    expect(diagram!.bars).toEqual([
      { x: '50.00', y: '25.00', width: '50.00', height: '75.00', countY: '104.00', countHeight: '20.00' },
    ]);
    expect(diagram!.points).toEqual([{ x: '85.00', y: '25.00' }]);
    expect(diagram!.description).toBe('Reliability of CE. 0.50 to 1.00: 4 pictures, 75 % right.');
    expect(diagram!.leaning).toBe('too sure by 0.100 on average');
  });

  it('of one run without intervals and classes shows what there is', () => {
    const lone = exampleEvaluated('a', { confusion: null, calibration: null, intervals: {} });
    const small = evaluationView(exampleEvaluation({ runs: [lone], tests: null }));
    expect([small.confusions, small.reliability, small.differences]).toEqual([[], [], null]);
  });
});

describe('report.html', () => {
  it('shows it, names as text', async () => {
    const runs = [exampleEvaluated('ce', { name: '<b>CE</b>' })];
    const evaluation = exampleEvaluation({ runs, tests: null, warnings: ['<script>alert(1)</script>'] });
    const html = await renderReport(exampleReport({ evaluation }), { folder: '.', singleFile: false });
    expect(html).toContain('id="evaluation"');
    expect(html).toContain('href="#evaluation"');
    expect(html).not.toContain('<b>CE</b>');
    expect(html).not.toContain('<script>alert');
  });

  it('has no such section without one', async () => {
    expect(await renderReport(exampleReport(), { folder: '.', singleFile: false })).not.toContain('id="evaluation"');
  });
});

describe('evaluation.json', () => {
  const json = (more = {}) => JSON.stringify(exampleEvaluation(more));

  it('is read again as it was written', async () => {
    const file = temporaryFolder().put('evaluation.json', json());
    expect(await readEvaluation(file)).toEqual(exampleEvaluation());
  });

  it.each([
    ['{', 'not JSON'],
    ['{"schema":"gradcam/evaluation@2"}', 'the schema gradcam/evaluation@2'],
    ['{"schema":"gradcam/evaluation@1","runs":[]}', 'fields missing'],
    [json({ runs: [{ ...exampleEvaluated('a'), f1: '<b>' }] }), 'of another kind'],
    [json({ runs: [exampleEvaluated('a', { confusion: [[1]] })] }), 'of another kind'],
  ])('is refused where it is none of ours: %#', async (text, found) => {
    const file = temporaryFolder().put('evaluation.json', text);
    await expect(readEvaluation(file)).rejects.toMatchObject({
      code: 'bad-evaluation',
      message: expect.stringContaining(found) as string,
    });
  });

  const hash = 'ab'.repeat(32);
  const ours = { name: 'CE', sha256: hash };
  const other = { name: 'X', sha256: 'cd'.repeat(32) };

  it('is taken from the output folder where it is of the same runs, else passed over and said', async () => {
    const folder = temporaryFolder();
    const options = { evaluation: undefined, out: folder.path };
    expect(await findEvaluation(options, [ours])).toEqual({ evaluation: null, notes: [] });
    folder.put('evaluation.json', json());
    expect((await findEvaluation(options, [ours])).evaluation).not.toBeNull();
    const passed = await findEvaluation(options, [ours, other]);
    expect(passed.evaluation).toBeNull();
    expect(passed.notes[0]).toContain('not of X');
    folder.put('evaluation.json', 'nonsense');
    expect((await findEvaluation(options, [ours])).notes[0]).toContain('cannot be read');
  });

  it('that was named must be of one of the runs', async () => {
    const { path: out, put } = temporaryFolder();
    const evaluation = put('other.json', json());
    const found = await findEvaluation({ evaluation, out }, [ours, other]);
    expect(found.notes[0]).toContain('no numbers of X');
    await expect(findEvaluation({ evaluation, out }, [other])).rejects.toMatchObject({ code: 'other-runs' });
  });
});
