// An evaluation as tables of numbers: metrics of each run, scores of each class, differences between runs, seeds.
import type { Evaluation, EvaluationClass, EvaluationPair, EvaluationRun } from './evaluation.ts';
import { numberCell, type NumberCell, type NumberColumn, type NumberTable } from './table.ts';

const better = (id: string, title: string, decimals = 3): NumberColumn => ({ id, title, better: 'higher', decimals });
const worse = (id: string, title: string): NumberColumn => ({ id, title, better: 'lower', decimals: 3 });
const plain = (id: string, title: string, decimals: number): NumberColumn => ({ id, title, better: null, decimals });

/** Every table of an evaluation, those of its sections last. */
export function evaluationTables(evaluation: Evaluation, length: 'short' | 'full' = 'full'): NumberTable[] {
  return [
    metricsTable(evaluation, length),
    ...(['f1', 'recall', 'precision', 'auroc'] as const).map((name) => classTable(evaluation, name)),
    ...[differencesTable(evaluation, length), seedsTable(evaluation)].filter((table) => table !== null),
    ...evaluation.sections.flatMap(({ tables }) => tables),
  ];
}

interface RunMetric {
  readonly column: NumberColumn;
  readonly cell: (run: EvaluationRun) => NumberCell | null;
}

function metricOf(name: keyof EvaluationRun['intervals'] & keyof EvaluationRun, column: NumberColumn): RunMetric {
  return { column, cell: (run) => numberCell(run[name], { interval: run.intervals[name] }) };
}

/** What a narrow table has: the metrics of the paper, discrimination, calibration. */
const SHORT = ['accuracy', 'balanced_accuracy', 'precision', 'recall', 'f1', 'auroc', 'odir_score', 'ece'];

/** One row a run. Columns that no run has a number for are left out; `short` leaves out more. */
export function metricsTable({ runs, data }: Evaluation, length: 'short' | 'full' = 'full'): NumberTable {
  const metrics: RunMetric[] = [
    metricOf('accuracy', better('accuracy', data.multiLabel ? 'Exact match' : 'Accuracy')),
    metricOf('balancedAccuracy', better('balanced_accuracy', 'Balanced acc.')),
    metricOf('precision', better('precision', 'Macro P')),
    metricOf('recall', better('recall', 'Macro R')),
    metricOf('f1', better('f1', 'Macro F1')),
    {
      column: better('weighted_f1', 'Weighted F1'),
      cell: (run) => numberCell(run.weighted.f1, { interval: run.intervals.weightedF1 }),
    },
    metricOf('auroc', better('auroc', 'AUROC')),
    metricOf('averagePrecision', better('average_precision', 'Avg. precision')),
    { column: better('odir_score', 'ODIR score'), cell: (run) => numberCell(run.odir?.final) },
    { column: better('kappa', 'Kappa'), cell: (run) => numberCell(run.kappa) },
    { column: worse('ece', 'ECE'), cell: (run) => numberCell(run.ece) },
    metricOf('nll', worse('nll', 'NLL')),
    metricOf('brier', worse('brier', 'Brier')),
  ];
  const known = metrics.filter(
    ({ column, cell }) => (length === 'full' || SHORT.includes(column.id)) && runs.some((run) => cell(run) !== null),
  );
  return {
    id: 'metrics',
    title: 'Metrics',
    bestIn: 'column',
    corners: ['Run'],
    columns: known.map(({ column }) => column),
    rows: runs.map((run) => ({ names: [run.name], cells: known.map(({ cell }) => cell(run)) })),
  };
}

/** The same for machines: runs by id, with loss and seed. */
export function metricsOfRuns(evaluation: Evaluation): NumberTable {
  const table = metricsTable(evaluation);
  const rows = table.rows.map(({ cells }, i) => {
    const { run, name, loss, seed } = evaluation.runs[i]!;
    return { names: [run, name, loss ?? '', seed === null ? '' : String(seed)], cells };
  });
  return { ...table, corners: ['run', 'name', 'loss', 'seed'], rows };
}

/** For machines: one row a run and class. */
export function scoresOfClasses({ runs }: Evaluation): NumberTable {
  return {
    id: 'per-class',
    title: 'Scores per class',
    bestIn: 'column',
    corners: ['run', 'class'],
    columns: [
      better('precision', 'Precision'),
      better('recall', 'Recall'),
      better('f1', 'F1'),
      plain('support', 'Pictures', 0),
      plain('predicted', 'Predicted', 0),
      better('auroc', 'AUROC'),
      better('average_precision', 'Average precision'),
    ],
    rows: runs.flatMap(({ run, perClass }) =>
      perClass.map((scores) => ({
        names: [run, scores.class],
        cells: [
          classCell(scores, 'precision'),
          classCell(scores, 'recall'),
          classCell(scores, 'f1'),
          numberCell(scores.support),
          numberCell(scores.predicted),
          classCell(scores, 'auroc'),
          numberCell(scores.averagePrecision),
        ],
      })),
    ),
  };
}

const CLASS_TITLES = { precision: 'Precision', recall: 'Recall', f1: 'F1', auroc: 'AUROC' } as const;

/** One row a class, one column a run. Classes that occur nowhere are left out. */
export function classTable({ runs, data }: Evaluation, name: keyof typeof CLASS_TITLES): NumberTable {
  const shown = data.classes.flatMap((label, c) =>
    data.counts[c]! > 0 || runs.some((run) => run.perClass[c]!.predicted > 0) ? [{ label, c }] : [],
  );
  return {
    id: `${name}-per-class`,
    title: `${CLASS_TITLES[name]} per class`,
    bestIn: 'row',
    corners: ['Class', 'Pictures'],
    columns: runs.map((run) => better(run.run, run.name)),
    rows: shown.map(({ label, c }) => ({
      names: [label, String(data.counts[c])],
      cells: runs.map(({ perClass }) => classCell(perClass[c]!, name)),
    })),
  };
}

function classCell(scores: EvaluationClass, name: keyof typeof CLASS_TITLES): NumberCell | null {
  return numberCell(scores[name], { interval: scores.intervals[name] });
}

/** One row a pair of runs; null with one run. `short`: accuracy and macro F1 only, with corrected p. */
export function differencesTable(evaluation: Evaluation, length: 'short' | 'full' = 'full'): NumberTable | null {
  const table = everyDifference(evaluation);
  if (table === null || length === 'full') return table;
  const kept = table.columns.flatMap(({ id }, c) => (SHORT_DIFFERENCES.includes(id) ? [c] : []));
  return {
    ...table,
    columns: kept.map((c) => table.columns[c]!),
    rows: table.rows.map(({ names, cells }) => ({ names, cells: kept.map((c) => cells[c] ?? null) })),
  };
}

const SHORT_DIFFERENCES = [
  'only_first_right',
  'only_second_right',
  'mcnemar_p_holm',
  'p_by_groups',
  'f1_difference',
  'f1_p_holm',
];

function everyDifference({ tests, runs }: Evaluation): NumberTable | null {
  if (tests === null) return null;
  const byGroups = tests.pairs.some(({ mcnemar }) => mcnemar.groupP !== null);
  const nameOf = (id: string): string => runs.find(({ run }) => run === id)?.name ?? id;
  const differing = (name: 'balancedAccuracy' | 'f1' | 'auroc') => (pair: EvaluationPair) => {
    const found = pair.differences?.[name];
    const interval =
      found && found.low !== null && found.high !== null ? ([found.low, found.high] as const) : undefined;
    return [numberCell(found?.value, { interval }), numberCell(found?.adjustedP)];
  };
  return {
    id: 'differences',
    title: 'Differences between runs',
    bestIn: 'column',
    corners: ['First', 'Second'],
    columns: [
      plain('only_first_right', 'Only first right', 0),
      plain('only_second_right', 'Only second right', 0),
      plain('mcnemar_p', 'McNemar p', 4),
      plain('mcnemar_p_holm', 'p (Holm)', 4),
      ...(byGroups ? [plain('p_by_groups', 'p by groups', 4)] : []),
      plain('f1_difference', 'Macro F1', 3),
      plain('f1_p_holm', 'p (Holm)', 4),
      plain('balanced_accuracy_difference', 'Balanced acc.', 3),
      plain('balanced_accuracy_p_holm', 'p (Holm)', 4),
      plain('auroc_difference', 'AUROC', 3),
      plain('auroc_p_holm', 'p (Holm)', 4),
    ],
    rows: tests.pairs.map((pair) => ({
      names: [nameOf(pair.first), nameOf(pair.second)],
      cells: [
        numberCell(pair.mcnemar.onlyFirst),
        numberCell(pair.mcnemar.onlySecond),
        numberCell(pair.mcnemar.exactP),
        numberCell(pair.mcnemar.adjustedP),
        ...(byGroups ? [numberCell(pair.mcnemar.groupP)] : []),
        ...differing('f1')(pair),
        ...differing('balancedAccuracy')(pair),
        ...differing('auroc')(pair),
      ],
    })),
  };
}

/** One row a loss: mean and deviation over its seeds; null where no loss has several runs. */
export function seedsTable({ seeds }: Evaluation): NumberTable | null {
  if (seeds === null) return null;
  const names = ['accuracy', 'balancedAccuracy', 'f1', 'auroc'] as const;
  return {
    id: 'seeds',
    title: 'Mean and standard deviation over seeds',
    bestIn: 'column',
    corners: ['Loss', 'Runs'],
    columns: [
      better('accuracy', 'Accuracy'),
      better('balanced_accuracy', 'Balanced acc.'),
      better('f1', 'Macro F1'),
      better('auroc', 'AUROC'),
    ],
    rows: seeds.groups.map(({ loss, runs, numbers }) => ({
      names: [loss, String(runs.length)],
      cells: names.map((name) => numberCell(numbers[name].mean, { deviation: numbers[name].deviation ?? undefined })),
    })),
  };
}
