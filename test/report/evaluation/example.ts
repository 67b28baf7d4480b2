// An evaluation made in memory: two runs, two classes, one that no run predicts.
import type { Evaluation, EvaluationRun } from '../../../src/report/evaluation/evaluation.ts';

export function exampleEvaluated(run: string, more: Partial<EvaluationRun> = {}): EvaluationRun {
  return {
    run,
    name: run.toUpperCase(),
    path: `runs/${run}`,
    format: 'onnx',
    sha256: 'ab'.repeat(32),
    loss: run,
    seed: 0,
    synthetic: false,
    logitScale: 1,
    assumed: [],
    accuracy: 0.75,
    balancedAccuracy: 0.7,
    precision: 0.8,
    recall: 0.7,
    f1: 0.72,
    weighted: { precision: 0.76, recall: 0.75, f1: 0.74 },
    micro: null,
    auroc: 0.9,
    averagePrecision: 0.88,
    kappa: 0.5,
    nll: 0.6,
    brier: 0.35,
    ece: 0.1,
    calibration: {
      mce: 0.2,
      overconfidence: 0.1,
      bins: [
        { low: 0, high: 0.5, count: 0, confidence: null, accuracy: null },
        { low: 0.5, high: 1, count: 4, confidence: 0.85, accuracy: 0.75 },
      ],
    },
    odir: null,
    perClass: ['mel', 'nv'].map((name) => ({
      class: name,
      precision: 0.8,
      recall: 0.7,
      f1: 0.72,
      support: 2,
      predicted: 2,
      auroc: 0.9,
      averagePrecision: 0.88,
      intervals: { f1: [0.4, 1] as const },
    })),
    confusion: [
      [1, 1],
      [0, 2],
    ],
    intervals: { accuracy: [0.5, 1], f1: [0.4, 0.95] },
    ...more,
  };
}

export function exampleEvaluation(more: Partial<Evaluation> = {}): Evaluation {
  const runs = [exampleEvaluated('ce'), exampleEvaluated('lmf', { accuracy: 1, f1: 1, logitScale: 30, auroc: null })];
  return {
    schema: 'gradcam/evaluation@1',
    tool: { name: 'gradcam', version: '1.2.3', libraries: {} },
    created: '2025-01-02T03:04:05.000Z',
    command: 'gradcam evaluate --models runs/ce runs/lmf --data data/test',
    options: {
      bootstrap: 2000,
      interval: 'percentile',
      level: 0.95,
      seed: 0,
      batch: 16,
      threads: null,
      engine: 'auto',
    },
    data: {
      root: 'data/test',
      dataset: 'imagefolder',
      title: 'Folders named after classes',
      synthetic: false,
      multiLabel: false,
      split: 'test',
      splitWhy: 'the data has it',
      samples: 4,
      groups: 3,
      classes: ['mel', 'nv'],
      counts: [2, 2],
      licence: null,
      citation: null,
    },
    runs,
    tests: {
      cochran: null,
      pairs: [
        {
          first: 'ce',
          second: 'lmf',
          mcnemar: {
            onlyFirst: 0,
            onlySecond: 9,
            exactP: 0.00390625,
            midP: 0.002,
            chiSquare: 7.1,
            chiSquareP: 0.0077,
            adjustedP: 0.00390625,
            groupP: 0.25,
          },
          differences: {
            accuracy: { value: -0.25, low: -0.5, high: 0, p: 0.04, adjustedP: 0.04 },
            balancedAccuracy: { value: 0, low: -0.1, high: 0.1, p: 1, adjustedP: 1 },
            f1: { value: -0.28, low: -0.55, high: -0.05, p: 0.03, adjustedP: 0.03 },
            auroc: { value: null, low: null, high: null, p: null, adjustedP: null },
          },
        },
      ],
    },
    seeds: null,
    maps: null,
    sections: [],
    skipped: [],
    warnings: [],
    notes: [],
    timings: { totalMs: 1000, inferenceMs: 800 },
    ...more,
  };
}
