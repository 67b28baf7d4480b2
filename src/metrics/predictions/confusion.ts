// The confusion matrix and what is counted from it, with scikit-learn's conventions: a share of nothing is 0, and means run
// over the classes that occur among labels or predictions.

/** Row: true class, column: predicted class, `[classes * classes]`. */
export interface Confusion {
  readonly classes: number;
  readonly counts: Float64Array;
}

export interface Scores {
  /** Of what was called this class, the share that is. 0 where nothing was. */
  readonly precision: number;
  /** Of what is this class, the share that was called so. 0 where nothing is. */
  readonly recall: number;
  /** Harmonic mean of both: 2 tp / (2 tp + fp + fn), 0 where the class occurs nowhere. */
  readonly f1: number;
}

export interface ClassScores extends Scores {
  /** Pictures of the class. */
  readonly support: number;
  /** Pictures that were called so. */
  readonly predicted: number;
}

export interface ClassificationScores {
  /** NaN where there are no pictures. */
  readonly accuracy: number;
  /** Mean recall of the classes that have pictures. */
  readonly balancedAccuracy: number;
  /** Plain mean over the classes that occur. */
  readonly macro: Scores;
  /** Mean weighted by support. */
  readonly weighted: Scores;
  readonly perClass: readonly ClassScores[];
}

/**
 * Counts pairs of true and predicted class. `labels`, `predicted`: indices below `classes`, one per picture. `weights`: how
 * often each picture counts, once where not given.
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
  weights?: ArrayLike<number>,
): Confusion {
  const counts = new Float64Array(classes * classes);
  for (let i = 0; i < labels.length; i++)
    counts[labels[i]! * classes + predicted[i]!]! += weights === undefined ? 1 : weights[i]!;
  return { classes, counts };
}

/** Accuracy, and precision, recall and F1 per class, macro and weighted. */
export function classificationScores({ classes, counts }: Confusion): ClassificationScores {
  const perClass = Array.from({ length: classes }, (_, c) => classScores(counts, classes, c));
  const total = perClass.reduce((sum, { support }) => sum + support, 0);
  const right = perClass.reduce((sum, _, c) => sum + counts[c * classes + c]!, 0);
  const occurring = perClass.filter(({ support, predicted }) => support > 0 || predicted > 0);
  const present = perClass.filter(({ support }) => support > 0);
  return {
    accuracy: right / total,
    balancedAccuracy: meanOf(present, ({ recall }) => recall),
    macro: {
      precision: meanOf(occurring, ({ precision }) => precision),
      recall: meanOf(occurring, ({ recall }) => recall),
      f1: meanOf(occurring, ({ f1 }) => f1),
    },
    weighted: {
      precision: meanOf(present, ({ precision }) => precision, supportOf),
      recall: meanOf(present, ({ recall }) => recall, supportOf),
      f1: meanOf(present, ({ f1 }) => f1, supportOf),
    },
    perClass,
  };
}

/** Precision, recall and F1 of true positives among the positive and those called positive. */
export function scoresOf(hits: number, positive: number, called: number): Scores {
  return {
    precision: share(hits, called),
    recall: share(hits, positive),
    f1: share(2 * hits, positive + called),
  };
}

/** Mean with weights; NaN where there is nothing to take it of. */
export function meanOf<T>(
  items: readonly T[],
  value: (item: T) => number,
  weight: (item: T) => number = () => 1,
): number {
  let [sum, total] = [0, 0];
  for (const item of items) {
    sum += weight(item) * value(item);
    total += weight(item);
  }
  return sum / total;
}

function classScores(counts: Float64Array, classes: number, c: number): ClassScores {
  let [support, predicted] = [0, 0];
  for (let other = 0; other < classes; other++) {
    support += counts[c * classes + other]!;
    predicted += counts[other * classes + c]!;
  }
  return { ...scoresOf(counts[c * classes + c]!, support, predicted), support, predicted };
}

const supportOf = ({ support }: ClassScores): number => support;

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
