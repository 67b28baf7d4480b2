// Numbers of a report as LaTeX tables with booktabs' rules.
import { metricsView, type MetricsTable } from '../report/metrics.ts';
import type { ReportRun } from '../report/report.ts';
import { escapeLatex } from '../lib/latex.ts';

/** What run.json says of each run: one table of scalars, one for each record per class. Empty where it says nothing. */
export function metricTables(runs: readonly ReportRun[]): string {
  const view = metricsView(runs);
  if (view === null) return '';
  const tables = [...(view.scalars === null ? [] : [view.scalars]), ...view.records];
  return tables.map((table, i) => booktabs(table, `tab:gradcam-${i + 1}`)).join('\n');
}

function booktabs({ title, corner, columns, rows }: MetricsTable, label: string): string {
  const line = (cells: readonly string[]): string => `    ${cells.join(' & ')} \\\\`;
  return [
    '\\begin{table}[t]',
    '  \\centering',
    '  \\small',
    '  \\setlength{\\tabcolsep}{3.5pt}', // five columns of numbers fit into a column of text
    `  \\caption{${escapeLatex(title)}. The best is bold.}`,
    `  \\label{${label}}`,
    `  \\begin{tabular}{l${'r'.repeat(columns.length)}}`,
    '    \\toprule',
    line([corner, ...columns].map(escapeLatex)),
    '    \\midrule',
    ...rows.map(({ name, cells }) =>
      line([
        escapeLatex(name),
        ...cells.map(({ text, best }) => (best ? `\\textbf{${escapeLatex(text)}}` : escapeLatex(text))),
      ]),
    ),
    '    \\bottomrule',
    '  \\end{tabular}',
    '\\end{table}\n',
  ].join('\n');
}
