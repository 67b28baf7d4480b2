// `maps` of evaluation.json: what `evaluate --maps` measured of the maps of every run.
import type { SanityResult } from '../../metrics/maps/sanity.ts';
import type { TestedMaps } from '../../metrics/maps/tests.ts';

export interface MapsEvaluation extends TestedMaps {
  /** What was explained: a policy, or a class. */
  readonly target: string;
  readonly methods: readonly string[];
  /** Ids of the metrics, in the order of docs/metrics.md. */
  readonly metrics: readonly string[];
  /** Pictures measured. */
  readonly samples: number;
  /** Pictures that the evaluation has. */
  readonly of: number;
  /** What the maps were taken at, [height, width, channels]. */
  readonly layers: readonly {
    readonly run: string;
    readonly layer: string;
    readonly shape: readonly [number, number, number];
  }[];
  readonly sanity: readonly SanityResult[] | null;
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}
