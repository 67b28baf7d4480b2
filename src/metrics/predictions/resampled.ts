// The numbers of a run as a function of how often each picture counts: what the bootstrap draws intervals of.
import type { Statistic } from '../../stats/bootstrap.ts';
import { brierLosses, logLosses } from './calibration.ts';
import { classificationScores, confusionMatrix, type ClassScores } from './confusion.ts';
import type { MultiLabelPredictions } from './multi-label.ts';
import { prepareMultiLabel } from './multi-label.ts';
import { auroc, averagePrecision } from './ranking.ts';
import { classRankings, meanOfNumbers, type Predictions } from './single-label.ts';

/** Numbers of a run that get an interval, in the order in which a statistic gives them. */
export const runNumbers = [
  'accuracy',
  'balancedAccuracy',
  'precision',
  'recall',
  'f1',
  'weightedF1',
  'auroc',
  'averagePrecision',
  'nll',
  'brier',
] as const;
export type RunNumber = (typeof runNumbers)[number];

/** Numbers of each class that get an interval: after those of the run, class by class. */
export const classNumbers = ['precision', 'recall', 'f1', 'auroc'] as const;
export type ClassNumber = (typeof classNumbers)[number];

/** Place of a run's number in what a statistic gives. */
export const placeOfRun = (name: RunNumber): number => runNumbers.indexOf(name);
/** Place of a class's number in what a statistic gives. */
export const placeOfClass = (index: number, name: ClassNumber): number =>
  runNumbers.length + index * classNumbers.length + classNumbers.indexOf(name);

/** `runNumbers`, then `classNumbers` of each class; NaN where one does not exist. */
export function singleLabelStatistic(predictions: Predictions): Statistic {
  const { labels, predicted, classes, probabilities, isDistribution } = predictions;
  const rankings = classRankings(predictions);
  const losses = isDistribution ? logLosses(probabilities, labels, classes) : null;
  const squares = isDistribution ? brierLosses(probabilities, labels, classes) : null;
  return (weights) => {
    const { accuracy, balancedAccuracy, macro, weighted, perClass } = classificationScores(
      confusionMatrix(labels, predicted, classes, weights),
    );
    const areas = rankings.map((ranking) => auroc(ranking, weights));
    const precisions = rankings.map((ranking) => averagePrecision(ranking, weights));
    return [
      accuracy,
      balancedAccuracy,
      macro.precision,
      macro.recall,
      macro.f1,
      weighted.f1,
      meanOfNumbers(areas),
      meanOfNumbers(precisions),
      weightedMean(losses, weights),
      weightedMean(squares, weights),
      ...perClass.flatMap((scores, c) => numbersOf(scores, areas[c]!)),
    ];
  };
}

/** The same for several labels a picture: accuracy is exact match, log loss and Brier score do not exist. */
export function multiLabelStatistic(predictions: MultiLabelPredictions): Statistic {
  const metricsUnder = prepareMultiLabel(predictions);
  return (weights) => {
    const {
      exactMatch,
      balancedAccuracy,
      macro,
      weighted,
      auroc: area,
      averagePrecision: precision,
      perClass,
    } = metricsUnder(weights);
    return [
      exactMatch,
      balancedAccuracy,
      macro.precision,
      macro.recall,
      macro.f1,
      weighted.f1,
      area,
      precision,
      NaN,
      NaN,
      ...perClass.flatMap((scores) => numbersOf(scores, scores.auroc)),
    ];
  };
}

/** Statistics side by side: the numbers of the first, then of the second, and so on. */
export function sideBySide(statistics: readonly Statistic[]): Statistic {
  return (weights) => statistics.flatMap((statistic) => Array.from(statistic(weights)));
}

/** Recall of a class without pictures does not exist in a replicate, rather than being 0. */
function numbersOf({ precision, recall, f1, support }: ClassScores, area: number): number[] {
  return [precision, support === 0 ? NaN : recall, f1, area];
}

function weightedMean(values: Float64Array | null, weights: Float64Array): number {
  if (values === null) return NaN;
  let [sum, total] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    sum += weights[i]! * values[i]!;
    total += weights[i]!;
  }
  return sum / total;
}
