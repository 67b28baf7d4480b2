// Everything about one run on pictures with any number of labels each: every class is a yes or no of its own.
import { cohenKappa } from './kappa.ts';
import { meanOf, scoresOf, type ClassScores, type Scores } from './confusion.ts';
import { auroc, averagePrecision, rankScores } from './ranking.ts';
import { meanOfNumbers } from './single-label.ts';

export interface MultiLabelPredictions {
  readonly classes: number;
  /** 1 or 0, `[pictures * classes]`. */
  readonly truth: Uint8Array;
  /** `[pictures * classes]`. */
  readonly probabilities: Float64Array;
}

/** Numbers are NaN where they do not exist; shares of nothing are 0, as in scikit-learn. */
export interface MultiLabelMetrics {
  /** Pictures of which every class is right. */
  readonly exactMatch: number;
  /** Share of yes-or-no answers that are wrong. */
  readonly hammingLoss: number;
  /** Plain mean over all classes. */
  readonly macro: Scores;
  /** From the counts of all classes together. */
  readonly micro: Scores;
  readonly weighted: Scores;
  readonly perClass: readonly (ClassScores & { readonly auroc: number; readonly averagePrecision: number })[];
  readonly auroc: number;
  /** Mean average precision. */
  readonly averagePrecision: number;
  /** ODIR-2019's score over all answers as one list: mean of Cohen's kappa, micro F1 and area under the ROC curve. */
  readonly odir: { readonly kappa: number; readonly f1: number; readonly auroc: number; readonly final: number };
}

/** `threshold`: a class is said to be there where its probability is above. */
export function multiLabelMetrics(predictions: MultiLabelPredictions, threshold = 0.5): MultiLabelMetrics {
  const { classes, truth, probabilities } = predictions;
  const called = Uint8Array.from(probabilities, (p) => Number(p > threshold));
  const pictures = truth.length / classes;
  const perClass = Array.from({ length: classes }, (_, c) => classAnswers(predictions, called, c));
  const total = { hits: 0, support: 0, predicted: 0 };
  for (const one of perClass) {
    total.hits += one.hits;
    total.support += one.support;
    total.predicted += one.predicted;
  }
  const bySupport = ({ support }: ClassScores): number => support;
  const averaged = (weight?: (scores: ClassScores) => number): Scores => ({
    precision: meanOf(perClass, ({ precision }) => precision, weight),
    recall: meanOf(perClass, ({ recall }) => recall, weight),
    f1: meanOf(perClass, ({ f1 }) => f1, weight),
  });
  let [exact, wrong] = [0, 0];
  for (let i = 0; i < pictures; i++) {
    let misses = 0;
    for (let c = 0; c < classes; c++) misses += Number(called[i * classes + c] !== truth[i * classes + c]);
    exact += Number(misses === 0);
    wrong += misses;
  }
  return {
    exactMatch: exact / pictures,
    hammingLoss: wrong / truth.length,
    macro: averaged(),
    micro: scoresOf(total.hits, total.support, total.predicted),
    weighted: averaged(bySupport),
    perClass: perClass.map(({ precision, recall, f1, support, predicted, auroc: area, averagePrecision: ap }) => ({
      precision,
      recall,
      f1,
      support,
      predicted,
      auroc: area,
      averagePrecision: ap,
    })),
    auroc: meanOfNumbers(perClass.map((one) => one.auroc)),
    averagePrecision: meanOfNumbers(perClass.map((one) => one.averagePrecision)),
    odir: odirScore(total, truth.length, wrong, auroc(rankScores(probabilities, truth))),
  };
}

function classAnswers({ classes, truth, probabilities }: MultiLabelPredictions, called: Uint8Array, c: number) {
  const pictures = truth.length / classes;
  const column = <T extends Uint8Array | Float64Array>(values: T, into: T): T => {
    for (let i = 0; i < pictures; i++) into[i] = values[i * classes + c]!;
    return into;
  };
  const positive = column(truth, new Uint8Array(pictures));
  const says = column(called, new Uint8Array(pictures));
  const ranking = rankScores(column(probabilities, new Float64Array(pictures)), positive);
  let [hits, support, predicted] = [0, 0, 0];
  for (let i = 0; i < pictures; i++) {
    hits += positive[i]! & says[i]!;
    support += positive[i]!;
    predicted += says[i]!;
  }
  const scores = scoresOf(hits, support, predicted);
  return { ...scores, hits, support, predicted, auroc: auroc(ranking), averagePrecision: averagePrecision(ranking) };
}

/** https://odir2019.grand-challenge.org: every picture and class is one answer; micro F1 of yes-or-no answers is their accuracy. */
function odirScore(
  { hits, support, predicted }: { hits: number; support: number; predicted: number },
  answers: number,
  wrong: number,
  area: number,
): MultiLabelMetrics['odir'] {
  const counts = Float64Array.of(answers - support - predicted + hits, predicted - hits, support - hits, hits);
  const kappa = cohenKappa({ classes: 2, counts });
  const f1 = 1 - wrong / answers;
  return { kappa, f1, auroc: area, final: (kappa + f1 + area) / 3 };
}
