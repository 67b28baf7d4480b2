// What LaTeX and the PDF tools make of a figure, where they are installed.
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFigure } from '../../src/figure.ts';
import type { Report } from '../../src/report/report.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';
import { hostileTexts } from '../report/example.ts';
import { gridReport, writeExample } from '../report/on-disk.ts';

const has = (program: string): boolean => {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write(`skipped: no ${program}\n`);
    return false;
  }
};
const hasLatex = has('pdflatex') && has('bibtex');
const hasPoppler = has('pdffonts');

/** A report whose runs, classes, layers and losses have these names, with numbers in run.json. */
async function figureOf(names: readonly string[]): Promise<string> {
  const { path } = temporaryFolder();
  await writeExample(path, gridReport(2));
  const report = JSON.parse(await readFile(join(path, 'report.json'), 'utf8')) as Report;
  const runs = report.runs.map((run, i) => ({
    ...run,
    name: names[i % names.length]!,
    loss: ['ce', 'focal', 'lmf'][i]!,
    layer: { ...run.layer, name: names[(i + 1) % names.length]! },
    metrics: {
      accuracy: i / 4,
      [names[i % names.length]!]: 0.5,
      perClassF1: Object.fromEntries(names.map((name) => [name, i])),
    },
  }));
  await writeFile(join(path, 'report.json'), JSON.stringify({ ...report, runs }));
  await makeFigure({ report: path, out: join(path, 'attention'), command: `gradcam figure ${names.join(' ')}` });
  return path;
}

describe.skipIf(!hasLatex)('pdflatex', () => {
  it.each([
    { name: 'plain names', names: ['CE', 'Focal', 'LMF'] },
    {
      name: 'names full of commands',
      names: hostileTexts.filter((text) => text !== '').map((text) => text.slice(0, 80)),
    },
  ])('sets figure, caption, references and tables: $name', { timeout: 120_000 }, async ({ names }) => {
    const folder = await figureOf(names);
    await writeFile(
      join(folder, 'paper.tex'),
      [
        '\\documentclass[twocolumn]{article}',
        '\\usepackage{graphicx,booktabs}',
        '\\begin{document}',
        'See Figure~\\ref{fig:gradcam}.',
        '\\input{attention}',
        '\\input{attention-tables}',
        '\\bibliographystyle{plain}\\bibliography{attention}',
        '\\end{document}',
      ].join('\n'),
    );
    const run = (program: string, ...args: string[]) =>
      execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }).toString('latin1');
    run('pdflatex', '-interaction=nonstopmode', '-halt-on-error', 'paper');
    run('bibtex', 'paper');
    run('pdflatex', '-interaction=nonstopmode', '-halt-on-error', 'paper');
    const log = run('pdflatex', '-interaction=nonstopmode', '-halt-on-error', 'paper');
    expect(log).not.toMatch(/undefined|not found|^! /m);
    if (!hasPoppler) return;
    const words = run('pdftotext', 'paper.pdf', '-').replace(/\s+/g, ' ');
    for (const part of ['Figure 1: Grad-CAM [', 'Each map is scaled to its own maximum', 'Focal loss for dense'])
      expect(words).toContain(part);
  });
});

describe.skipIf(!hasPoppler)('poppler', () => {
  it('finds every font embedded, the words as text, and the pictures at their resolution', async () => {
    const file = join(await figureOf(['CE', 'Focal', 'LMF']), 'attention.pdf');
    const of = (program: string, ...args: string[]) => execFileSync(program, args).toString();
    const fonts = of('pdffonts', file).trim().split('\n').slice(2);
    expect(fonts).toHaveLength(2);
    for (const font of fonts) expect(font).toMatch(/Arimo-(Bold|Regular) +CID TrueType +Identity-H +yes yes yes/);
    expect(of('pdftotext', file, '-')).toContain('the map’s own maximum');
    const pictures = of('pdfimages', '-list', file).trim().split('\n').slice(2);
    expect(pictures).toHaveLength(8);
    for (const line of pictures) expect(Math.abs(Number(line.trim().split(/\s+/)[12]) - 300)).toBeLessThanOrEqual(1);
  });
});
