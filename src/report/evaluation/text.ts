// An evaluation on a terminal: tables, then what they say in sentences.
import { formatCount, printable } from '../../lib/format.ts';
import type { Evaluation } from './evaluation.ts';
import { testSentences } from './sentences.ts';
import { classTable, differencesTable, metricsTable, seedsTable } from './tables.ts';
import { textTable, type TextStyle } from './text-table.ts';

/** Matrices and lists of pairs beyond this are left to the files. */
const MOST_CLASSES = 12;
const MOST_PAIRS = 15;
const MOST_RUNS = 6;

/** The tables of an evaluation for a terminal, lines with ends between. Throws nothing. */
export function evaluationText(evaluation: Evaluation, style: TextStyle): string {
  const { data, runs, tests } = evaluation;
  const shown = [
    metricsTable(evaluation, 'short'),
    classTable(evaluation, 'f1'),
    tests !== null && tests.pairs.length <= MOST_PAIRS ? differencesTable(evaluation, 'short') : null,
    seedsTable(evaluation),
  ].filter((table) => table !== null);
  const blocks = [
    headline(evaluation),
    ...shown.map((table) => `${style.strong(table.title)}\n${textTable(table, style)}`),
    ...(data.classes.length <= MOST_CLASSES && runs.length <= MOST_RUNS
      ? runs.flatMap((_, r) => confusionText(evaluation, r, style))
      : []),
    sentences(evaluation),
    ...evaluation.sections.flatMap((section) => [
      ...section.tables.map((table) => `${style.strong(table.title)}\n${textTable(table, style)}`),
      section.notes.map((note) => `${section.title}: ${printable(note)}`).join('\n'),
    ]),
  ];
  return blocks.filter((block) => block !== '').join('\n\n');
}

/** `4 runs on 14 pictures of 7 classes (Table ...: all; neither the data nor a run names splits)`. */
function headline({ runs, data, skipped }: Evaluation): string {
  const classes = data.counts.filter((count) => count > 0).length;
  const groups =
    data.groups === null ? '' : ` of ${formatCount(data.groups, 'lesion or patient', 'lesions or patients')}`;
  const parts = [
    `${formatCount(runs.length, 'run')} on ${formatCount(data.samples, 'picture')}${groups}, ${formatCount(classes, 'class', 'classes')}`,
    `${printable(data.root)}: ${data.split === 'all' ? 'every picture' : `split ${data.split}`} (${data.splitWhy})`,
  ];
  if (skipped.length > 0) parts.push(`${skipped.length} skipped`);
  return parts.join('; ');
}

function confusionText({ runs, data }: Evaluation, run: number, { strong, dim }: TextStyle): string[] {
  const { confusion, name } = runs[run]!;
  if (confusion === null) return [];
  const used = data.classes.flatMap((_, c) =>
    confusion.some((row, r) => (r === c ? row : [row[c]!]).some((n) => n > 0)) ? [c] : [],
  );
  const names = used.map((c) => Array.from(printable(data.classes[c]!)).slice(0, 10).join(''));
  const width = Math.max(4, ...names.map((text) => Array.from(text).length));
  const cell = (text: string): string => ' '.repeat(width + 1 - Array.from(text).length) + text;
  const rows = used.map((r, i) => cell(names[i]!) + used.map((c) => cell(String(confusion[r]![c]!))).join(''));
  const title = `${strong(`Confusion of ${printable(name)}`)} ${dim('(rows: true, columns: predicted)')}`;
  return [[title, dim(cell('') + names.map(cell).join('')), ...rows].join('\n')];
}

function sentences(evaluation: Evaluation): string {
  return testSentences(evaluation)
    .map((sentence) => printable(sentence))
    .join('\n');
}
