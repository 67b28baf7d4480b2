import { describe, expect, it } from 'vitest';
import { reportView, type LegendColors } from '../../src/report/view.ts';
import { exampleCell, exampleReport, exampleRun, exampleSample } from './example.ts';

const colors: LegendColors = { title: 'Test', stops: ['#000000', '#808080', '#ffffff'], perceptual: true };
const view = (report = exampleReport()) => reportView(report, { url: (path) => path, colors });

describe('reportView', () => {
  it('has one row a sample and one column a run, in the order of the report', () => {
    const { rows, columns } = view();
    expect(rows.map((row) => row.id.text)).toEqual(['a', 'b']);
    expect(columns.map((column) => column.name)).toEqual(['CE', 'LMF']);
    expect(rows[1]?.cells.map((cell) => cell.overlay)).toEqual(['overlays/b/ce.png', 'overlays/b/lmf.png']);
  });

  it('has one column per run and method where there are several methods', () => {
    const methods = ['gradcam', 'hirescam'].map((id) => ({ id, title: id, paper: '' }));
    const cells = [exampleCell('a', 'lmf', { method: 'hirescam', overlay: 'found.png' })];
    const { rows, columns } = view(exampleReport({ methods, cells }));
    expect(columns.map(({ name, method }) => [name, method])).toEqual([
      ['CE', 'gradcam'],
      ['CE', 'hirescam'],
      ['LMF', 'gradcam'],
      ['LMF', 'hirescam'],
    ]);
    expect(rows[0]?.cells.map((cell) => cell.overlay)).toEqual([null, null, null, 'found.png']);
    expect(rows[0]?.cells[0]?.note?.text).toBe('not computed');
  });

  it('tells right from wrong, and says nothing without a label', () => {
    const cells = [
      exampleCell('a', 'ce', { correct: true }),
      exampleCell('a', 'lmf', { correct: false, predicted: { index: 0, name: 'mel', probability: 0.6 } }),
      exampleCell('b', 'ce', { correct: null }),
    ];
    const [first, second] = view(exampleReport({ cells })).rows;
    expect(first?.cells.map((cell) => cell.verdict)).toEqual(['right', 'wrong']);
    expect(first?.cells.map((cell) => cell.differs)).toEqual([false, true]);
    expect(second?.cells[0]?.verdict).toBe('unknown');
  });

  it('counts the right ones per run, of those with a label', () => {
    const cells = [
      exampleCell('a', 'ce', { correct: true }),
      exampleCell('b', 'ce', { correct: null }),
      exampleCell('a', 'lmf', { correct: false }),
      exampleCell('b', 'lmf', { correct: true }),
    ];
    expect(view(exampleReport({ cells })).tally).toEqual({
      few: true,
      runs: [
        { name: 'CE', right: 1, labelled: 1 },
        { name: 'LMF', right: 1, labelled: 2 },
      ],
    });
    expect(view(exampleReport({ cells: [exampleCell('a', 'ce', { correct: null })] })).tally).toBeNull();
  });

  it('names the scale, and gives the colourbar a number only where all maps share it', () => {
    const options = exampleReport().options;
    expect(view().legend).toMatchObject({ scale: 'each map to its own maximum', topValue: null, opacity: '50 %' });
    const shared = view(exampleReport({ options: { ...options, scale: 'global' } })).legend;
    expect(shared).toMatchObject({ scale: 'shared over the report', topValue: '0.25' });
    expect(view(exampleReport({ options: { ...options, scale: 'new-scale' } })).legend.scale).toBe('new-scale');
    expect(shared.stops.map((stop) => stop.offset)).toEqual(['0.0000', '0.5000', '1.0000']);
  });

  it('puts names into the title, and counts them where they are many', () => {
    expect(view().title).toBe('CE and LMF on 2 samples');
    const runs = Array.from({ length: 7 }, (_, i) => exampleRun(`r${i}`));
    expect(view(exampleReport({ runs, samples: [exampleSample('a')] })).title).toBe('7 runs on 1 sample');
    const name = '😀'.repeat(5_000);
    expect(view(exampleReport({ runs: [exampleRun('a', { name })] })).title).toBe(`${'😀'.repeat(23)}… on 2 samples`);
  });

  it('says what was assumed about each run, and what is the same needs no row', () => {
    const runs = [
      exampleRun('ce', { assumed: ['the input is RGB'], loss: null }),
      exampleRun('lmf', { logitScale: 30, loss: null }),
    ];
    const lines = new Map(
      view(exampleReport({ runs })).runs.map((line) => [
        line.name,
        line.values.map((texts) => texts.map((t) => t.text)),
      ]),
    );
    expect(lines.get('Assumed')).toEqual([['the input is RGB'], ['nothing']]);
    expect(lines.get('Logit scale')).toEqual([['1'], ['30: probabilities are softmax(30 z)']]);
    expect(lines.get('Map size')?.[0]).toEqual(['2 × 3, 16 channels']);
    expect(lines.has('Loss')).toBe(false);
    expect(lines.has('Training data')).toBe(false);
  });

  it('marks long texts so that they get a box of their own', () => {
    const [row] = view(exampleReport({ samples: [exampleSample('x'.repeat(10_000))] })).rows;
    expect(row?.id.long).toBe(true);
    expect(row?.alt.length).toBeLessThan(100);
  });
});
