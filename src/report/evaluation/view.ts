// Evaluation -> view model: every text and number ready to be shown, no HTML and no file access.
import { formatCount } from '../../lib/format.ts';
import { confusionTable, type ConfusionTable } from '../metrics.ts';
import { boxedSentence, numberText, type LongText } from '../words.ts';
import type { Evaluation, EvaluationRun } from './evaluation.ts';
import { reliabilityDiagram, type ReliabilityView } from './reliability.ts';
import { dataName, testSentences } from './sentences.ts';
import { bestCells, cellText, signedText, type NumberCell, type NumberColumn, type NumberTable } from './table.ts';
import { classTable, differencesTable, metricsTable, seedsTable } from './tables.ts';

export interface NumberCellView {
  readonly text: string;
  /** `0.64–0.93`, or null. */
  readonly interval: string | null;
  readonly best: boolean;
}

export interface NumberTableView {
  readonly title: string;
  readonly corners: readonly string[];
  readonly columns: readonly string[];
  /** The first name heads its row. */
  readonly rows: readonly {
    readonly name: string;
    readonly more: readonly string[];
    readonly cells: readonly NumberCellView[];
  }[];
}

export interface EvaluationView {
  readonly data: string;
  readonly path: LongText;
  readonly setting: string;
  readonly warnings: readonly LongText[];
  readonly metrics: NumberTableView;
  /** What the tests say. */
  readonly sentences: readonly LongText[];
  readonly differences: NumberTableView | null;
  readonly seeds: NumberTableView | null;
  readonly perClass: readonly NumberTableView[];
  readonly confusions: readonly ConfusionTable[];
  readonly reliability: readonly ReliabilityView[];
  readonly sections: readonly {
    readonly title: string;
    readonly notes: readonly LongText[];
    readonly tables: readonly NumberTableView[];
  }[];
  readonly scales: string | null;
  readonly skipped: number;
  readonly command: string;
}

/** Matrices of more classes help nobody on a page. */
const MOST_CLASSES = 60;

export function evaluationView(evaluation: Evaluation): EvaluationView {
  const { data, runs, sections, skipped, warnings, command } = evaluation;
  const classes = ['f1', 'recall', 'precision', 'auroc'] as const;
  const [differences, seeds] = [differencesTable(evaluation), seedsTable(evaluation)];
  return {
    data: dataName(data),
    path: boxedSentence(data.root),
    setting: settingText(evaluation),
    warnings: warnings.map(boxedSentence),
    metrics: numberTableView(metricsTable(evaluation)),
    sentences: testSentences(evaluation).map(boxedSentence),
    differences: differences && numberTableView(differences),
    seeds: seeds && numberTableView(seeds),
    perClass: classes
      .map((name) => numberTableView(classTable(evaluation, name)))
      .filter(({ rows }) => rows.some(({ cells }) => cells.some(({ text }) => text !== '–'))),
    confusions: runs.flatMap((run) => confusionOf(run, evaluation)),
    reliability: runs.flatMap(reliabilityDiagram),
    sections: sections.map(({ title, notes, tables }) => ({
      title,
      notes: notes.map(boxedSentence),
      tables: tables.map(numberTableView),
    })),
    scales: scalesText(runs),
    skipped: skipped.length,
    command,
  };
}

function numberTableView(table: NumberTable): NumberTableView {
  const best = bestCells(table);
  return {
    title: table.title,
    corners: table.corners,
    columns: table.columns.map(({ title }) => title),
    rows: table.rows.map(({ names: [name = '', ...more], cells }, r) => ({
      name,
      more,
      cells: cells.map((cell, c) => cellView(cell, table.columns[c]!, best[r]![c] === true)),
    })),
  };
}

function cellView(cell: NumberCell | null, column: NumberColumn, best: boolean): NumberCellView {
  if (cell === null) return { text: '–', interval: null, best: false };
  const { interval, deviation } = cell;
  const digits = Math.min(2, column.decimals);
  return {
    text:
      deviation === undefined
        ? cellText(cell, column)
        : `${cellText(cell, column)} ± ${deviation.toFixed(column.decimals)}`,
    interval:
      interval === undefined ? null : `${signedText(interval[0], digits)} to ${signedText(interval[1], digits)}`,
    best,
  };
}

function settingText({ data, runs }: Evaluation): string {
  const classes = data.counts.filter((count) => count > 0).length;
  const groups =
    data.groups === null ? '' : ` of ${formatCount(data.groups, 'lesion or patient', 'lesions or patients')}`;
  const split = data.split === 'all' ? 'every picture' : `split ${data.split}`;
  return `${formatCount(runs.length, 'run')}, ${formatCount(data.samples, 'picture')}${groups}, ${formatCount(classes, 'class', 'classes')}; ${split} (${data.splitWhy}).`;
}

/** null where all probabilities are plain softmax. */
function scalesText(runs: readonly EvaluationRun[]): string | null {
  const scaled = runs.filter(({ logitScale }) => logitScale !== 1);
  if (scaled.length === 0) return null;
  const list = scaled.map(({ name, logitScale }) => `${name} ${numberText(logitScale)}`).join(', ');
  return `Probabilities are softmax(s z), with the scale s that the run was trained with: ${list}; others 1.`;
}

function confusionOf({ confusion, name }: EvaluationRun, { data }: Evaluation): ConfusionTable[] {
  if (confusion === null) return [];
  const used = data.classes.flatMap((_, c) => (data.counts[c]! > 0 || confusion.some((row) => row[c]! > 0) ? [c] : []));
  if (used.length > MOST_CLASSES) return [];
  return [
    confusionTable(
      name,
      used.map((c) => data.classes[c]!),
      used.map((r) => used.map((c) => confusion[r]![c]!)),
    ),
  ];
}
