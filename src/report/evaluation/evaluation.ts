// evaluation.json: how right each run is on labelled pictures, and how sure that is. Schema gradcam/evaluation@1. Numbers that
// do not exist are null.
import type { MapsEvaluation } from './maps.ts';
import type { ClassNumber, RunNumber } from '../../metrics/predictions/resampled.ts';
import type { ComparedNumber } from '../../metrics/predictions/pairs.ts';
import type { NumberTable } from './table.ts';

/** 95 %, by the bootstrap. */
export type IntervalEnds = readonly [number, number];

export interface EvaluationScores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface EvaluationClass extends EvaluationScores {
  readonly class: string;
  /** Pictures of the class. */
  readonly support: number;
  /** Pictures that the run takes for it. */
  readonly predicted: number;
  /** One class against the rest; null where the data has one side only, or the run has no such class. */
  readonly auroc: number | null;
  readonly averagePrecision: number | null;
  readonly intervals: Readonly<Partial<Record<ClassNumber, IntervalEnds>>>;
}

export interface EvaluationBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

/** One run. Precision, recall and F1 are plain means over the classes that occur (macro). */
export interface EvaluationRun extends EvaluationScores {
  /** Id. */
  readonly run: string;
  readonly name: string;
  readonly path: string;
  readonly format: string;
  readonly sha256: string;
  readonly loss: string | null;
  readonly seed: number | null;
  readonly synthetic: boolean;
  readonly logitScale: number;
  readonly assumed: readonly string[];
  readonly accuracy: number;
  /** Mean recall of the classes with pictures. */
  readonly balancedAccuracy: number;
  readonly weighted: EvaluationScores;
  /** From all answers together; null with one label a picture, where it is the accuracy. */
  readonly micro: EvaluationScores | null;
  /** Mean over classes. */
  readonly auroc: number | null;
  readonly averagePrecision: number | null;
  readonly kappa: number | null;
  /** Mean of -ln p of the true class, of softmax(logitScale * z). */
  readonly nll: number | null;
  readonly brier: number | null;
  /** Expected calibration error of the predicted class. */
  readonly ece: number | null;
  readonly calibration: {
    readonly mce: number;
    readonly overconfidence: number;
    readonly bins: readonly EvaluationBin[];
  } | null;
  /** ODIR-2019's score; null with one label a picture. */
  readonly odir: { readonly kappa: number; readonly f1: number; readonly auroc: number; readonly final: number } | null;
  readonly perClass: readonly EvaluationClass[];
  /** Row: true class, column: predicted one, in the order of `data.classes`; null with several labels a picture. */
  readonly confusion: readonly (readonly number[])[] | null;
  readonly intervals: Readonly<Partial<Record<RunNumber, IntervalEnds>>>;
}

export interface EvaluationDifference {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly p: number | null;
  readonly adjustedP: number | null;
}

export interface EvaluationPair {
  /** Ids of runs. */
  readonly first: string;
  readonly second: string;
  readonly mcnemar: {
    readonly onlyFirst: number;
    readonly onlySecond: number;
    readonly exactP: number;
    readonly midP: number;
    readonly chiSquare: number;
    readonly chiSquareP: number;
    readonly adjustedP: number;
    readonly groupP: number | null;
  };
  /** First minus second; null without a bootstrap. */
  readonly differences: Readonly<Record<ComparedNumber, EvaluationDifference>> | null;
}

export interface EvaluationTests {
  readonly cochran: { readonly q: number; readonly df: number; readonly p: number } | null;
  readonly pairs: readonly EvaluationPair[];
}

export interface EvaluationSpread {
  readonly mean: number | null;
  readonly deviation: number | null;
  readonly values: readonly (number | null)[];
}

export interface EvaluationSeeds {
  readonly groups: readonly {
    readonly loss: string;
    readonly runs: readonly string[];
    readonly seeds: readonly (number | null)[];
    readonly numbers: Readonly<Record<ComparedNumber, EvaluationSpread>>;
  }[];
  /** Of macro F1. */
  readonly differences: readonly {
    readonly first: string;
    readonly second: string;
    readonly value: number;
    readonly deviation: number;
    readonly exceeds: boolean;
  }[];
}

export interface EvaluationData {
  readonly root: string;
  readonly dataset: string;
  readonly title: string;
  readonly synthetic: boolean;
  readonly multiLabel: boolean;
  readonly split: string;
  /** Why that split. */
  readonly splitWhy: string;
  readonly samples: number;
  /** Lesions or patients; null where the data names none. */
  readonly groups: number | null;
  readonly classes: readonly string[];
  /** Pictures of each class. */
  readonly counts: readonly number[];
  readonly licence: string | null;
  readonly citation: string | null;
}

/** More that was measured, as tables: `evaluate --maps` adds such sections. */
export interface EvaluationSection {
  readonly id: string;
  readonly title: string;
  /** Sentences under the title. */
  readonly notes: readonly string[];
  readonly tables: readonly NumberTable[];
}

/** What `evaluate` returns and writes as evaluation.json. Shares lie in 0..1; null where a number is not defined. */
export interface Evaluation {
  readonly schema: 'gradcam/evaluation@1';
  readonly tool: {
    readonly name: 'gradcam';
    readonly version: string;
    readonly libraries: Readonly<Record<string, string>>;
  };
  /** ISO 8601. */
  readonly created: string;
  /** The command line that makes this evaluation again, quoted for a shell. */
  readonly command: string;
  readonly options: {
    readonly bootstrap: number;
    readonly interval: 'percentile' | 'bca';
    readonly level: number;
    readonly seed: number;
    readonly batch: number;
    readonly threads: number | null;
    readonly engine: string;
  };
  readonly data: EvaluationData;
  readonly runs: readonly EvaluationRun[];
  /** null with one run. */
  readonly tests: EvaluationTests | null;
  /** null where no loss has several runs. */
  readonly seeds: EvaluationSeeds | null;
  /** null where no maps were measured. */
  readonly maps: MapsEvaluation | null;
  readonly sections: readonly EvaluationSection[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
  readonly timings: { readonly totalMs: number; readonly inferenceMs: number };
}
