// What an evaluation leaves behind: evaluation.json, tables as CSV and LaTeX, every prediction.
import { join } from 'node:path';
import type { DatasetItem } from '../datasets/dataset.ts';
import type { MeasuredRun } from './measure.ts';
import { formatCsv } from '../lib/csv.ts';
import { writeFileAtomic } from '../lib/files.ts';
import { safeName } from '../lib/names.ts';
import { csvTable } from '../report/evaluation/csv-table.ts';
import type { Evaluation } from '../report/evaluation/evaluation.ts';
import { evaluationLatex } from '../report/evaluation/latex.ts';
import { differencesTable, metricsOfRuns, scoresOfClasses, seedsTable } from '../report/evaluation/tables.ts';

/** Writes every file into `folder`, each whole or not at all. `items` and `runs` in the order of the evaluation. */
export async function writeEvaluation(
  evaluation: Evaluation,
  items: readonly DatasetItem[],
  runs: readonly MeasuredRun[],
  folder: string,
): Promise<void> {
  const write = (name: string, text: string): Promise<void> => writeFileAtomic(join(folder, name), text);
  const tables = [
    metricsOfRuns(evaluation),
    scoresOfClasses(evaluation),
    differencesTable(evaluation),
    seedsTable(evaluation),
    ...evaluation.sections.flatMap((section) => section.tables),
  ];
  for (const table of tables) if (table !== null) await write(`${safeName(table.id)}.csv`, csvTable(table));
  if (!evaluation.data.multiLabel) await write('confusion.csv', confusionCsv(evaluation));
  await write('predictions.csv', predictionsCsv(evaluation, items, runs));
  await write('tables.tex', evaluationLatex(evaluation));
  await write('evaluation.json', `${JSON.stringify(evaluation, null, 1)}\n`); // last: where it is, the others are
}

/** `run,label,predicted,count`, one row for each pair of classes that occurs. */
function confusionCsv({ runs, data }: Evaluation): string {
  const rows = runs.flatMap(({ run, confusion }) =>
    (confusion ?? []).flatMap((row, label) =>
      row.flatMap((count, predicted) =>
        count === 0 ? [] : [[run, data.classes[label]!, data.classes[predicted]!, String(count)]],
      ),
    ),
  );
  return formatCsv([['run', 'label', 'predicted', 'count'], ...rows]);
}

/** One row a run and picture: `run,sample,path,label,predicted,correct,group,split,p_<class>...`; several labels joined by bars. */
function predictionsCsv(
  { runs, data }: Evaluation,
  items: readonly DatasetItem[],
  measured: readonly MeasuredRun[],
): string {
  const { classes } = data;
  const labelOf = ({ label, labels }: DatasetItem): string =>
    labels === null ? classes[label]! : classes.filter((_, c) => labels[c] === 1).join('|');
  const header = ['run', 'sample', 'path', 'label', 'predicted', 'correct', 'group', 'split'];
  const rows = runs.flatMap(({ run }, r) => {
    const { predicted, probabilities, right } = measured[r]!.predictions;
    return items.map((item, i) => {
      const values = probabilities.subarray(i * classes.length, (i + 1) * classes.length);
      const said =
        item.labels === null ? classes[predicted[i]!]! : classes.filter((_, c) => values[c]! > 0.5).join('|');
      const numbers = Array.from(values, (p) => (Number.isNaN(p) ? '' : String(Number(p.toPrecision(9)))));
      return [
        run,
        item.id,
        item.path,
        labelOf(item),
        said,
        String(right[i]),
        item.group ?? '',
        item.split ?? '',
        ...numbers,
      ];
    });
  });
  return formatCsv([[...header, ...classes.map((name) => `p_${name}`)], ...rows]);
}
