// Everything about one run on pictures with one label each.
import { brierLosses, calibration, logLosses, type Calibration } from './calibration.ts';
import {
  classificationScores,
  confusionMatrix,
  meanOf,
  type ClassScores,
  type ClassificationScores,
} from './confusion.ts';
import { cohenKappa } from './kappa.ts';
import { auroc, averagePrecision, rankScores, type Ranking } from './ranking.ts';

/** What a run says of labelled pictures. Classes are those of the evaluation, the same order for every run. */
export interface Predictions {
  readonly classes: number;
  /** Index of the true class, per picture. */
  readonly labels: Int32Array;
  /** Index of the predicted class, per picture. */
  readonly predicted: Int32Array;
  /** `[pictures * classes]`; NaN for a class that the run does not have. */
  readonly probabilities: Float64Array;
  /**
   * Whether the probabilities are a distribution over the classes of the labels. Those of sigmoids are none, nor those of a
   * run that lacks a class: log loss and Brier score mean nothing then.
   */
  readonly isDistribution: boolean;
}

/** Numbers are NaN where they do not exist. */
export interface SingleLabelMetrics extends Omit<ClassificationScores, 'perClass'> {
  readonly perClass: readonly (ClassScores & { readonly auroc: number; readonly averagePrecision: number })[];
  /** Row: true, column: predicted. */
  readonly confusion: readonly (readonly number[])[];
  /** One class against the rest, mean over the classes that have pictures and are not all of them. */
  readonly auroc: number;
  readonly averagePrecision: number;
  readonly kappa: number;
  readonly nll: number;
  readonly brier: number;
  readonly calibration: Calibration;
}

/** Metrics of one run with one label a picture, in 0..1 but for kappa (-1..1) and NLL. NaN where one is not defined. */
export function singleLabelMetrics(predictions: Predictions): SingleLabelMetrics {
  const { classes, labels, predicted, probabilities, isDistribution } = predictions;
  const confusion = confusionMatrix(labels, predicted, classes);
  const { perClass, ...scores } = classificationScores(confusion);
  const rankings = classRankings(predictions);
  const areas = rankings.map((ranking) => auroc(ranking));
  const precisions = rankings.map((ranking) => averagePrecision(ranking));
  const confidence = Float64Array.from(predicted, (c, i) => probabilities[i * classes + c]!);
  return {
    ...scores,
    perClass: perClass.map((one, c) => ({ ...one, auroc: areas[c]!, averagePrecision: precisions[c]! })),
    confusion: Array.from({ length: classes }, (_, c) => [
      ...confusion.counts.subarray(c * classes, (c + 1) * classes),
    ]),
    auroc: meanOfNumbers(areas),
    averagePrecision: meanOfNumbers(precisions),
    kappa: cohenKappa(confusion),
    nll: isDistribution ? meanOfNumbers([...logLosses(probabilities, labels, classes)]) : NaN,
    brier: isDistribution ? meanOfNumbers([...brierLosses(probabilities, labels, classes)]) : NaN,
    calibration: calibration(confidence, rightOf(predictions)),
  };
}

/** 1 where the prediction is the label, else 0. */
export function rightOf({ labels, predicted }: Pick<Predictions, 'labels' | 'predicted'>): Uint8Array {
  return Uint8Array.from(labels, (label, i) => Number(label === predicted[i]));
}

/** Pictures sorted by the probability of each class. */
export function classRankings({ classes, labels, probabilities }: Predictions): Ranking[] {
  return Array.from({ length: classes }, (_, c) =>
    rankScores(
      Float64Array.from(labels, (_label, i) => probabilities[i * classes + c]!),
      Uint8Array.from(labels, (label) => Number(label === c)),
    ),
  );
}

/** Mean of those that are numbers; NaN where none is. */
export function meanOfNumbers(values: readonly number[]): number {
  return meanOf(
    values.filter((value) => !Number.isNaN(value)),
    (value) => value,
  );
}
