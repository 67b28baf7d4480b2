// Everything about one run on pictures with any number of labels each: every class is a yes or no of its own.
import { cohenKappa } from './kappa.ts';
import { meanOf, scoresOf, type ClassScores, type Scores } from './confusion.ts';
import { auroc, averagePrecision, rankScores, type Ranking } from './ranking.ts';
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
  /** Mean over the classes of the mean recall of yes and of no. */
  readonly balancedAccuracy: number;
  /** Plain mean over all classes. */
  readonly macro: Scores;
  /** From the counts of all classes together. */
  readonly micro: Scores;
  readonly weighted: Scores;
  readonly perClass: readonly (ClassScores & {
    /** Pictures of the class that were said to have it. */
    readonly hits: number;
    readonly auroc: number;
    readonly averagePrecision: number;
  })[];
  readonly auroc: number;
  /** Mean average precision. */
  readonly averagePrecision: number;
  /** ODIR-2019's score over all answers as one list: mean of Cohen's kappa, micro F1 and area under the ROC curve. */
  readonly odir: { readonly kappa: number; readonly f1: number; readonly auroc: number; readonly final: number };
}

/** `threshold`: a class is said to be there where its probability is above. */
export function multiLabelMetrics(predictions: MultiLabelPredictions, threshold = 0.5): MultiLabelMetrics {
  return prepareMultiLabel(predictions, threshold)();
}

/** Sorts and compares once; the result gives the metrics for any weights of pictures (once each where not given). */
export function prepareMultiLabel(
  { classes, truth, probabilities }: MultiLabelPredictions,
  threshold = 0.5,
): (weights?: ArrayLike<number>) => MultiLabelMetrics {
  const pictures = truth.length / classes;
  const called = Uint8Array.from(probabilities, (p) => Number(p > threshold));
  const columns = Array.from({ length: classes }, (_, c): Column => {
    const positive = Uint8Array.from({ length: pictures }, (_picture, i) => truth[i * classes + c]!);
    const scores = Float64Array.from({ length: pictures }, (_picture, i) => probabilities[i * classes + c]!);
    const says = Uint8Array.from({ length: pictures }, (_picture, i) => called[i * classes + c]!);
    return { positive, says, ranking: rankScores(scores, positive) };
  });
  const misses = Uint32Array.from({ length: pictures }, (_picture, i) =>
    columns.reduce((sum, { positive, says }) => sum + Number(positive[i] !== says[i]), 0),
  );
  const everything = rankScores(probabilities, truth);
  return (weights) => metricsUnder({ columns, misses, everything }, weights);
}

interface Column {
  readonly positive: Uint8Array;
  readonly says: Uint8Array;
  readonly ranking: Ranking;
}

interface Prepared {
  readonly columns: readonly Column[];
  /** Wrong answers, per picture. */
  readonly misses: Uint32Array;
  /** All answers as one list. */
  readonly everything: Ranking;
}

function metricsUnder(
  { columns, misses, everything }: Prepared,
  weights: ArrayLike<number> | undefined,
): MultiLabelMetrics {
  const perClass = columns.map((column) => classAnswers(column, weights));
  const pictures = misses.reduce((sum, _, i) => sum + (weights?.[i] ?? 1), 0);
  const exact = misses.reduce((sum, count, i) => sum + (count === 0 ? (weights?.[i] ?? 1) : 0), 0);
  const wrong = misses.reduce((sum, count, i) => sum + count * (weights?.[i] ?? 1), 0);
  const answers = pictures * columns.length;
  const total = { hits: 0, support: 0, predicted: 0 };
  for (const { hits, support, predicted } of perClass) {
    total.hits += hits;
    total.support += support;
    total.predicted += predicted;
  }
  const averaged = (weight?: (scores: ClassScores) => number): Scores => ({
    precision: meanOf(perClass, ({ precision }) => precision, weight),
    recall: meanOf(perClass, ({ recall }) => recall, weight),
    f1: meanOf(perClass, ({ f1 }) => f1, weight),
  });
  const ofAnswers =
    weights && Float64Array.from(everything.positive, (_, i) => weights[Math.floor(i / columns.length)]!);
  return {
    exactMatch: exact / pictures,
    hammingLoss: wrong / answers,
    balancedAccuracy: meanOfNumbers(
      perClass.map(({ recall, hits, support, predicted }) => {
        const specificity = 1 - (predicted - hits) / (pictures - support);
        return support === 0 || support === pictures ? NaN : (recall + specificity) / 2;
      }),
    ),
    macro: averaged(),
    micro: scoresOf(total.hits, total.support, total.predicted),
    weighted: averaged(({ support }) => support),
    perClass,
    auroc: meanOfNumbers(perClass.map((one) => one.auroc)),
    averagePrecision: meanOfNumbers(perClass.map((one) => one.averagePrecision)),
    odir: odirScore(total, answers, wrong, auroc(everything, ofAnswers)),
  };
}

function classAnswers({ positive, says, ranking }: Column, weights: ArrayLike<number> | undefined) {
  let [hits, support, predicted] = [0, 0, 0];
  for (let i = 0; i < positive.length; i++) {
    const weight = weights === undefined ? 1 : weights[i]!;
    hits += weight * (positive[i]! & says[i]!);
    support += weight * positive[i]!;
    predicted += weight * says[i]!;
  }
  const scores = scoresOf(hits, support, predicted);
  const areas = { auroc: auroc(ranking, weights), averagePrecision: averagePrecision(ranking, weights) };
  return { ...scores, ...areas, hits, support, predicted };
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
