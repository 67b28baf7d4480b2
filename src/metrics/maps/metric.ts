// What every map metric says of itself, and what the four kinds measure. A metric is one file and one line in metrics.ts.
import type { Heatmap } from '../../image/picture.ts';
import type { Pair } from './pair.ts';
import type { Scene } from './scene.ts';
import type { Scored, Subject } from './subject.ts';

export interface MapMetricInfo {
  readonly id: string;
  readonly title: string;
  /** Where it was published. */
  readonly paper: string;
  /** In one line, with the symbols of docs/metrics.md. */
  readonly formula: string;
  /** Least and greatest value that it can take. */
  readonly range: readonly [number, number];
  /** Which way is better for a map; `neither` where a number describes and does not judge. */
  readonly better: 'higher' | 'lower' | 'neither';
}

/** Of a map against a mask: where the map is, not whether the model is right to look there. */
export interface LocalisationMetric extends MapMetricInfo {
  readonly kind: 'localisation';
  /** null: the map holds nothing to locate (no positive value). */
  measure(scene: Scene): number | null;
}

/** Of a map by itself, on its own cells. */
export interface ComplexityMetric extends MapMetricInfo {
  readonly kind: 'complexity';
  /** null: the map has no positive value. */
  measure(map: Heatmap): number | null;
}

/** Of two maps of one picture. */
export interface AgreementMetric extends MapMetricInfo {
  readonly kind: 'agreement';
  /** null: not defined for these two (a map that is zero or the same everywhere). */
  measure(pair: Pair): number | null;
}

/** A number, and the curve that it is the area of where there is one: [share of the pixels changed, probability]. */
export interface Measured {
  readonly value: number | null;
  readonly curve?: readonly (readonly [number, number])[];
}

/** Of a map against its model: what becomes of the score when the places that the map names are changed. */
export interface FaithfulnessMetric extends MapMetricInfo {
  readonly kind: 'faithfulness';
  /** Needs the map of each changed input too, not only its score. */
  readonly needsMaps?: boolean;
  /** The changed inputs to run through the model. Equal arrays (by identity) are run once for all metrics. */
  inputs(subject: Subject): readonly Float32Array[];
  /** `scored[i]` is what the model says to `inputs(subject)[i]`. */
  measure(subject: Subject, scored: readonly Scored[]): Measured;
}
