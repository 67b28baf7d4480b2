// Every table of an evaluation as one LaTeX file, with captions that say what the numbers are.
import { formatCount, formatList } from '../../lib/format.ts';
import { dataName } from './sentences.ts';
import type { Evaluation } from './evaluation.ts';
import { latexTable } from './latex-table.ts';
import { evaluationTables } from './tables.ts';

/** To be read with \input; the preamble it needs stands in its first lines. */
export function evaluationLatex(evaluation: Evaluation): string {
  const tables = evaluationTables(evaluation, 'short').map((table) =>
    latexTable(table, `${table.title} ${setting(evaluation)} ${explained(table.id, evaluation)}`.trim()),
  );
  const head = [
    `% Made by gradcam ${evaluation.tool.version}: ${evaluation.command.replaceAll(/[\r\n]+/g, ' ')}`,
    '% \\usepackage{booktabs}',
  ];
  return `${head.join('\n')}\n${tables.join('\n\n')}\n`;
}

function setting({ data }: Evaluation): string {
  const of = `${data.synthetic ? 'synthetic data, ' : ''}${dataName(data)}`;
  const groups =
    data.groups === null ? '' : ` of ${formatCount(data.groups, 'lesion or patient', 'lesions or patients')}`;
  const part = data.split === 'all' ? 'all pictures' : `split ${data.split}`;
  return `(${of}, ${part}, n = ${data.samples}${groups}).`;
}

function explained(id: string, { options, runs, data }: Evaluation): string {
  const level = `${Math.round(options.level * 100)} %`;
  const draws = data.groups === null ? 'pictures' : 'lesions or patients';
  const bootstrap =
    options.bootstrap === 0
      ? ''
      : `Brackets: ${level} ${options.interval === 'bca' ? 'BCa' : 'percentile'} intervals of a bootstrap over ${draws} (B = ${options.bootstrap}, stratified by class).`;
  if (id.startsWith('map-')) return explainedMaps(id, options.bootstrap);
  if (id === 'seeds') return 'Mean and standard deviation over training seeds. Bold: best mean.';
  if (id === 'differences')
    return `First run minus second. McNemar: exact binomial test. Holm: p corrected for the number of pairs. ${bootstrap}`;
  const scaled = runs.filter(({ logitScale }) => logitScale !== 1);
  const scale =
    id !== 'metrics' || scaled.length === 0
      ? ''
      : ` Probabilities are softmax(s z): ${formatList(
          scaled.map(({ name, logitScale }) => `s = ${logitScale} for ${name}`),
          12,
        )}.`;
  return `Bold: best. ${bootstrap}${scale}`;
}

function explainedMaps(id: string, bootstrap: number): string {
  if (id === 'map-differences')
    return 'First run minus second on the same pictures. Wilcoxon: signed-rank test, two-sided. Holm: p corrected for the pairs of a metric and method.';
  if (id === 'map-friedman') return 'Friedman test over all runs on the same pictures.';
  if (id === 'map-agreement') return 'Means over the pictures.';
  if (id === 'map-sanity')
    return 'Spearman correlation and SSIM with the maps of the same network whose weights were drawn anew from the head down.';
  const interval =
    bootstrap === 0 ? '' : ` Brackets: 95 % percentile intervals of a bootstrap over pictures (B = ${bootstrap}).`;
  return `Bold: best. The spot in the middle and random maps know nothing of the model.${interval}`;
}
