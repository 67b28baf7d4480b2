// LaTeX: the figure with its caption, BibTeX of what it cites, and the runs' numbers as tables.
import { coordinate } from '../drawing.ts';
import type { Figure, FigureFile, FigureFormat } from '../format.ts';
import { commentTex } from '../../lib/latex.ts';
import { metricTables } from '../tables.ts';

export const tex: FigureFormat = {
  id: 'tex',
  title: 'LaTeX with caption, BibTeX and tables',
  files(figure) {
    const { references, runs } = figure.description;
    const tables = metricTables(runs);
    const files: FigureFile[] = [{ suffix: '.tex', data: snippet(figure) }];
    if (references.length > 0) files.push({ suffix: '.bib', data: references.map(({ bibtex }) => bibtex).join('\n') });
    if (tables !== '') files.push({ suffix: '-tables.tex', data: `% Needs \\usepackage{booktabs}.\n${tables}` });
    return Promise.resolve(files);
  },
};

function snippet({ drawing, description, name }: Figure): string {
  const environment = description.wide ? 'figure*' : 'figure';
  return [
    '% Needs \\usepackage{graphicx}. Made by:',
    `%   ${commentTex(description.command)}`,
    '% from the report of:',
    `%   ${commentTex(description.reportCommand)}`,
    `\\begin{${environment}}[t]`,
    '  \\centering',
    `  \\includegraphics[width=${coordinate(drawing.width)}mm]{${fileTex(name)}.pdf}`,
    `  \\caption{${description.captionTex}}`,
    '  \\label{fig:gradcam}',
    `\\end{${environment}}\n`,
  ].join('\n');
}

/** A file's name for \includegraphics, which takes spaces and most characters as they are. */
function fileTex(name: string): string {
  return name.replace(/[%#~\\]/g, (character) => `\\string${character}`);
}
