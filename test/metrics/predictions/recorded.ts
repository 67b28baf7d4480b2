// What scikit-learn computes on random predictions (test/fixtures/make/statistics.py).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface RecordedClass {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

type Three = readonly [number, number, number];

export interface RecordedSingle {
  readonly name: string;
  readonly classes: number;
  readonly labels: readonly number[];
  readonly probabilities: readonly number[][];
  readonly confusion: readonly number[][];
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  readonly macro: Three;
  readonly weighted: Three;
  readonly perClass: readonly RecordedClass[];
  readonly auroc: readonly (number | null)[];
  readonly averagePrecision: readonly (number | null)[];
  readonly kappa: number | null;
  readonly quadraticKappa: number | null;
  readonly linearKappa: number | null;
  readonly brier: number;
  readonly nll: number;
  readonly ece: number;
}

export interface RecordedMulti {
  readonly name: string;
  readonly classes: number;
  readonly truth: readonly number[][];
  readonly probabilities: readonly number[][];
  readonly perClass: readonly RecordedClass[];
  readonly macro: Three;
  readonly micro: Three;
  readonly weighted: Three;
  readonly auroc: readonly (number | null)[];
  readonly averagePrecision: readonly (number | null)[];
  readonly exactMatch: number;
  readonly hamming: number;
  readonly odir: { readonly kappa: number; readonly f1: number; readonly auc: number; readonly final: number };
}

const file = join(import.meta.dirname, '../../fixtures/statistics/predictions.json');
export const recorded = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly single: readonly RecordedSingle[];
  readonly multi: readonly RecordedMulti[];
};
