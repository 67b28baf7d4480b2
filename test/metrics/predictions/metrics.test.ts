// Numbers worked out by hand, and identities.
import { describe, expect, it } from 'vitest';
import { calibration } from '../../../src/metrics/predictions/calibration.ts';
import { classificationScores, confusionMatrix } from '../../../src/metrics/predictions/confusion.ts';
import { cohenKappa } from '../../../src/metrics/predictions/kappa.ts';
import { auroc, averagePrecision, rankScores } from '../../../src/metrics/predictions/ranking.ts';
import { singleLabelMetrics } from '../../../src/metrics/predictions/single-label.ts';
import { Random } from '../../../src/lib/random.ts';

describe('confusion matrix', () => {
  // true 0: 2 right, 1 called 1; true 1: 1 right; class 2 is only predicted, once, for a 1.
  const confusion = confusionMatrix([0, 0, 0, 1, 1], [0, 0, 1, 1, 2], 4);

  it('has true classes as rows', () => {
    expect([...confusion.counts]).toEqual([2, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('gives scores; a class that occurs nowhere counts in no mean, one that is only predicted does', () => {
    const { accuracy, balancedAccuracy, macro, weighted, perClass } = classificationScores(confusion);
    expect(accuracy).toBe(0.6);
    expect(balancedAccuracy).toBeCloseTo((2 / 3 + 1 / 2) / 2, 15);
    expect(macro.precision).toBeCloseTo((1 + 0.5 + 0) / 3, 15);
    expect(macro.recall).toBeCloseTo((2 / 3 + 0.5 + 0) / 3, 15);
    expect(macro.f1).toBeCloseTo((0.8 + 0.5 + 0) / 3, 15);
    expect(weighted.recall).toBeCloseTo(0.6, 15);
    expect(perClass[3]).toEqual({ precision: 0, recall: 0, f1: 0, support: 0, predicted: 0 });
  });

  it('of no pictures gives no accuracy', () => {
    expect(classificationScores(confusionMatrix([], [], 2))).toMatchObject({ accuracy: NaN, balancedAccuracy: NaN });
  });
});

describe('areas', () => {
  it('by hand: one of four pairs is in the wrong order, one is tied', () => {
    // positives 0.9 and 0.4, negatives 0.4 and 0.6: pairs 1, 1, 0.5, 0
    expect(auroc(rankScores([0.9, 0.4, 0.4, 0.6], Uint8Array.of(1, 1, 0, 0)))).toBe(0.625);
    // at 0.9 precision 1, recall 1/2; at 0.4 (all four) precision 1/2, recall 1
    expect(averagePrecision(rankScores([0.9, 0.4, 0.4, 0.6], Uint8Array.of(1, 1, 0, 0)))).toBe(0.75);
  });

  it('of scores that are all equal is a half, of one side only nothing', () => {
    expect(auroc(rankScores([1, 1, 1], Uint8Array.of(1, 0, 0)))).toBe(0.5);
    expect(auroc(rankScores([1, 2], Uint8Array.of(1, 1)))).toBeNaN();
    expect(averagePrecision(rankScores([1, 2], Uint8Array.of(0, 0)))).toBeNaN();
  });

  it('weights count pictures as often as they say', () => {
    const random = Random.of(2, 'weights');
    const scores = Array.from({ length: 40 }, () => Math.round(random.unit() * 10) / 10);
    const positive = Uint8Array.from(scores, () => random.below(2));
    const weights = scores.map(() => random.below(4));
    const repeated = scores.flatMap((score, i) =>
      Array.from({ length: weights[i]! }, () => [score, positive[i]!] as const),
    );
    const twin = rankScores(
      repeated.map(([score]) => score),
      Uint8Array.from(repeated, ([, value]) => value),
    );
    const ranking = rankScores(scores, positive);
    expect(auroc(ranking, weights)).toBeCloseTo(auroc(twin), 12);
    expect(averagePrecision(ranking, weights)).toBeCloseTo(averagePrecision(twin), 12);
  });

  it('do not change under a growing function of the scores; turned round they are 1 minus', () => {
    const scores = [0.1, 0.7, 0.3, 0.3, 0.9];
    const positive = Uint8Array.of(0, 1, 1, 0, 0);
    const area = auroc(rankScores(scores, positive));
    expect(auroc(rankScores(scores.map(Math.exp), positive))).toBe(area);
    expect(
      auroc(
        rankScores(
          scores.map((s) => -s),
          positive,
        ),
      ),
    ).toBeCloseTo(1 - area, 15);
  });
});

describe('calibration', () => {
  it('by hand in two bins; the upper border belongs to a bin', () => {
    const { ece, mce, overconfidence, bins } = calibration([0.5, 0.3, 0.9, 0.7], [1, 0, 1, 0], 2);
    expect(bins.map(({ count }) => count)).toEqual([2, 2]);
    expect(bins[0]).toMatchObject({ low: 0, high: 0.5, confidence: 0.4, accuracy: 0.5 });
    // gaps: 0.5 - 0.4 and 0.8 - 0.5
    expect(ece).toBeCloseTo(0.5 * 0.1 + 0.5 * 0.3, 15);
    expect(mce).toBeCloseTo(0.3, 15);
    expect(overconfidence).toBeCloseTo(0.1, 15);
  });

  it('leaves empty bins without numbers', () => {
    expect(calibration([1], [1], 3).bins[0]).toEqual({
      low: 0,
      high: 1 / 3,
      count: 0,
      confidence: null,
      accuracy: null,
    });
  });
});

it('kappa: 20 and 15 of 50 alike by two raters is 0.4', () => {
  expect(cohenKappa({ classes: 2, counts: Float64Array.of(20, 5, 10, 15) })).toBeCloseTo(0.4, 15);
  expect(cohenKappa({ classes: 2, counts: Float64Array.of(9, 0, 0, 0) })).toBeNaN();
});

it('sigmoids have no log loss', () => {
  const { nll, brier, accuracy } = singleLabelMetrics({
    classes: 2,
    labels: Int32Array.of(0),
    predicted: Int32Array.of(0),
    probabilities: Float64Array.of(0.9, 0.8),
    isDistribution: false,
  });
  expect([nll, brier, accuracy]).toEqual([NaN, NaN, 1]);
});
