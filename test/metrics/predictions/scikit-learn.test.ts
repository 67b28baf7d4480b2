// Every number against scikit-learn's, to 1e-12; what it leaves undefined is NaN.
import { describe, expect, it } from 'vitest';
import type { Scores } from '../../../src/metrics/predictions/confusion.ts';
import { confusionMatrix } from '../../../src/metrics/predictions/confusion.ts';
import { cohenKappa } from '../../../src/metrics/predictions/kappa.ts';
import { multiLabelMetrics } from '../../../src/metrics/predictions/multi-label.ts';
import { singleLabelMetrics, type Predictions } from '../../../src/metrics/predictions/single-label.ts';
import { recorded, type RecordedSingle } from './recorded.ts';

function expectSame(value: number, wanted: number | null): void {
  if (wanted === null) expect(value).toBeNaN();
  else expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(wanted)));
}

function expectScores(scores: Scores, [precision, recall, f1]: readonly [number, number, number]): void {
  expectSame(scores.precision, precision);
  expectSame(scores.recall, recall);
  expectSame(scores.f1, f1);
}

export function predictionsOf({ classes, labels, probabilities }: RecordedSingle): Predictions {
  return {
    classes,
    labels: Int32Array.from(labels),
    predicted: Int32Array.from(probabilities, (row) => row.indexOf(Math.max(...row))),
    probabilities: Float64Array.from(probabilities.flat()),
    isDistribution: true,
  };
}

describe('one label', () => {
  it.each(recorded.single)('$name', (wanted) => {
    const predictions = predictionsOf(wanted);
    const metrics = singleLabelMetrics(predictions);
    expect(metrics.confusion).toEqual(wanted.confusion);
    expectSame(metrics.accuracy, wanted.accuracy);
    expectSame(metrics.balancedAccuracy, wanted.balancedAccuracy);
    expectScores(metrics.macro, wanted.macro);
    expectScores(metrics.weighted, wanted.weighted);
    for (const [c, scores] of wanted.perClass.entries()) {
      const ours = metrics.perClass[c]!;
      expectScores(ours, [scores.precision, scores.recall, scores.f1]);
      expect(ours.support).toBe(scores.support);
      expectSame(ours.auroc, wanted.auroc[c]!);
      // scikit-learn gives 1 for a class of all pictures, and 0 with a warning for one of none.
      if (scores.support > 0 && scores.support < wanted.labels.length)
        expectSame(ours.averagePrecision, wanted.averagePrecision[c]!);
    }
    expectSame(metrics.kappa, wanted.kappa);
    const confusion = confusionMatrix(predictions.labels, predictions.predicted, wanted.classes);
    expectSame(cohenKappa(confusion, 'quadratic'), wanted.quadraticKappa);
    expectSame(cohenKappa(confusion, 'linear'), wanted.linearKappa);
    expectSame(metrics.brier, wanted.brier);
    expectSame(metrics.nll, wanted.nll);
    expectSame(metrics.calibration.ece, wanted.ece);
  });
});

describe('several labels', () => {
  it.each(recorded.multi)('$name', (wanted) => {
    const { classes } = wanted;
    const truth = Uint8Array.from(wanted.truth.flat());
    const metrics = multiLabelMetrics({
      classes,
      truth,
      probabilities: Float64Array.from(wanted.probabilities.flat()),
    });
    expectScores(metrics.macro, wanted.macro);
    expectScores(metrics.micro, wanted.micro);
    expectScores(metrics.weighted, wanted.weighted);
    for (const [c, scores] of wanted.perClass.entries()) {
      expectScores(metrics.perClass[c]!, [scores.precision, scores.recall, scores.f1]);
      expectSame(metrics.perClass[c]!.auroc, wanted.auroc[c]!);
      expectSame(metrics.perClass[c]!.averagePrecision, wanted.averagePrecision[c]!);
    }
    expectSame(metrics.exactMatch, wanted.exactMatch);
    expectSame(metrics.hammingLoss, wanted.hamming);
    expectSame(metrics.odir.kappa, wanted.odir.kappa);
    expectSame(metrics.odir.f1, wanted.odir.f1);
    expectSame(metrics.odir.auroc, wanted.odir.auc);
    expectSame(metrics.odir.final, wanted.odir.final);
  });
});
