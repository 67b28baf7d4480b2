import { describe, expect, it } from 'vitest';
import { escapeLatex } from '../../../src/lib/latex.ts';
import { csvTable, evaluationCsv } from '../../../src/report/evaluation/csv-table.ts';
import { evaluationLatex } from '../../../src/report/evaluation/latex.ts';
import { latexTable } from '../../../src/report/evaluation/latex-table.ts';
import { bestCells, signedText, type NumberTable } from '../../../src/report/evaluation/table.ts';
import { differencesTable, metricsTable } from '../../../src/report/evaluation/tables.ts';
import { textTable } from '../../../src/report/evaluation/text-table.ts';
import { evaluationText } from '../../../src/report/evaluation/text.ts';
import { exampleEvaluated, exampleEvaluation } from './example.ts';

const table: NumberTable = {
  id: 'example',
  title: 'Example',
  bestIn: 'column',
  corners: ['Run'],
  columns: [
    { id: 'f1', title: 'F1', better: 'higher', decimals: 2 },
    { id: 'ece', title: 'ECE', better: 'lower', decimals: 2 },
    { id: 'n', title: 'n', better: null, decimals: 0 },
  ],
  rows: [
    { names: ['A & B'], cells: [{ value: 0.8149, interval: [0.7, 0.9] }, { value: 0.1 }, { value: 3 }] },
    { names: ['C'], cells: [{ value: 0.8101 }, { value: 0.2 }, null] },
  ],
};

describe('the best value', () => {
  it('is settled by what is shown, in the direction of its column', () => {
    expect(bestCells(table)).toEqual([
      [false, true, false], // 0.81 and 0.81 are equal as shown
      [false, false, false],
    ]);
  });

  it('may be sought in rows', () => {
    expect(bestCells({ ...table, bestIn: 'row' })[0]).toEqual([false, false, true]);
  });
});

describe('as text', () => {
  it('has even columns, intervals below, stars', () => {
    expect(textTable(table)).toBe(
      [
        'Run           F1    ECE   n', //
        'A & B       0.81   0.10*  3',
        '       0.70–0.90',
        'C           0.81   0.20   –',
      ].join('\n'),
    );
  });

  it('shows control characters of names as escapes', () => {
    const rows = [{ names: ['\u001b[31mred'], cells: [null, null, null] }];
    expect(textTable({ ...table, rows })).not.toContain('\u001b');
  });

  it('of a whole evaluation says what was measured on what', () => {
    const text = evaluationText(exampleEvaluation(), { strong: (t) => t, dim: (t) => t });
    expect(text).toContain(
      '2 runs on 4 pictures of 3 lesions or patients, 2 classes; data/test: split test (the data has it)',
    );
    expect(text).toContain('LMF is right more often than CE (alone on 9 against 0 pictures, p = 0.0039) (McNemar).');
    expect(text).toContain('LMF is above CE by 0.280 (p = 0.030)');
    expect(text).toMatch(/Confusion of CE[^\n]*\n\s+mel\s+nv\n\s+mel\s+1\s+1\n\s+nv\s+0\s+2/);
  });
});

describe('as CSV', () => {
  it('rounds nothing, and has columns for intervals where there are any', () => {
    expect(csvTable(table)).toBe('run,f1,f1_low,f1_high,ece,n\nA & B,0.8149,0.7,0.9,0.1,3\nC,0.8101,,,0.2,\n');
  });

  it('names runs by id, loss and seed', () => {
    const [header, first] = evaluationCsv(exampleEvaluation()).split('\n');
    expect(header).toMatch(/^run,name,loss,seed,accuracy,accuracy_low,accuracy_high,balanced_accuracy,/);
    expect(first).toMatch(/^ce,CE,ce,0,0\.75,0\.5,1,0\.7,/);
  });
});

describe('as LaTeX', () => {
  it('is booktabs, escaped, the best in bold', () => {
    const latex = latexTable(table, '100 % of them');
    expect(latex).toContain('\\caption{100 \\% of them}');
    expect(latex).toContain('A \\& B & $0.81$ {\\scriptsize $[0.70, 0.90]$} & $\\mathbf{0.10}$ & $3$ \\\\');
    expect(latex).toContain('C & $0.81$ & $0.20$ & -- \\\\');
  });

  it('says in its captions what the numbers are', () => {
    const latex = evaluationLatex(exampleEvaluation());
    expect(latex).toContain('Metrics (test, split test, n = 4 of 3 lesions or patients).');
    expect(latex).toContain('s = 30 for LMF');
  });

  it('escapes every character that means something', () => {
    expect(escapeLatex('a_b{$%&#}~^\\\n<"')).toBe(
      "a\\_b\\{\\$\\%\\&\\#\\}\\textasciitilde{}\\textasciicircum{}\\textbackslash{} \\textless{}''",
    );
  });
});

describe('tables of an evaluation', () => {
  it('leave out columns that no run has a number for', () => {
    const runs = [exampleEvaluated('a', { nll: null }), exampleEvaluated('b', { nll: null })];
    const ids = metricsTable(exampleEvaluation({ runs })).columns.map(({ id }) => id);
    expect(ids).toContain('brier');
    expect(ids).not.toContain('nll');
    expect(ids).not.toContain('odir_score');
  });

  it('have p by groups only where there are groups; a difference that does not exist is no zero', () => {
    const { columns, rows } = differencesTable(exampleEvaluation())!;
    expect(columns.map(({ id }) => id)).toContain('p_by_groups');
    expect(rows[0]!.cells.at(-1)).toBeNull();
    expect(differencesTable(exampleEvaluation({ tests: null }))).toBeNull();
  });
});

it('has a true minus sign, and none before zero', () => {
  expect([signedText(-0.25, 2), signedText(-0.001, 2), signedText(0.1, 1)]).toEqual(['−0.25', '0.00', '0.1']);
});
