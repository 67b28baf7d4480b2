import { expect, it } from 'vitest';
import { methodIds } from '../../src/cam/ids.ts';
import { lossReference, methodReference } from '../../src/figure/bibliography.ts';
import { lossIds } from '../../src/losses/ids.ts';
import { escapeLatex } from '../../src/lib/latex.ts';
import { metricTables } from '../../src/figure/tables.ts';
import { exampleRun, hostileTexts } from '../report/example.ts';

it('escapes whatever LaTeX gives a meaning to', () => {
  expect(escapeLatex('50 % of $x_1$ & {y} #2 ~ ^ \\end{figure}')).toBe(
    '50 \\% of \\$x\\_1\\$ \\& \\{y\\} \\#2 \\textasciitilde{} \\textasciicircum{} \\textbackslash{}end\\{figure\\}',
  );
  expect(escapeLatex('Bowen’s naïve nævus — 8 × 8 β')).toBe(
    'Bowen\'s na\\"{i}ve n\\ae{}vus --- 8 $\\times$ 8 $\\beta$',
  );
  expect(escapeLatex('a\n\nb\u202e日')).toBe('a b{[}U+65E5{]}');
});

it('leaves nothing that could end a line, open a group or run a command', () => {
  for (const text of hostileTexts) {
    const plain = escapeLatex(text)
      .replace(/\\(text[a-z]+|dots|ae|AE|oe|OE|ss|[loLO]|i)\{\}/g, '')
      .replace(/\\["'`^~=.urHvck]\{[A-Za-z]\}/g, '')
      .replace(/\$(\\[A-Za-z]+|-|\^\\circ)\$/g, '')
      .replace(/\{[[\]*]\}/g, '')
      .replace(/\\[{}$&#%_]/g, '');
    expect(plain).not.toMatch(/[\\{}$&#%_~^\n]/);
  }
});

it('cites every method and the losses that have a paper', () => {
  expect(methodReference({ id: 'gradcam', title: '', paper: '' }).bibtex).toMatch(
    /^@inproceedings\{selvaraju2017gradcam,\n {2}author/,
  );
  const keys = methodIds.map((id) => methodReference({ id, title: id, paper: 'x' }).key);
  for (const key of keys) expect(key).toMatch(/^[A-Za-z][A-Za-z0-9]*$/);
  expect(methodReference({ id: 'fullgrad', title: '', paper: '' }).bibtex).toContain('Fran{\\c{c}}ois');
  const unknown = methodReference({ id: 'new_cam', title: 'New & CAM', paper: 'Doe 2030, arXiv 1' });
  expect(unknown).toEqual({
    key: 'newcam',
    bibtex: '@misc{newcam,\n  title     = {{New \\& CAM}},\n  note      = {Doe 2030, arXiv 1},\n}\n',
  });
  expect(lossReference('LMF')?.key).toBe('sadi2022lmf');
  const unpublished = new Set(['ce', 'weighted-ce', 'bce']);
  for (const id of lossIds) expect(lossReference(id) === null, id).toBe(unpublished.has(id));
  for (const none of ['ce', null, 'constructor', 'mine']) expect(lossReference(none)).toBeNull();
});

it('sets the numbers of runs with booktabs, the best in bold', () => {
  const runs = [
    exampleRun('ce', { metrics: { accuracy: 0.5, macroF1: 0.25 } }),
    exampleRun('a_b', { metrics: { accuracy: 0.75, macroF1: 0.125 } }),
  ];
  const text = metricTables(runs);
  expect(text).toContain('Run & Accuracy & Macro F1 \\\\');
  expect(text).toContain('CE & 0.500 & \\textbf{0.250} \\\\');
  expect(text).toContain('A\\_B & \\textbf{0.750} & 0.125 \\\\');
  expect(metricTables([exampleRun('ce')])).toBe('');
});
