// A table of numbers for a paper: booktabs, best value in bold, intervals in small type.
import { escapeLatex } from '../../lib/latex.ts';
import { bestCells, type NumberCell, type NumberColumn, type NumberTable } from './table.ts';

/** A table environment. Needs the package booktabs. */
export function latexTable(table: NumberTable, caption: string): string {
  const { corners, columns, rows, id } = table;
  const best = bestCells(table);
  const line = (cells: readonly string[]): string => `    ${cells.join(' & ')} \\\\`;
  const body = rows.map(({ names, cells }, r) =>
    line([
      ...names.map(escapeLatex),
      ...cells.map((cell, c) => (cell === null ? '--' : cellLatex(cell, columns[c]!, best[r]![c] === true))),
    ]),
  );
  return [
    '\\begin{table}[t]',
    '  \\centering',
    `  \\caption{${escapeLatex(caption)}}`,
    `  \\label{tab:${id.replaceAll(/[^\w-]/g, '-')}}`,
    '  \\small',
    `  \\begin{tabular}{${'l'.repeat(corners.length)}${'c'.repeat(columns.length)}}`,
    '    \\toprule',
    line([...corners.map(escapeLatex), ...columns.map(({ title }) => escapeLatex(title))]),
    '    \\midrule',
    ...body,
    '    \\bottomrule',
    '  \\end{tabular}',
    '\\end{table}',
  ].join('\n');
}

function cellLatex(cell: NumberCell, column: NumberColumn, isBest: boolean): string {
  const text = cell.value.toFixed(column.decimals); // in math, the hyphen is a minus
  const value = isBest ? `\\mathbf{${text}}` : text;
  const { interval, deviation } = cell;
  if (deviation !== undefined) return `$${value} \\pm ${deviation.toFixed(column.decimals)}$`;
  if (interval === undefined) return `$${value}$`;
  const digits = Math.min(2, column.decimals);
  return `$${value}$ {\\scriptsize $[${interval[0].toFixed(digits)}, ${interval[1].toFixed(digits)}]$}`;
}
